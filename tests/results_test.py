#!/usr/bin/env python3
"""The study files in results/, as git has them: whole, of studies in experiments/ and with every figure that a README
shows; all of them together under 20 MB. Usage: results_test.py KLBENCH"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    klbench = sys.argv[1]
    tracked = subprocess.run(["git", "ls-files", "results/*.h5"], cwd=ROOT, capture_output=True, text=True)
    files = [ROOT / line for line in tracked.stdout.splitlines()]
    if not files:
        print("no study file is tracked here (a copy without git?)")
        sys.exit(77)
    gallery = dict(pair.split(":") for pair in re.search(r"GALLERY :=((?:.*\\\n)*.*)", (ROOT / "Makefile").read_text())
                   .group(1).replace("\\", "").split())
    problems = []
    size = sum(path.stat().st_size for path in files)
    if size > 20e6:
        problems.append(f"results/*.h5 take {size} bytes")
    with tempfile.TemporaryDirectory() as plots:
        for path in files:
            if not (ROOT / "experiments" / path.stem / "study.yaml").is_file():
                problems.append(f"{path.name}: no study of experiments/")
            verified = subprocess.run([klbench, "verify", path], capture_output=True, text=True)
            *found, _ = (verified.stdout + verified.stderr).splitlines()
            problems += [line for line in found if "are missing" not in line]  # a study may be under way
            figure = gallery.get(path.stem)
            if figure and subprocess.run([klbench, "plot", path, "--figure", figure, "--format", "png", "--plots", plots],
                                         stdout=subprocess.DEVNULL).returncode:
                problems.append(f"{path.name}: {figure} cannot be drawn")
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main()
