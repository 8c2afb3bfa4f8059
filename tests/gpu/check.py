#!/usr/bin/env python3
"""klbench on a CUDA card: layers and cells of every kind against those of the CPU, cells stopped and resumed, eight at a time
against one after the other, a quickstart cell, and speed beside PyTorch on the same card, in some five minutes. What it finds
it prints at once. Exit code 1 where something is not as it should be or below its target, 77 without a card.

Steps: layers quickstart kinds resume eight speed bf16; without: all. --device cpu plays the steps without a card.
"""
import argparse
import gzip
import json
import os
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

import h5py

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SPEED_UP, AT_ONCE = 1.2, 4.0  # targets: times PyTorch's speed; times one cell after the other
METRICS = ("elbo", "rec", "kl", "nll")
CARD = """
study: card
data: {name: synthetic, train_size: 2000, valid_size: 200, test_size: 200, vocabulary_size: 200}
model: {embedding_dim: 64, hidden_dim: 128, latent_dim: 16}
trainer: {epochs: 6, precision: f32}
eval: {nll_samples: 50}
sweep:
  regularizer: [vae, bn_vae, free_bits, sym_bn_vae]
  seed: [0, 1]
"""
KINDS = """
study: kinds
data: {name: synthetic, train_size: 600, valid_size: 100, test_size: 100, vocabulary_size: 200}
model: {latent_dim: 8, hidden_dim: 64}
trainer: {epochs: 3, precision: f32}
eval: {nll_samples: 20}
sweep:
  - regularizer: [du_vae, {name: bn_scale_schedule, warmup_epochs: 2}, whiten_bn, {name: sa_vae, steps: 3}, fraternal]
  - {regularizer: [bn_vae], trainer.accumulate: [2], trainer.batch_size: [16]}
  - {model.posterior: [iaf, {name: vmf, kappa: 20}, {name: vmf, learn_kappa: true}]}
  - {model.prior: [mixture, vamp]}
  - {model.decoder: [transformer, dilated_cnn], regularizer: [bn_vae]}
  - {model.encoder: [transformer]}
"""
PICTURES = """
study: pictures
data: {name: idx_images, train: train.gz, valid: valid.gz, test: test.gz}
model: {latent_dim: 8}
trainer: {epochs: 2, precision: f32, optimizer: adam, lr: 0.001}
eval: {nll_samples: 10}
sweep:
  - {model.encoder: [mlp], model.decoder: [mlp], model.prior: [standard, vamp]}
  - {model.encoder: [resnet], model.decoder: [pixelcnn]}
"""
SPEED = """
study: %s
data: {name: text_lines, train: %s.txt, valid: %s_few.txt, test: %s_few.txt}
model: {latent_dim: 32, embedding_dim: %d, hidden_dim: %d}
trainer: {batch_size: %d, optimizer: sgd, lr: 1.0, precision: f32}
eval: {nll_samples: 2, every: 11}
"""


