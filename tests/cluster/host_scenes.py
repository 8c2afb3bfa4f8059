"""What happens to a study in a folder that two hosts share."""
import collections
import errno
import os
import pathlib
import re
import signal
import subprocess
import time

from hosts import LOCK_SECONDS, PROGRAM, Host, Queue, wait_until

STUDY = """study: s
data: {{name: synthetic, train_size: {size}, valid_size: 16, test_size: 16, vocabulary_size: 20, min_length: 4, max_length: 6}}
model: {{embedding_dim: 8, hidden_dim: 8, latent_dim: 2}}
trainer: {{epochs: {epochs}, batch_size: 16, max_decays: 0, precision: f32}}
eval: {{nll_samples: 5}}
sweep:
  regularizer: [vae, bn_vae]
  seed: {{range: [0, {seeds}]}}
"""
SHORT, LONG = 2, 150  # epochs


class Pair:
    """Two hosts, a and b, whose clocks are twenty minutes apart, and a study in the folder that they share; `expected`
    are the bytes of its cells after a run of one host."""
    reference = {}

    def __init__(self, folder, epochs, seeds=1, names=("a", "b"), flock=0, late=0):
        scratch = pathlib.Path(folder)
        self.folder = scratch / "shared"
        self.folder.mkdir(parents=True)
        text = STUDY.format(epochs=epochs, seeds=seeds, size=60)
        self.cells = 2 * seeds
        (self.folder / "s.yaml").write_text(text)
        self.expected = self._expected(text, scratch)
        self.a = Host(names[0], 1, scratch, self.folder, 600, flock, late)
        self.b = Host(names[1], 2, scratch, self.folder, -600, flock, late)
        self.hosts = [self.a, self.b]
        self.queue = None
        self.times = 1  # that each cell is to be published

    def _expected(self, text, scratch):
        if text not in self.reference:
            alone = scratch / "alone"
            alone.mkdir()
            (alone / "s.yaml").write_text(text)
            subprocess.run([PROGRAM, "run", "s.yaml", "-q"], cwd=alone, check=True, capture_output=True,
                           env=dict(os.environ, HOME=str(alone), XDG_CACHE_HOME=str(alone / "cache")))
            self.reference[text] = self.bytes_of(alone)
        return self.reference[text]

    @staticmethod
    def bytes_of(folder):
        return {path.stem: path.read_bytes() for path in (folder / "results/s").glob("*.h5")}

    def files(self, pattern):
        return sorted((self.folder / "results/s").glob(pattern))

    def wait_checkpoint(self):
        wait_until(lambda: self.files("*.checkpoint"), 60, "a checkpoint")

    def start_queue(self, hosts):
        self.queue = Queue(self.folder.parent / "spool", hosts)
        study = self.folder / "s.yaml"
        study.write_text(study.read_text() + f"launcher: {self.queue.launcher()}\n")

    def finish(self, host, *more):
        code, out = host.run("run", "s.yaml", *more)
        assert code == 0, out
        return out

    def doubled(self):
        manifest = (self.folder / "results/s/manifest.tsv").read_text()
        published = collections.Counter(line.split("\t")[0] for line in manifest.splitlines())
        return sum(published[cell] > self.times for cell in self.expected)

    def count(self):
        """lost, doubled, different"""
        found = self.bytes_of(self.folder)
        return (len(set(self.expected) - set(found)), self.doubled(),
                sum(found[cell] != self.expected.get(cell) for cell in found))

    def end(self):
        for host in self.hosts:
            host.die()
        if self.queue:
            self.queue.end()


def both_at_once(pair):
    """One of the drivers has the study, the other learns who."""
    drivers = [host.klbench("run", "s.yaml") for host in pair.hosts]
    outs = [driver.communicate(timeout=120)[0] for driver in drivers]
    codes = [driver.returncode for driver in drivers]
    assert sorted(codes) == [0, 1], "\n".join(outs)
    assert re.search(r"lock: locked by process \d+ on ", outs[codes.index(1)]), outs[codes.index(1)]


def of_one_name(pair):
    """A host that is called as we are, and has none of our processes, is another one."""
    driver = pair.a.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    code, out = pair.b.run("run", "s.yaml")
    assert code == 1 and "lock: locked by process" in out, out
    out, _ = driver.communicate(timeout=120)
    assert driver.returncode == 0, out


def driver_killed(pair):
    driver = pair.a.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    Host.signal(driver, signal.SIGKILL)
    driver.communicate()
    pair.finish(pair.b)


def host_lost(pair):
    driver = pair.a.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    pair.a.die()
    driver.communicate()
    out = pair.finish(pair.b)
    assert "resumed after" in out, out


def driver_paused(pair):
    """A host that stops for longer than the other one waits finds out that it has lost the study."""
    driver = pair.a.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    Host.signal(driver, signal.SIGSTOP, with_children=True)
    other = pair.b.klbench("run", "s.yaml")
    wait_until(lambda: "on b since" in "".join(path.read_text() for path in pair.files("*.lock.held")), 60,
               "a cell of the other host")
    Host.signal(driver, signal.SIGCONT, with_children=True)
    out, _ = driver.communicate(timeout=10)
    assert driver.returncode == 1 and "taken over by process" in out, out
    out, _ = other.communicate(timeout=120)
    assert other.returncode == 0, out


