"""Damaged files: bit flips, truncations and garbage in everything that klbench reads back."""
import re

from lab import Fault, Scratch, study_text, undisturbed

JSON_GARBAGE = [b"", b"{", b"[]", b"null", b'{"attempts": "x", "train_seconds": [], "train_tokens": {}, "started": 1}',
                b'{"state": "failed", "reason": 7, "attempts": [], "log": {}}', b'{"cells": [1], "study": {}}',
                b"[" * 100000, b'{"a": "\xff\xfe"}']


def damaged(data, random):
    """Never the same bytes."""
    kind = random.choice(["flip", "flip", "flips", "cut", "garbage", "stretch", "empty", "longer", "zeros"])
    out = bytearray(data)
    if kind in ("flip", "flips"):
        for _ in range(1 if kind == "flip" else random.randint(2, 40)):
            if out:
                out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    elif kind == "cut":
        del out[random.randrange(len(out) + 1):]
    elif kind == "garbage":
        out = bytearray(random.randbytes(random.choice([1, 7, 100, 5000])))
    elif kind in ("stretch", "zeros") and out:
        begin = random.randrange(len(out))
        size = min(len(out) - begin, random.randint(1, 600))
        out[begin:begin + size] = random.randbytes(size) if kind == "stretch" else bytes(size)
    elif kind == "empty":
        out = bytearray()
    elif kind == "longer":
        out += random.randbytes(random.randint(1, 300))
    return bytes(out) if bytes(out) != data else data + b"\0"


def damage_file(path, random):
    data = path.read_bytes() if path.exists() else b""
    text = path.suffix in (".json", ".tsv", ".yaml")
    path.write_bytes(random.choice(JSON_GARBAGE) if text and random.random() < 0.3 else damaged(data, random))


def verified_cells(count, random):
    """Damaged copies of cell and study files: verify must see every one."""
    finished, _ = undisturbed(study_text())
    originals = [path.read_bytes() for path in [*finished.cells.glob("*.h5"), finished.cells.parent / "s.h5"]]
    with Scratch("") as scratch:
        for number in range(count):
            (scratch.folder / f"{number}.h5").write_bytes(damaged(random.choice(originals), random))
        for begin in range(0, count, 200):
            names = [f"{number}.h5" for number in range(begin, min(count, begin + 200))]
            scratch.tally.injected += len(names)
            result = scratch.klbench("verify", *names, timeout=300)
            unseen = [name for name in names if not re.search(rf"(?m)^{name}: [1-9]\d* problems?$", result.text)]
            scratch.tally.different_files += len(unseen)
            scratch.tally.expect(not unseen, f"verify does not see the damage of {unseen[:5]}: {result.text[-300:]}")
        return scratch.tally


def damaged_study(text, template, reference, random, victims, where):
    """status, verify and run of a study with some files damaged; run ends with the cells of the reference.
    `victims`: from a Scratch the paths to damage."""
    with Scratch(text, copy_of=template) as scratch:
        for path in victims(scratch):
            damage_file(path, random)
            scratch.tally.injected += 1
        status = scratch.study("status")
        scratch.tally.expect(status.code == 0, f"{where}: status: {status.text[-300:]}")
        scratch.study("verify", timeout=300)
        result = scratch.study("run", "--workers", "2", timeout=600)
        scratch.tally.expect(result.code == 0, f"{where}: run ends with {result.code}: {result.text[-600:]}")
        scratch.check_final(reference, where)
        return scratch.tally


def interrupted_study(text, at_call):
    """A study all of whose cells were killed at the same call."""
    scratch = Scratch(text)
    scratch.study("run", "--workers", "2", fault=Fault("kill", "cell", at_call), timeout=600)
    return scratch


def running_files(scratch, random):
    """The journal or checkpoint (or both) of every cell, one more file of most, and the cache."""
    for config in sorted(scratch.cells.glob("*.config.yaml")):
        base = str(config)[:-len(".config.yaml")]
        suffixes = random.choice([[".journal"], [".checkpoint"], [".journal", ".checkpoint"]])
        suffixes += random.choice([[], [".outcome.json"], [".run.json"], [".attempt"], [".config.yaml"], [".lock"]])
        yield from (config.with_name(base.rsplit("/", 1)[1] + suffix) for suffix in suffixes)
    yield from (scratch.data / "cache").rglob("*.bin")


def finished_files(scratch, random):
    """Every cell and the study's file."""
    return [*sorted(scratch.cells.glob("*.h5")), scratch.cells.parent / "s.h5"]


def study_files(scratch, random):
    """The manifest, and sometimes what else belongs to the whole study."""
    names = ["manifest.tsv"] + random.choice([[], ["collected.tsv"], ["plan.json"], ["lock"]])
    return [scratch.cells / name for name in names]


def trials(random_of, size, calls):
    """The functions to call, each of which returns a Tally. `size`: cells verified, and rounds of the other kinds with
    the number of seeds in their studies; `calls`: trace of a cell's calls, to interrupt it in the middle."""
    yield lambda: verified_cells(size["verified"], random_of("verified"))
    rounds = [("finished", finished_files), ("study", study_files), ("running", running_files)]
    checkpoints = [number + 1 for number, (call, path) in enumerate(calls)
                   if call == "rename" and ".checkpoint" in path]
    for name, victims in rounds:
        count, seeds = size[name]
        text = study_text(regularizers="[vae, bn_vae]", seeds=f"{{range: [0, {seeds}]}}")
        for number in range(count):
            def trial(name=name, victims=victims, text=text, number=number):
                random = random_of(f"{name} {number}")
                finished, reference = undisturbed(text, "--workers", "2")
                template = interrupted_study(text, random.choice(checkpoints)) if name == "running" else finished
                tally = damaged_study(text, template, reference, random, lambda scratch: list(victims(scratch, random)),
                                      f"damaged files of a {name} study, round {number}")
                if template is not finished:
                    tally.add(template.tally)
                    with template:
                        pass
                return tally
            yield trial