class Check:
    def __init__(self, arguments):
        arguments.out.mkdir(parents=True, exist_ok=True)
        self.out = pathlib.Path(tempfile.mkdtemp(dir=arguments.out.resolve()))  # nothing is there that a run would reuse
        self.build, self.device = arguments.build.resolve(), arguments.device
        self.on_card = [] if self.device == "cpu" else ["--set", f"trainer.device={self.device}"]
        self.alone = None
        self.bad = 0

    def say(self, good, text):
        self.bad += not good
        print("good" if good else "BAD ", text, flush=True)

    def argv(self, study, results, *more):
        return [self.build / "klbench", "run", study, "--results", self.out / results, *map(str, more)]

    def run(self, study, results, *more):
        """Seconds that it took; an error with the end of what it printed."""
        start = time.monotonic()
        done = subprocess.run(self.argv(study, results, *more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"klbench run {study}: exit code {done.returncode}\n{done.stdout[-3000:]}")
        return time.monotonic() - start

    def write(self, name, text):
        path = self.out / name
        path.write_text(text)
        return path

    def records(self, results, study):
        return [json.loads(path.read_text()) for path in (self.out / results / study).glob("*.run.json")]

    def cells(self, results, study):
        """Cells in the order of the grid: name, test metrics."""
        with h5py.File(self.out / results / f"{study}.h5") as file:
            names = file["cells/method"].asstr()[()]
            columns = {name: file[f"final/test/{name}"][()] for name in METRICS}
            return [(f"{i} {name}", {metric: float(column[i]) for metric, column in columns.items()})
                    for i, name in enumerate(names)]

    def near(self, study, card, cpu, names="card, CPU", good="as on the CPU"):
        """Training on another machine, or in another precision, takes another way, to numbers like these."""
        for (name, here), (_, there) in zip(self.cells(card, study), self.cells(cpu, study), strict=True):
            far = {m: (here[m], there[m]) for m in METRICS if not abs(here[m] - there[m]) <= 0.05 * max(1, abs(there[m]))}
            self.say(not far, f"{study} {name}: " + (f"{names}: {far}" if far else good))

    def same(self, study, one, other, what):
        differing = [(a, b) for a, b in zip(self.cells(one, study), self.cells(other, study), strict=True) if a != b]
        self.say(not differing, f"{what}: " + (f"other numbers: {differing}" if differing else "the very same numbers"))

    def layers(self):
        done = subprocess.run([self.build / "models_tests", "plain layers on the device*"],
                              env={**os.environ, "KLBENCH_TEST_DEVICE": self.device})
        self.say(done.returncode == 0, "layers, their gradients beside those of the CPU")

    def quickstart(self):
        packed = self.build / "needs/share/wordnet"
        data = ["--set", f"data.path={packed}"] if packed.exists() else []
        seconds = self.run(SOURCE / "experiments/quickstart/study.yaml", "quickstart", "--set", "seed=0", "--set",
                           "regularizer=bn_vae", *data, *self.on_card)
        self.say(True, f"a cell of quickstart: {seconds:.1f} s")
        if self.on_card:
            cards = {record.get("gpu", "") for record in self.records("quickstart", "quickstart")}
            self.say(all(card.startswith("NVIDIA") for card in cards), f"cards in the records: {cards}")

    def kinds(self):
        draw = random.Random(1)
        for name, count in (("train", 400), ("valid", 50), ("test", 50)):
            pixels = bytes(255 * (draw.random() < 0.3) for _ in range(count * 64))
            with gzip.open(self.out / f"{name}.gz", "wb") as file:
                file.write(struct.pack(">4i", 2051, count, 8, 8) + pixels)
        for name, text in (("kinds", KINDS), ("pictures", PICTURES)):
            study = self.write(f"{name}.yaml", text)
            self.run(study, "kinds_cpu")
            self.run(study, "kinds", "--workers", 4, *self.on_card)
            self.near(name, "kinds", "kinds_cpu")
        if self.on_card and len(cards()) > 1:
            study = self.write("card.yaml", CARD)
            self.run(study, "second", "--workers", 4, "--set", "trainer.device=cuda:1", "--set", "seed=0")
            self.say(True, "cells on cuda:1")

    def one(self):
        """Eight cells one after the other, on the device; the study and seconds."""
        study = self.write("card.yaml", CARD)
        if self.alone is None:
            self.alone = self.run(study, "one", "--workers", 1, *self.on_card)
        return study, self.alone

    def resume(self):
        study, seconds = self.one()
        process = subprocess.Popen(self.argv(study, "resumed", "--workers", 1, *self.on_card), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(0.4 * seconds)
        process.send_signal(signal.SIGINT)
        code = process.wait()
        self.run(study, "resumed", "--workers", 1, *self.on_card)
        attempts = sorted(record["attempts"] for record in self.records("resumed", "card"))
        self.say(code == 130 and attempts[-1] >= 2, f"stopped (exit code {code}) and gone on: attempts of the cells {attempts}")
        self.same("card", "one", "resumed", "resumed against one go")

    def eight(self):
        study, alone = self.one()
        again = self.run(study, "eight", "--workers", 8, *(["--gpus", 1] if self.on_card else []), *self.on_card)
        ratio = alone / again
        self.say(ratio >= AT_ONCE, f"8 cells: one after the other {alone:.1f} s, all at a time {again:.1f} s, ratio {ratio:.2f}")
        self.same("card", "one", "eight", "eight at a time against one")
        if self.on_card:
            self.run(study, "card_cpu")
            self.near("card", "one", "card_cpu")

    def speed(self):
        for name, sizes in (("small", (5436, 128, 256, 10, 32)), ("paper", (20000, 512, 1024, 40, 32))):
            ours, peer = self.tokens_per_second(name, *sizes), self.peer(*sizes)
            self.say(ours >= SPEED_UP * peer,
                     f"{name}: {ours:.0f} tokens/s, PyTorch {peer:.0f}, ratio {ours / peer:.2f}, target {SPEED_UP}")

    def bf16(self):
        """Cells in bf16 beside those in f32, and its speed at the paper's size."""
        study, _ = self.one()
        if not self.on_card:
            return self.say(True, "bf16: on a card alone")
        self.run(study, "bf16", "--workers", 4, "--set", "trainer.precision=bf16", *self.on_card)
        self.near("card", "bf16", "one", "bf16, f32", "as in f32")
        sizes = (20000, 512, 1024, 40, 32)
        f32, bf16 = (self.tokens_per_second("paper", *sizes, precision) for precision in ("f32", "bf16"))
        self.say(bf16 > f32, f"paper: {bf16:.0f} tokens/s in bf16, {f32:.0f} in f32, ratio {bf16 / f32:.2f}")

    def tokens_per_second(self, name, vocabulary, ni, nh, steps, batch, precision="f32"):
        """Of a long run without a short one, so that the start of the card does not count."""
        draw = random.Random(1)
        words = [f"w{i}" for i in range(vocabulary - 4)]  # and the special ones
        lines = [draw.choices(words, k=steps - 1) for _ in range(200 * batch)]
        for i, word in enumerate(words):  # each at least once
            lines[i // (steps - 1)][i % (steps - 1)] = word
        self.write(f"{name}.txt", "\n".join(map(" ".join, lines)) + "\n")
        self.write(f"{name}_few.txt", "\n".join(map(" ".join, lines[:64])) + "\n")
        study = self.write(f"{name}.yaml", SPEED % (name, name, name, name, ni, nh, batch))
        spent = []
        for epochs in (1, 11):
            results = f"speed{epochs}_{precision}"
            self.run(study, results, "--set", f"trainer.epochs={epochs}", "--set", f"trainer.precision={precision}", *self.on_card)
            (record,) = self.records(results, name)
            spent.append((record["train_tokens"], record["train_seconds"]))
        (few, short), (many, long) = spent
        return (many - few) / (long - short)

    def peer(self, *sizes):
        argv = [sys.executable, SOURCE / "tests/bench/peer_pytorch.py", "train", *map(str, sizes), "10", self.device]
        return float(subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout)


def cards():
    asked = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        return subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return []


def main():
    steps = ("layers", "quickstart", "kinds", "resume", "eight", "speed", "bf16")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build-gpu")
    parser.add_argument("--out", type=pathlib.Path, default=SOURCE / "build-gpu/results")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("steps", nargs="*", metavar="STEP")
    arguments = parser.parse_args()
    unknown = set(arguments.steps) - set(steps)
    if unknown:
        parser.error(f"no step {', '.join(sorted(unknown))}; steps: {' '.join(steps)}")
    if arguments.device != "cpu" and not cards():
        print("skipped: nvidia-smi shows no card here")
        sys.exit(77)
    print("\n".join(cards()), flush=True)
    check = Check(arguments)
    for step in arguments.steps or steps:
        start = time.monotonic()
        try:
            getattr(check, step)()
        except Exception as error:  # the next step all the same
            check.say(False, f"{step}: {error}")
        print(f"     {step}: {time.monotonic() - start:.0f} s", flush=True)
    print("as it should be" if check.bad == 0 else f"{check.bad} not as they should be")
    sys.exit(check.bad > 0)


main()