def looked_at(pair):
    """What the other host is asked during a run disturbs nothing."""
    driver = pair.a.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    time.sleep(LOCK_SECONDS)
    code, out = pair.b.run("status", "s")
    assert code == 0 and "running" in out, out
    cell = re.search(r"running +([0-9a-f]{16})", out)[1]
    code, out = pair.b.run("logs", "s", cell)
    assert code == 0 and "attempt 1" in out, out
    code, out = pair.b.run("cancel", "s.yaml")
    assert code == 2 and "no jobs to cancel" in out, out
    for more in ([], ["--delete"]):
        code, out = pair.b.run("gc", "s", *more)
        assert code == 1 and "a run is going on" in out, out
    out, _ = driver.communicate(timeout=120)
    assert driver.returncode == 0, out


def seen_late(pair):
    """The other host asks while cells are missing, and runs and collects right after they are there."""
    driver = pair.a.klbench("run", "s.yaml")
    while driver.poll() is None:
        assert pair.b.run("status", "s.yaml")[0] == 0
    assert driver.returncode == 0, driver.communicate()[0]
    code, out = pair.b.run("status", "s.yaml")
    assert f"{pair.cells} done" in out, out
    code, out = pair.b.run("collect", "s.yaml")
    assert code == 0 and "not there" not in out, out
    out = pair.finish(pair.b)
    assert "(0 new)" in out, out
    code, out = pair.a.run("verify", "s.yaml")
    assert code == 0, out


def tasks_on_both(pair):
    """A batch system; the driver is on one of the hosts, and looks while files appear."""
    pair.start_queue(pair.hosts)
    pair.finish(pair.b)


def trained_again_elsewhere(pair):
    """Cells that stand there already are trained once more, by tasks that see other inode numbers."""
    pair.start_queue([pair.a])
    pair.finish(pair.b)
    before = {path: path.stat().st_mtime_ns for path in pair.files("*.h5")}
    out = pair.finish(pair.b, "--retrain")
    assert f"({pair.cells} new)" in out, out
    assert all(path.stat().st_mtime_ns != time for path, time in before.items())
    pair.times = 2


def task_host_lost(pair):
    """With tasks at work; those start again on the other one, and wait until the lost ones' locks are silent."""
    pair.start_queue([pair.a])
    driver = pair.b.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    pair.queue.hosts = [pair.b]
    pair.a.die()
    out, _ = driver.communicate(timeout=120)
    assert driver.returncode == 0 and "submitted again" in out, out


def cancelled_elsewhere(pair):
    pair.start_queue([pair.a])
    driver = pair.b.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    code, out = pair.a.run("cancel", "s.yaml")
    assert code == 0, out
    out, _ = driver.communicate(timeout=60)
    assert driver.returncode == 1, out
    assert "interrupted" in pair.a.run("status", "s")[1]
    pair.finish(pair.a)


def driver_lost_with_tasks(pair):
    """The host of the driver dies; its tasks go on, and the other host takes them up."""
    pair.start_queue([pair.a])
    driver = pair.b.klbench("run", "s.yaml")
    pair.wait_checkpoint()
    pair.b.die()
    driver.communicate()
    pair.finish(pair.a)
    assert len(list((pair.folder / "results/s/jobs").iterdir())) == 1, "submitted twice"


# name: (what happens, options of the pair, in `make test`)
SCENES = {
    "hosts: at once": (both_at_once, dict(epochs=SHORT), True),
    "hosts: at once, no locks": (both_at_once, dict(epochs=SHORT, flock=errno.ENOLCK), False),
    "hosts: of one name": (of_one_name, dict(epochs=LONG, names=("a", "a"), flock=errno.ENOSYS), False),
    "hosts: driver killed": (driver_killed, dict(epochs=LONG, flock=errno.ENOLCK), False),
    "hosts: lost": (host_lost, dict(epochs=LONG), False),
    "hosts: lost, no locks": (host_lost, dict(epochs=LONG, flock=errno.ENOLCK), False),
    "hosts: paused": (driver_paused, dict(epochs=LONG), False),
    "hosts: looked at": (looked_at, dict(epochs=LONG), False),
    "hosts: seen late": (seen_late, dict(epochs=SHORT, late=10), False),
    "hosts: tasks": (tasks_on_both, dict(epochs=SHORT, seeds=2, late=3), False),
    "hosts: tasks again": (trained_again_elsewhere, dict(epochs=SHORT, late=3), False),
    "hosts: task's lost": (task_host_lost, dict(epochs=LONG, flock=errno.ENOLCK, late=3), False),
    "hosts: cancelled": (cancelled_elsewhere, dict(epochs=LONG, late=3), False),
    "hosts: driver's lost": (driver_lost_with_tasks, dict(epochs=LONG, late=3), False),
}
