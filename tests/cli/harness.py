"""What the tests of the command line share: the program, scratch folders, tiny studies."""
import atexit
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ.get("KLBENCH", str(pathlib.Path(__file__).parents[2] / "build" / "klbench"))

TINY = """study: {name}
data: {{name: synthetic, train_size: {train_size}, valid_size: 16, test_size: 16, vocabulary_size: 20, min_length: 4, max_length: 6}}
model: {{embedding_dim: 4, hidden_dim: 8, latent_dim: 2}}
trainer: {{epochs: {epochs}, batch_size: 16, max_decays: 0, precision: f32}}
eval: {{nll_samples: 5}}
sweep:
  regularizer: {regularizers}
  seed: {{range: [0, {seeds}]}}
figures:
  - {{name: kl, kind: curve, metric: kl, split: valid}}
"""


class Result:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr


class CliTest(unittest.TestCase):
    """Each test works in a scratch folder of its own, with a cache of its own."""

    _trained = {}  # what `trained` has run: text of the study -> folder
    _undisturbed = {}  # what `undisturbed` has run: text of the study -> cell_files

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="klbench_cli_"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = dict(os.environ, XDG_CACHE_HOME=str(self.folder / "cache"))

    def klbench(self, *arguments, timeout=120, **options):
        process = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, env=self.environment, text=True,
                                 stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, errors="replace",
                                 **options)
        return Result(process)

    def start(self, *arguments):
        """The program in the background; ended with the test."""
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, env=self.environment, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def tiny_study(self, name="tiny", epochs=2, regularizers="[vae, bn_vae]", seeds=2, train_size=64, more=""):
        text = TINY.format(name=name, epochs=epochs, regularizers=regularizers, seeds=seeds, train_size=train_size)
        return self.write(name + ".yaml", text + more)

    def succeeds(self, *arguments, **options):
        result = self.klbench(*arguments, **options)
        self.assertEqual(result.code, 0, result.err)
        return result

    def trained(self, study):
        """Runs a study, or has the results of one of the same text that this process has run before."""
        known = CliTest._trained.get(study.read_text())
        if known is None:
            self.succeeds("run", study)
            known = pathlib.Path(tempfile.mkdtemp(prefix="klbench_trained_"))
            atexit.register(shutil.rmtree, known, ignore_errors=True)
            CliTest._trained[study.read_text()] = known
            shutil.copytree(self.folder, known, dirs_exist_ok=True)
            (known / "from").write_text(str(self.folder))
            return
        shutil.copytree(known / "results", self.folder / "results")
        for plan in (self.folder / "results").glob("*/plan.json"):
            plan.write_text(plan.read_text().replace((known / "from").read_text(), str(self.folder)))

    def undisturbed(self, study, *arguments):
        """The cell_files of a local run without interruption, which this process makes once for a study of that text."""
        text = study.read_text()
        if text not in CliTest._undisturbed:
            self.succeeds("run", study, "--results", "undisturbed", *arguments)
            CliTest._undisturbed[text] = self.cell_files(study.stem, "undisturbed")
        return CliTest._undisturbed[text]

    def refused(self, *arguments, code=2):
        """The command fails with `code` and one line on standard error, which is returned."""
        result = self.klbench(*arguments)
        self.assertEqual(result.code, code, result.err)
        self.assertEqual(result.out, "")
        self.assertRegex(result.err, r"\Aklbench: [^\n]+\n\Z")
        return result.err

    def cell_files(self, study="tiny", results="results"):
        """id -> hash of every published cell."""
        folder = self.folder / results / study
        return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.h5"))}

    def wait_until(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        self.fail("waited in vain")

    def workers_of(self, process):
        """Process ids of the worker processes of a running driver."""
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        try:
            return [int(pid) for pid in children.read_text().split()]
        except FileNotFoundError:
            return []


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()


__all__ = ["CliTest", "PROGRAM", "alive", "signal", "subprocess", "time", "unittest", "os", "pathlib"]
