#!/usr/bin/env python3
"""The study files in results/, as git has them: sound, of studies in experiments/, all of them together under 20 MB.
Where no cell is missing, the figure that a README shows can be drawn, and a README's "mean +- deviation" and intervals
are what its commands print, also those of README.md and experiments/README.md. Usage: results_test.py KLBENCH"""
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


def unprinted(klbench, readme, *more):
    """What a page claims and neither its own `klbench show|compare results/...` commands nor `more` of them print."""
    text = re.sub(r"```.*?```", "", readme.read_text(), flags=re.DOTALL)
    code = [" ".join("".join(chunk).split()) for chunk in re.findall(r"`([^`]*)`|^    (.*)$", text, re.M)]
    commands = {command.strip().removeprefix("build/") for chunk in code for command in chunk.split("&&")}
    commands = [command for command in commands if re.match(r"klbench (show|compare) results/(?!my_study\.h5)", command)]
    commands += more
    text = " ".join(text.split())
    printed = ""
    for command in commands:
        done = subprocess.run([klbench, *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, text=True)
        printed += done.stdout
        if done.returncode:
            yield f"{command}: {done.stderr.strip()}"
    pairs = re.findall(rf"({NUMBER}) ± ({NUMBER})", printed)
    intervals = re.findall(rf"95% interval \[({NUMBER}), ({NUMBER})\]", printed)
    for claims, found in [(re.findall(rf"({NUMBER}) (?:\+-|±) ({NUMBER})", text), pairs),
                          (re.findall(rf"(?:95% interval|difference {NUMBER},) ({NUMBER}) to ({NUMBER})", text), intervals)]:
        for claim in claims:
            if not any(all(map(same, claim, one)) or all(map(same, claim[::-1], one)) for one in found):
                yield f"{readme.relative_to(ROOT)}: {claim[0]} and {claim[1]} are in the output of none of its commands"


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
    problems = [*unprinted(klbench, ROOT / "README.md"), *unprinted(klbench, ROOT / "experiments" / "README.md")]
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
            if not under_way:
                problems += unprinted(klbench, ROOT / "experiments" / path.stem / "README.md", f"klbench show {path}")
            figure = gallery.get(path.stem)
            if figure and not under_way and subprocess.run([klbench, "plot", path, "--figure", figure, "--format", "png", "--plots", plots],
                                         stdout=subprocess.DEVNULL).returncode:
                problems.append(f"{path.name}: {figure} cannot be drawn")
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main()
