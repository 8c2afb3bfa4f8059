#!/usr/bin/env python3
"""klbench under the faults of a cluster: on hosts that share a folder (hosts.py), and on a real Slurm that this test
starts (slurm.py). Every cell once in the results, with the bytes of a local run. Prints a table and writes it (--out),
exit code 1 where a count is not 0; 77 where neither can be had.

    /usr/bin/python3 tests/cluster/cluster_test.py [--full] [--kind hosts|slurm] [--only NAME,...] [--out FILE.csv]
"""
import argparse
import collections
import csv
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import host_scenes
import hosts
from slurm import Slurm, why_not

PROGRAM = os.environ.get("KLBENCH", str(pathlib.Path(__file__).resolve().parents[2] / "build" / "klbench"))

STUDY = """study: s
data: {{name: synthetic, train_size: {size}, valid_size: 16, test_size: 16, vocabulary_size: 20, min_length: 4, max_length: 6}}
model: {{embedding_dim: 8, hidden_dim: 8, latent_dim: 2}}
trainer: {{epochs: {epochs}, batch_size: 16, max_decays: 0, precision: f32}}
eval: {{nll_samples: 5}}
launcher: {{name: slurm, poll_seconds: 1}}
sweep:
  regularizer: [vae, bn_vae]
  seed: {{range: [0, {seeds}]}}
"""


class Scene:
    """One scratch study; `expected` are the bytes of its cells after a local run."""

    def __init__(self, slurm, folder, epochs, seeds, size=60):
        self.slurm = slurm
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.cells = 2 * seeds
        (self.folder / "s.yaml").write_text(STUDY.format(epochs=epochs, seeds=seeds, size=size))
        self.environment = dict(slurm.environment, HOME=str(self.folder), XDG_CACHE_HOME=str(self.folder / "cache"))
        local = self.run("run", "s.yaml", "--launcher", "local", "--results", "local", "-q")
        assert local.returncode == 0, local.stderr
        self.expected = self.bytes_of("local")

    def run(self, *arguments, timeout=240, path=None):
        environment = dict(self.environment, PATH=f"{path}:{self.environment['PATH']}") if path else self.environment
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True,
                              timeout=timeout)

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def bytes_of(self, results):
        return {path.stem: path.read_bytes() for path in (self.folder / results / "s").glob("*.h5")}

    def running(self):
        return [key for key, state in self.slurm.jobs().items() if state == "RUNNING"]

    def cards_of_cells(self):
        """What the cells that run just now may see."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if f"\0{self.folder}/" in (process / "cmdline").read_text() and (
                        found := re.search(r"(?:^|\0)CUDA_VISIBLE_DEVICES=([^\0]*)", (process / "environ").read_text())):
                    if "\0cell\0" in (process / "cmdline").read_text():
                        yield found[1]
            except OSError:
                continue  # it has just ended

    def wait_running(self, cells=1):
        Slurm.wait_until(lambda: len(self.running()) >= cells, 60, "running tasks")

    def wait_epoch(self):
        """Until some cell has a checkpoint: then a stop has something to lose."""
        Slurm.wait_until(lambda: list((self.folder / "results/s").glob("*.checkpoint")), 60, "a checkpoint")

    def finish(self):
        end = self.run("run", "s.yaml", "-q")
        assert end.returncode == 0, end.stdout + end.stderr

    def count(self):
        """lost, doubled, different"""
        found = self.bytes_of("results")
        manifest = (self.folder / "results/s/manifest.tsv").read_text()
        published = collections.Counter(line.split("\t")[0] for line in manifest.splitlines())
        return (len(set(self.expected) - set(found)), sum(published[cell] > 1 for cell in self.expected),
                sum(found[cell] != self.expected[cell] for cell in found))


def undisturbed(scene):
    scene.finish()
    assert len(list((scene.folder / "results/s/jobs").iterdir())) == 1
    listed = scene.run("status", "s").stdout
    assert f"{scene.cells} cells, {scene.cells} done" in listed, listed


def detached(scene):
    out = scene.run("run", "s.yaml", "--detach")
    assert out.returncode == 0 and "go on in the batch system" in out.stderr, out.stdout + out.stderr
    scene.wait_running()
    listed = scene.run("status", "s").stdout
    assert "queued" in listed and "job " in listed, listed
    scene.finish()
    assert len(list((scene.folder / "results/s/jobs").iterdir())) == 1, "submitted twice"


def driver_killed(scene):
    driver = scene.start("run", "s.yaml")
    scene.wait_running()
    driver.kill()
    driver.wait()
    scene.finish()
    assert len(list((scene.folder / "results/s/jobs").iterdir())) == 1, "submitted twice"


def driver_killed_before_it_knew(scene):
    """Between the intent and the job's id."""
    driver = scene.start("run", "s.yaml")
    scene.wait_running()
    driver.kill()
    driver.wait()
    (job,) = (scene.folder / "results/s/jobs").glob("*/job")
    job.unlink()
    scene.finish()
    assert len(list((scene.folder / "results/s/jobs").iterdir())) == 1, "submitted twice"


