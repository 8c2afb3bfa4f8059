#!/usr/bin/env python3
"""Follows a container file in a folder that stands for its root: copies what it copies from the source tree and prints the
commands that it runs, one a line. Both container files must say the same.

usage: container_steps.py ROOT"""
import pathlib
import re
import shutil
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1]


def docker():
    """(source, destination) of what is copied, commands, what `run` starts."""
    copied, commands, entry = [], [], None
    for line in (SOURCE / "cmake/containers/Dockerfile").read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *names, to = rest.split()
            copied += [(name, to + name if to.endswith("/") else to) for name in names]
        elif word == "RUN":
            commands.append(rest)
        elif word == "ENTRYPOINT":
            entry = re.fullmatch(r'\["(\w+)"\]', rest)[1]
    return copied, commands, entry


def apptainer():
    parts = re.split(r"(?m)^%(\w+)\n", (SOURCE / "cmake/containers/klbench.def").read_text())
    lines = {name: [line.strip() for line in body.splitlines() if line.strip()] for name, body in zip(parts[1::2], parts[2::2])}
    return ([tuple(line.split()) for line in lines["files"]], lines["post"],
            re.fullmatch(r'exec (\w+) "\$@"', *lines["runscript"])[1])


def main():
    if docker() != apptainer():
        sys.exit(f"the container files differ:\n{docker()}\n{apptainer()}")
    copied, commands, _ = docker()
    root = pathlib.Path(sys.argv[1])
    for name, to in copied:
        source, target = SOURCE / name, root / to.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copy(source, target)
    print("\n".join(commands))


if __name__ == "__main__":
    main()
