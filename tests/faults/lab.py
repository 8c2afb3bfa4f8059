"""What the fault injections share: scratch studies, klbench under a fault, and what is counted of it."""
import dataclasses
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import threading

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
PROGRAM = os.environ.get("KLBENCH", str(BUILD / "klbench"))
SHIM = os.environ.get("KLBENCH_FAULT_SHIM", str(BUILD / "klbench_fault_shim.so"))
PLUGIN = os.environ.get("KLBENCH_FAILING_PLUGIN", str(BUILD / "failing_plugin.so"))

STUDY = """study: s
data:
  {{name: synthetic, train_size: 100, valid_size: 16, test_size: 16, vocabulary_size: 20, min_length: 4, max_length: 6}}
model: {{embedding_dim: {width}, hidden_dim: {width}, latent_dim: 2}}
trainer: {{epochs: {epochs}, batch_size: 16, max_decays: 0, precision: f32}}
eval: {{nll_samples: 5}}
sweep:
  regularizer: {regularizers}
  seed: {seeds}
"""

STUDY_ARGUMENTS = ["s.yaml", "--results", "data/results"]
CRASH = re.compile(r"SIG(SEGV|BUS|ABRT|FPE|ILL)|terminate called|crashed")


@dataclasses.dataclass
class Tally:
    """One row of the table; the columns but the first count what must not happen."""
    injected: int = 0
    lost_epochs: int = 0
    partial_files: int = 0
    different_files: int = 0
    crashes: int = 0
    hangs: int = 0
    notes: list = dataclasses.field(default_factory=list)  # every other promise that was broken, and where

    def add(self, other):
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def numbers(self):
        return [self.injected, self.lost_epochs, self.partial_files, self.different_files, self.crashes, self.hangs]

    def good(self):
        return not any(self.numbers()[1:]) and not self.notes

    def expect(self, condition, note):
        if not condition:
            self.notes.append(note)


@dataclasses.dataclass
class Fault:
    """A setting of shim.c."""
    kind: str
    command: str = ""
    at: int = 0
    error: int = 0
    log: str = ""

    def environment(self, folder):
        return {"LD_PRELOAD": SHIM, "KLBENCH_FAULT": self.kind, "KLBENCH_FAULT_FOLDER": str(folder),
                "KLBENCH_FAULT_COMMAND": self.command, "KLBENCH_FAULT_AT": str(self.at),
                "KLBENCH_FAULT_ERRNO": str(self.error), "KLBENCH_FAULT_LOG": self.log}

    def __str__(self):
        return f"{self.kind} {os.strerror(self.error) + ' ' if self.error else ''}at call {self.at} of {self.command}"


@dataclasses.dataclass
class Result:
    code: int
    text: str


def study_text(epochs=3, regularizers="[bn_vae]", seeds="{range: [0, 1]}", more="", width=6):
    return STUDY.format(epochs=epochs, regularizers=regularizers, seeds=seeds, width=width) + more