def interrupted_driver(scene):
    driver = scene.start("run", "s.yaml")
    scene.wait_running()
    driver.send_signal(signal.SIGINT)
    out, _ = driver.communicate(timeout=30)
    assert driver.returncode == 130 and "go on in the batch system" in out, out
    scene.finish()


def cancelled(scene):
    driver = scene.start("run", "s.yaml")
    scene.wait_epoch()
    out = scene.run("cancel", "s.yaml")
    assert out.returncode == 0, out.stderr
    driver.communicate(timeout=60)
    assert driver.returncode == 1
    assert "interrupted" in scene.run("status", "s").stdout
    scene.finish()


def killed_by_scancel(scene):
    driver = scene.start("run", "s.yaml")
    scene.wait_epoch()
    for job, _ in scene.running():
        scene.slurm.ask("scancel", job)
    out, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0 and "submitted again" in out, out


def requeued(scene):
    driver = scene.start("run", "s.yaml")
    scene.wait_epoch()
    for job, task in scene.running():
        scene.slurm.ask("scontrol", "requeue", f"{job}_{task}")
    time.sleep(3)
    for job, task in scene.slurm.jobs():
        scene.slurm.ask("scontrol", "update", f"JobId={job}_{task}", "StartTime=now")
    out, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0, out


def preempted(scene):
    """USR1, as before a time limit: a checkpoint, and back into the queue by itself."""
    driver = scene.start("run", "s.yaml")
    scene.wait_epoch()
    for job, task in scene.running():
        scene.slurm.ask("scancel", "--batch", "--signal=USR1", f"{job}_{task}")
    time.sleep(4)
    for job, task in scene.slurm.jobs():
        scene.slurm.ask("scontrol", "update", f"JobId={job}_{task}", "StartTime=now")
    out, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0 and "submitted again" not in out, out
    assert began_again(scene), "no task began again"


def began_again(scene):
    started = [path.read_text().count("\n") for path in (scene.folder / "results/s/jobs").glob("*/*.started")]
    return max(started) > 1


def node_lost(scene):
    """A node stops answering while its program runs on: the task begins again beside it."""
    driver = scene.start("run", "s.yaml")
    scene.wait_epoch()
    scene.slurm.kill("slurmd-n1")
    subprocess.run(["pkill", "-KILL", "-f", "slurmstepd.*"], check=False)
    try:
        out, _ = driver.communicate(timeout=240)
    finally:
        scene.slurm.start_node("n1")
    assert driver.returncode == 0, out


