#!/usr/bin/env python3
"""Runs what README.md shows, in a scratch folder that sees the project's build, configs and experiments: its study is
written to the file its first line names, every `build/klbench` line and every python block must succeed, and the files
the text promises must be there. Usage: readme_test.py KLBENCH"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(arguments, folder):
    print("$", " ".join(arguments), flush=True)
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main():
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```(\w+)\n(.*?)```", text, re.S)
    kinds = [kind for kind, _ in blocks]
    if kinds.count("sh") < 4 or "yaml" not in kinds or "python" not in kinds:
        sys.exit("README.md lost its examples")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ["XDG_CACHE_HOME"] = name
        for part in ("configs", "experiments"):
            (folder / part).symlink_to(ROOT / part)
        os.environ["XDG_CONFIG_HOME"] = name
        (folder / "klbench").mkdir()
        (folder / "build").mkdir()
        (folder / "build" / "klbench").symlink_to(sys.argv[1])
        for kind, body in blocks:
            if kind == "yaml":
                file = re.match(r"# (\S+)\n", body).group(1)
                (folder / ("klbench" if file == "launchers.yaml" else ".") / file).write_text(body)
            elif kind == "python":
                out = run(["/usr/bin/python3", "-c", body], folder)
                if out.count("nats per example") != 12:
                    sys.exit(f"the python example should print 12 cells:\n{out}")
            elif kind == "sh":
                for line in body.splitlines():
                    run(shlex.split(line, comments=True), folder)
        for image in re.findall(r"\]\(([^)]+\.png)\)", text):
            if not (ROOT / image).is_file():
                sys.exit(f"README.md shows {image}, which is not there")
        for path in ("plots/my_study/kl.png", "plots/my_study/kl.pdf", "plots/my_study/kl.gp",
                     "plots/my_study/kl.txt", "plots/my_study/plane.pdf", "results/my_study.h5"):
            if not (folder / path).is_file():
                sys.exit(f"{path} was not made")
    print("README.md does what it says")


if __name__ == "__main__":
    main()
