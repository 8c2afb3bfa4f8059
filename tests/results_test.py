#!/usr/bin/env python3
"""The study files in results/, as git has them: sound, of studies in experiments/, all of them together under 20 MB.
Where no cell is missing, the figure that a README shows can be drawn, and a README's "mean +- deviation" and intervals
are what its commands print, also those of README.md and experiments/README.md. What else has a decimal point in a page of
experiments/ is printed by its commands, stands in its study.yaml, or in a paragraph "Not in the file: ..."; in a paragraph
of README.md's findings it is printed by the paragraph's own commands.
Usage: results_test.py KLBENCH"""
import csv
import functools
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


NUMBER = r"[-+]?\d+(?:\.\d+)?"


def same(claimed, printed):
    """A number of a README is a printed one to the digits that the README gives, with either sign (A - B, B - A)."""
    digits = len(claimed.partition(".")[2])
    more = len(printed.partition(".")[2])
    return abs(abs(float(claimed)) - abs(float(printed))) <= 0.5 * 10**-digits + 0.5 * 10**-more + 1e-9


@functools.cache
def output(klbench, command):
    return subprocess.run([klbench, *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, text=True)


def commands_of(text):
    """The commands of a page or paragraph that read study files of results/."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    code = [" ".join("".join(chunk).split()) for chunk in re.findall(r"`([^`]*)`|^    (\S.*)$", text, re.M)]
    commands = {command.strip().removeprefix("build/") for chunk in code for command in chunk.split("&&")}
    return [command for command in commands
            if re.match(r"klbench (show|compare|export) results/(?!my_study\.h5)", command)]


def unprinted(klbench, page, commands):
    """The means with deviations and the intervals that a page claims and none of `commands` prints."""
    text = " ".join(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL).split())
    printed = ""
    for command in commands:
        done = output(klbench, command)
        printed += done.stdout
        if done.returncode:
            yield f"{command}: {done.stderr.strip()}"
    pairs = re.findall(rf"({NUMBER}) ± ({NUMBER})", printed)
    intervals = re.findall(rf"95% interval \[({NUMBER}), ({NUMBER})\]", printed)
    for claims, found in [(re.findall(rf"({NUMBER}) (?:\+-|±) ({NUMBER})", text), pairs),
                          (re.findall(rf"(?:95% interval|difference {NUMBER},) ({NUMBER}) to ({NUMBER})", text), intervals)]:
        for claim in claims:
            if not any(all(map(same, claim, one)) or all(map(same, claim[::-1], one)) for one in found):
                yield f"{page.relative_to(ROOT)}: {claim[0]} and {claim[1]} are in the output of none of its commands"


def sourceless(page, sources, text=""):
    """The decimal numbers of the prose of a page, or of `text` in it, that stand in none of `sources`, texts."""
    text = re.sub(r"^Not in the file:.*?(?:\n\n|\Z)", "", text or page.read_text(), flags=re.DOTALL | re.M)
    prose = re.sub(r"```.*?```|`[^`]*`|^    .*?$|\]\([^)]*\)", "", text, flags=re.DOTALL | re.M)
    known = {number for source in sources for number in re.findall(r"\d*\.?\d+", source)}
    for claim in sorted(set(re.findall(r"(?<![\w.])\d+\.\d+", prose))):
        digits = len(claim.partition(".")[2])
        if not any(float(claim) == float(number) or (len(number.partition(".")[2]) >= digits and same(claim, number))
                   for number in known):
            yield f"{page.relative_to(ROOT)}: {claim} is neither printed by its commands nor in its study.yaml"


def estimators():
    """experiments/metric_validation's numbers: of each line also what the estimator says, truth + bias."""
    path = ROOT / "experiments" / "metric_validation" / "results.csv"
    rows = list(csv.DictReader(path.open()))
    return path.read_text() + " ".join(str(float(row["truth"]) + float(row["bias"])) for row in rows)


def main():
    klbench = sys.argv[1]
    git = shutil.which("git")
    tracked = git and subprocess.run([git, "ls-files", "results/*.h5"], cwd=ROOT, capture_output=True, text=True)
    files = [ROOT / line for line in tracked.stdout.splitlines()] if git else []
    if not files:
        print("no study file is tracked here (a copy, or no git?)")
        sys.exit(77)
    gallery = dict(pair.split(":") for pair in re.search(r"GALLERY :=((?:.*\\\n)*.*)", (ROOT / "Makefile").read_text())
                   .group(1).replace("\\", "").split())
    summary, validation = ROOT / "experiments" / "README.md", ROOT / "experiments" / "metric_validation" / "README.md"
    front = ROOT / "README.md"
    problems = [problem for page in (front, summary)
                for problem in unprinted(klbench, page, commands_of(page.read_text()))]
    for paragraph in re.search(r"^## What was found.*?^## ", front.read_text(), re.DOTALL | re.M).group().split("\n\n"):
        problems += sourceless(front, [output(klbench, one).stdout for one in commands_of(paragraph)], paragraph)
    problems += sourceless(validation, [estimators()])
    sources = []
    size = sum(path.stat().st_size for path in files)
    if size > 20e6:
        problems.append(f"results/*.h5 take {size} bytes")
    with tempfile.TemporaryDirectory() as plots:
        for path in files:
            if not (ROOT / "experiments" / path.stem / "study.yaml").is_file():
                problems.append(f"{path.name}: no study of experiments/")
            verified = subprocess.run([klbench, "verify", path], capture_output=True, text=True)
            *found, _ = (verified.stdout + verified.stderr).splitlines()
            under_way = [line for line in found if "are missing" in line]
            problems += [line for line in found if line not in under_way]
            page = ROOT / "experiments" / path.stem / "README.md"
            if not under_way:
                commands = [f"klbench show results/{path.name}", *commands_of(page.read_text())]
                own = [page.with_name("study.yaml").read_text(), *(output(klbench, one).stdout for one in commands)]
                problems += [*unprinted(klbench, page, commands), *sourceless(page, own)]
                sources += own
            figure = gallery.get(path.stem)
            if figure and not under_way and subprocess.run([klbench, "plot", path, "--figure", figure, "--format", "png", "--plots", plots],
                                         stdout=subprocess.DEVNULL).returncode:
                problems.append(f"{path.name}: {figure} cannot be drawn")
    problems += sourceless(summary, sources)
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main()