def runs_twice(scene):
    """The array once more, on the other partition, beside the one that the driver submitted."""
    driver = scene.start("run", "s.yaml", "--launcher-option", "cells_per_task=1")
    scene.wait_epoch()
    (submission,) = (scene.folder / "results/s/jobs").iterdir()
    subprocess.run(["sbatch", "--partition=cards", f"--array=0-{scene.cells - 1}", f"--output={scene.folder}/%a.twice",
                    submission / "batch.sh"], env=scene.environment, check=True, stdout=subprocess.DEVNULL)
    Slurm.wait_until(lambda: len(scene.running()) > 2, 60, "both at once")
    out, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0, out
    Slurm.wait_until(lambda: not scene.slurm.jobs(), 120, "the end of the second array")


def worker_killed(scene):
    driver = scene.start("run", "s.yaml", "--retries", "2")
    scene.wait_epoch()
    subprocess.run(["pkill", "-KILL", "-f", f"klbench cell .*{scene.folder}/"], check=True)
    out, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0, out


def controller_down(scene):
    driver = scene.start("run", "s.yaml")
    scene.wait_running()
    scene.slurm.kill("slurmctld", signal.SIGTERM)  # killed, it may forget the newest ids, and nodes refuse them doubled
    time.sleep(65)
    scene.slurm.start_controller()
    out, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0, out


def full_queue(scene):
    """sbatch refuses three times with the words of a full queue: also a single task."""
    folder = scene.folder / "bin"
    folder.mkdir()
    (folder / "sbatch").write_text(
        "#!/bin/sh\n"
        f"if [ $(ls {folder} | wc -l) -lt 4 ]; then touch {folder}/$$; "
        "echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2; exit 1; fi\n"
        f"exec {shutil.which('sbatch')} \"$@\"\n")
    (folder / "sbatch").chmod(0o755)
    end = scene.run("run", "s.yaml", path=folder)
    assert end.returncode == 0 and "QOSMaxSubmit" in end.stdout + end.stderr, end.stdout + end.stderr


def small_queue(scene):
    """No more than three tasks are admitted, queued and running together, as MaxSubmitJobs counts them."""
    folder = scene.folder / "bin"
    folder.mkdir()
    (folder / "sbatch").write_text(
        "#!/bin/bash\n"
        "for flag in \"$@\"; do [[ $flag =~ ^--array=0-([0-9]+) ]] && tasks=$((BASH_REMATCH[1] + 1)); done\n"
        "if [ $(($(squeue -h -r -o %i | wc -l) + tasks)) -gt 3 ]; then echo 'sbatch: error: AssocMaxSubmitJobLimit\n"
        "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user'\"'\"'s "
        "size and/or time limits)' >&2; exit 1; fi\n"
        f"exec {shutil.which('sbatch')} \"$@\"\n")
    (folder / "sbatch").chmod(0o755)
    end = scene.run("run", "s.yaml", path=folder)
    assert end.returncode == 0 and "AssocMaxSubmitJobLimit" in end.stdout + end.stderr, end.stdout + end.stderr
    jobs = re.findall(r"submitted as job \d+: (\d+) tasks", end.stderr)
    assert 3 <= len(jobs) and sum(map(int, jobs)) == scene.cells, end.stderr


def cards(scene):
    """Each of two tasks at a time sees the one card that Slurm gave it."""
    driver = scene.start("run", "s.yaml", "--launcher-option", "partition=cards", "--launcher-option", "gpus=1",
                         "--launcher-option", "cells_per_task=1")
    seen = set()
    while driver.poll() is None:
        seen |= set(scene.cards_of_cells())
        time.sleep(0.2)
    assert driver.returncode == 0, driver.communicate()[0]
    assert seen == {"0", "1"}, seen


def time_limit(scene):
    """A minute a task, warned so early that the cells do not end before."""
    end = scene.run("run", "s.yaml", "--launcher-option", "time=1", "--launcher-option", "notice_seconds=50",
                    "--launcher-option", "cells_per_task=4", timeout=600)
    assert end.returncode == 0, end.stdout + end.stderr
    assert began_again(scene), "no task began again"


def refused(scene):
    """What will never be taken ends the run with Slurm's own words, and nothing is under way."""
    end = scene.run("run", "s.yaml", "--launcher-option", "partition=nowhere")
    assert end.returncode == 1 and "invalid partition" in end.stderr, end.stdout + end.stderr
    assert "queued" not in scene.run("status", "s").stdout
    scene.finish()


