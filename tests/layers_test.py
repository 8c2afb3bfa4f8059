#!/usr/bin/env python3
"""Includes point down only: a file of src/<layer>/ uses its own layer and those below it, and the layers marked
torch-free never include torch. Prints every arrow that breaks the rule; exit code 1 when there is one."""
import pathlib
import re
import sys

BELOW = {
    "core": [],
    "config": ["core"],
    "storage": ["config"],
    "data": ["config"],
    "latent": ["config"],
    "regularizers": ["latent"],
    "models": ["data", "regularizers"],
    "metrics": ["models"],
    "training": ["metrics", "storage"],
    "launch": ["storage"],
    "sweep": ["launch", "data"],
    "statistics": ["core"],
    "plotting": ["storage", "statistics"],
    "cli": ["sweep", "plotting"],
    "engine": ["training", "sweep", "plotting"],
}
TORCH_FREE = {"core", "config", "storage", "data", "launch", "sweep", "statistics", "plotting", "cli"}


def closure(layer):
    layers = {layer}
    for below in BELOW[layer]:
        layers |= closure(below)
    return layers


def main():
    source = pathlib.Path(__file__).resolve().parent.parent / "src"
    problems, checked = [], 0
    for path in sorted(source.glob("*/**/*")):
        if path.suffix not in (".cpp", ".h"):
            continue
        layer = path.relative_to(source).parts[0]
        head = path.read_text().split("\nnamespace ")[0]  # templates of sources have includes, too
        for name in re.findall(r'^#include ["<]([^">]+)[">]', head, re.M):
            checked += 1
            target = name.split("/")[0]
            if target in BELOW and target not in closure(layer):
                problems.append(f"{path}: {layer} must not include {name}")
            if layer in TORCH_FREE and target in ("torch", "ATen", "c10"):
                problems.append(f"{path}: {layer} must not include torch")
    print("\n".join(problems) or f"{checked} includes point down")
    return 1 if problems or checked < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
