#!/usr/bin/env python3
"""What commands cost on studies of thousands of cells, with stand-in results (klbench_scale_cells): seconds, the largest
resident memory and, of files, bytes; writes CSV (--out): what,cells,seconds,rss_mb,bytes. "driver" is the CPU time of a
run's driver for each cell that it has trained: the difference of two runs, one with nothing left to train.

    /usr/bin/python3 tests/bench/scale.py build --cells 10000 --out build/scale.csv
"""
import argparse
import csv
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

STUDY = """study: many
data: {{name: synthetic, train_size: 200, valid_size: 50, test_size: 50, vocabulary_size: 60}}
model: {{embedding_dim: 16, hidden_dim: 16, latent_dim: 8}}
sweep:
  - regularizer:
      - {{name: bn_vae, gamma: [{gammas}]}}
      - {{name: beta_vae, beta: [{betas}]}}
    seed: {{range: [0, {seeds}]}}
figures:
  - {{name: kl, kind: sweep, metric: kl, over: regularizer.bn_vae.gamma, only: [bn_vae]}}
  - {{name: curve, kind: curve, metric: kl, only: [beta_vae]}}
"""


def measured(argv, **options):
    start = time.monotonic()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)
    _, error = process.communicate()
    seconds = time.monotonic() - start
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, argv))}: {error}")
    return seconds


def peak_of(argv, **options):
    """Seconds and MB of a command, in a process of its own so that its largest memory is its own."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        seconds = measured(argv, **options)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        os.write(writer, f"{seconds} {peak}".encode())
        os._exit(0)
    os.close(writer)
    os.wait()
    text = os.read(reader, 100).decode()
    if not text:
        sys.exit(1)
    return map(float, text.split())


def own_cpu(argv, **options):
    """CPU seconds of a command without its children, as last seen before it ended."""
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    seconds = 0.0
    while process.poll() is None:
        try:
            fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            break
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        time.sleep(0.02)
    if process.wait() != 0:
        sys.exit(f"{' '.join(map(str, argv))}: exit code {process.returncode}")
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--cells", type=int, default=10000)
    parser.add_argument("--plan-only", type=int, default=0, help="also plan so many cells")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    program = build / "klbench"
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="klbench_scale_"))
    rows = []

    def write_study(cells):
        values = max(cells // 2 // 10, 1)
        text = STUDY.format(gammas=", ".join(f"{0.1 + i * 1e-3:.4f}" for i in range(values)),
                            betas=", ".join(f"{0.1 + i * 1e-3:.4f}" for i in range(values)), seeds=10)
        (scratch / "many.yaml").write_text(text)

    def add(what, cells, argv, size_of=None):
        seconds, megabytes = peak_of(argv, cwd=scratch)
        size = size_of.stat().st_size if size_of else ""
        rows.append([what, cells, round(seconds, 2), round(megabytes), size])
        print(f"{what:10} {cells:7} cells  {seconds:8.2f} s  {megabytes:7.0f} MB  {size}", flush=True)

    def add_driver(cells):
        write_study(cells)
        command = [program, "run", "many.yaml", "--results", "trained", "--set", "trainer.epochs=1"]
        training, warm = own_cpu(command, cwd=scratch), own_cpu(command, cwd=scratch)
        rows.append(["driver", cells, round((training - warm) / cells, 4), "", ""])
        print(f"driver     {cells:7} cells  {1000 * rows[-1][2]:.1f} ms of CPU a cell", flush=True)

    try:
        n = arguments.cells
        write_study(n)
        add("plan", n, [program, "plan", "many.yaml"])
        measured([build / "klbench_scale_cells", "many.yaml", "results/many"], cwd=scratch)
        study_file = scratch / "results/many.h5"
        add("collect", n, [program, "collect", "many.yaml"], study_file)
        add("status", n, [program, "status", "many.yaml"])
        add("run", n, [program, "run", "many.yaml", "-q"], study_file)
        add("show", n, [program, "show", "results/many.h5"])
        add("plot", n, [program, "plot", "results/many.h5", "--format", "png"])
        add_driver(40)
        if arguments.plan_only:
            write_study(arguments.plan_only)
            add("plan", arguments.plan_only, [program, "plan", "many.yaml"])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if arguments.out:
        with open(arguments.out, "w", newline="") as file:
            csv.writer(file).writerows([["what", "cells", "seconds", "rss_mb", "bytes"], *rows])


if __name__ == "__main__":
    main()