class Scratch:
    """A folder with a study s.yaml, its results and its cache, which the faults hit, and a tally of what they did."""

    def __init__(self, text, copy_of=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="klbench_faults_"))
        self.data = self.folder / "data"  # results and cache: what the shim watches
        self.cells = self.data / "results" / "s"
        self.tally = Tally()
        if copy_of:
            shutil.copytree(copy_of.data, self.data)
        else:
            (self.data / "results").mkdir(parents=True)
            (self.data / "cache").mkdir()
        (self.folder / "s.yaml").write_text(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, fault=None):
        environment = dict(os.environ, XDG_CACHE_HOME=str(self.data / "cache"), OMP_NUM_THREADS="1",
                           OPENBLAS_NUM_THREADS="1")
        return dict(environment, **fault.environment(self.data)) if fault else environment

    def start(self, command, *more, fault=None, under=()):
        """`under`: a program and its arguments that start klbench."""
        arguments = [*under, PROGRAM, command, *map(str, more)]
        return subprocess.Popen(arguments, cwd=self.folder, env=self.environment(fault), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                errors="replace")

    def end(self, process, fault=None, timeout=120):
        """Its result; a hang, and a signal other than the shim's own, are counted."""
        try:
            text, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            text, _ = process.communicate()
            self.tally.hangs += 1
            self.tally.notes.append(f"{process.args[1]} hangs: {fault}")
            return Result(process.returncode, text)
        killed = fault is not None and fault.kind in ("kill", "tear") and process.returncode == -signal.SIGKILL
        if (process.returncode not in (0, 1, 2, 3, 4) and not killed) or CRASH.search(text):
            self.tally.crashes += 1
            self.tally.notes.append(f"{process.args[1]} crashes, {process.returncode}: {fault}: {text[-500:]}")
        return Result(process.returncode, text)

    def klbench(self, command, *more, fault=None, timeout=120):
        return self.end(self.start(command, *more, fault=fault), fault, timeout)

    def study(self, command, *more, fault=None, timeout=120):
        """run (one worker, so that calls come in one order), status or verify of the study."""
        if command == "run" and "--workers" not in more:
            more = ("--workers", "1", *more)
        return self.klbench(command, *STUDY_ARGUMENTS, *more, fault=fault, timeout=timeout)

    def cell(self, cell, fault=None):
        """The worker process of a cell alone; its configuration must be there."""
        return self.klbench("cell", "--config", self.cells / f"{cell}.config.yaml", "--id", cell, "--folder",
                            self.cells, fault=fault)

    def published(self):
        return {path.stem: path.read_bytes() for path in self.cells.glob("*.h5")}

    def check_published(self, reference, where):
        """What is published is whole: the very bytes of the undisturbed run."""
        for cell, data in self.published().items():
            if data != reference[cell]:
                self.tally.partial_files += 1
                self.tally.notes.append(f"{where}: {cell}.h5 is not whole")

    def journals(self):
        return {path.stem: journal_records(path.read_bytes()) for path in self.cells.glob("*.journal")}

    def recover(self, reference, where, *more, acknowledged=None, verify=False):
        """A run without fault ends with all the cells of the reference, from the epochs that were acknowledged on."""
        acknowledged = self.journals() if acknowledged is None else acknowledged
        before = self.published()
        sizes = {path.stem: path.stat().st_size for path in self.cells.glob("*.log")}
        self.check_published(reference, where)
        result = self.study("run", *more, timeout=600)
        self.tally.expect(result.code == 0, f"{where}: run ends with {result.code}: {result.text[-600:]}")
        for cell, epochs in acknowledged.items():
            if cell not in before:
                self.count_lost(cell, epochs, sizes.get(cell, 0), where)
        self.check_final(reference, where, verify)

    def count_lost(self, cell, epochs, log_offset, where):
        """The first attempt behind an offset of the log goes on from at least `epochs` epochs."""
        path = self.cells / f"{cell}.log"
        log = path.read_bytes()[log_offset:].decode(errors="replace") if path.exists() else ""
        resumed = re.search(r"resumed after (\d+) epochs", log)
        lost = max(0, epochs - (int(resumed[1]) if resumed else 0))
        self.tally.lost_epochs += lost
        self.tally.expect(lost == 0, f"{where}: {lost} of {epochs} acknowledged epochs of {cell} lost")

    def check_final(self, reference, where, verify=True):
        final = self.published()
        for cell, data in reference.items():
            if final.get(cell) != data:
                self.tally.different_files += 1
                self.tally.notes.append(f"{where}: {cell} {'differs' if cell in final else 'is missing'}")
        left = [path.name for path in self.cells.glob("*.tmp.*")]
        self.tally.expect(not left, f"{where}: left behind {left}")
        if not verify:
            return
        verified = self.study("verify")
        self.tally.expect(verified.code == 0, f"{where}: {verified.text[-300:]}")


def journal_records(data):
    """Whole records in a journal: frames of length (4 bytes), checksum (8 bytes) and payload behind the first."""
    frames, at = 0, 0
    while len(data) - at >= 12:
        at += 12 + struct.unpack_from("<I", data, at)[0]
        frames += at <= len(data)
    return max(0, frames - 1)


_references = {}
_lock = threading.Lock()


def undisturbed(text, *more):
    """A finished study (a Scratch that stays) and its cells, id -> bytes; computed once."""
    with _lock:
        if text not in _references:
            scratch = Scratch(text)
            result = scratch.study("run", *more, timeout=600)
            if result.code != 0:
                raise SystemExit(f"the undisturbed run fails: {result.text}")
            _references[text] = scratch, scratch.published()
        return _references[text]


def forget_references():
    for scratch, _ in _references.values():
        shutil.rmtree(scratch.folder, ignore_errors=True)


def trace(text, command):
    """The calls that a command makes on the data of a new study: [(call, path)]."""
    with Scratch(text) as scratch:
        log = scratch.folder / "calls"
        scratch.study("run", fault=Fault("log", command, log=str(log)))
        return [(call, path) for call, path, _, _ in read_log(log)]


def read_log(path):
    """The calls in a log of shim.c: (call, path, path or offset, data)."""
    data = path.read_bytes()
    calls, at = [], 0
    while at < len(data):
        end = data.index(b"\n", at)
        call, name, other, size = data[at:end].decode().split("\t")
        at = end + 1 + int(size)
        calls.append((call, name, other, data[end + 1:at]))
    return calls


def random_of(name):
    return random.Random(f"klbench {name}")


def workers_of(pid):
    """(process id, cell) of the worker processes of a driver."""
    found = []
    try:
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            arguments = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"--id" in arguments:
                found.append((int(child), arguments[arguments.index(b"--id") + 1].decode()))
    except FileNotFoundError:
        pass
    return found