# name: (what happens, epochs, seeds; in `make test`)
SCENES = {"undisturbed": (undisturbed, 2, 3, True), "detached": (detached, 4, 4, False),
          "driver killed": (driver_killed, 6, 2, True), "job id unknown": (driver_killed_before_it_knew, 6, 3, False),
          "driver interrupted": (interrupted_driver, 6, 3, False), "cancelled": (cancelled, 60, 2, False),
          "scancel": (killed_by_scancel, 60, 2, False), "requeue": (requeued, 60, 2, False),
          "preempted": (preempted, 60, 1, True), "node lost": (node_lost, 150, 2, False),
          "runs twice": (runs_twice, 150, 2, False), "worker killed": (worker_killed, 60, 2, False),
          "controller down": (controller_down, 60, 2, False), "queue full": (full_queue, 2, 2, False),
          "queue too small": (small_queue, 2, 4, False), "cards": (cards, 60, 2, False),
          "time limit": (time_limit, 400, 2, False),
          "refused": (refused, 2, 1, True)}


class Table:
    def __init__(self):
        self.rows, self.good = [], True

    def play(self, name, make, happens, end=lambda scene: None):
        """One scene; `make` makes it."""
        start = time.monotonic()
        note = ""
        scene = make()
        try:
            happens(scene)
        except (AssertionError, TimeoutError, subprocess.TimeoutExpired) as error:
            note = f"{type(error).__name__}: {error}"
        finally:
            end(scene)
        there = (scene.folder / "results/s/manifest.tsv").exists()
        counts = scene.count() if there else (scene.cells, 0, 0)
        note = note[-2000:]
        self.rows.append([name, scene.cells, *counts])
        self.good = self.good and not note and not any(counts)
        print(f"{name:26} cells {scene.cells:3}  lost {counts[0]}  doubled {counts[1]}  different {counts[2]}"
              f"  {time.monotonic() - start:5.0f} s  {note}", flush=True)

    def write(self, path):
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows([["fault", "cells", "lost", "doubled", "different"], *self.rows])


def play_hosts(table, names, scratch):
    reason = hosts.why_not()
    for name in names:
        if reason:
            break
        happens, options, _ = host_scenes.SCENES[name]
        folder = scratch / re.sub(r"\W+", "_", name)
        table.play(name, lambda: host_scenes.Pair(folder, **options), happens, host_scenes.Pair.end)
    return reason


def play_slurm(table, names, scratch):
    if reason := why_not():
        return reason
    slurm = Slurm(scratch / "slurm")
    try:
        try:
            slurm.start()
        except (subprocess.SubprocessError, OSError, TimeoutError) as error:
            return f"Slurm does not start here: {error}"
        for name in names:
            happens, epochs, seeds, _ = SCENES[name]
            folder = scratch / name.replace(" ", "_")
            table.play(name, lambda: Scene(slurm, folder, epochs, seeds), happens)
    finally:
        slurm.stop()
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--kind", choices=["hosts", "slurm"])
    parser.add_argument("--only", default="")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="klbench_cluster_"))
    table = Table()
    reasons = []
    for kind, scenes, play in [("hosts", host_scenes.SCENES, play_hosts), ("slurm", SCENES, play_slurm)]:
        only = [name for name in arguments.only.split(",") if name]
        names = [name for name, scene in scenes.items() if (name in only if only else arguments.full or scene[-1])]
        if names and arguments.kind in (None, kind):
            reasons.append(play(table, names, scratch))
            if reasons[-1]:
                print(f"{kind} skipped: {reasons[-1]}")
    if table.good:
        shutil.rmtree(scratch, ignore_errors=True)
    else:
        print(f"left: {scratch}")
    if arguments.out:
        table.write(arguments.out)
    return 1 if not table.good else 77 if all(reasons) else 0


if __name__ == "__main__":
    sys.exit(main())
