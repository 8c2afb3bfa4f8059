#!/usr/bin/env python3
"""Trains the same small configuration with klbench and with the plain PyTorch below, and compares KL and rec.

The two share the data files and the hyperparameters, no code and no random numbers. A number agrees when
|difference of the means over seeds| <= 3 sqrt(s1^2/n + s2^2/n) + TOLERANCE. Exit code 1 when one does not.

"""
import argparse
import collections
import copy
import csv
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from torch import nn

EPOCHS, BATCH, LR, CLIP, DROPOUT = 8, 32, 1.0, 5.0, 0.5
EMBEDDING, HIDDEN, LATENT, MIN_COUNT = 24, 48, 8, 2
SIZES = {"train": 1200, "valid": 150, "test": 150}
METHODS = {
    "vae": "{name: vae}",
    "free_bits": "{name: free_bits, lambda: 0.25}",
    "bn_vae": "{name: bn_vae, gamma: 0.6}",
    "sym_bn_vae": "{name: sym_bn_vae, tau: 0.5}",
}
TOLERANCE = {"kl": 0.05, "rec": 0.3}  # nats
PAD, START, END, UNKNOWN = range(4)

STUDY = f"""
study: peer
set:
  data: {{name: text_lines, train: train.txt, valid: valid.txt, test: test.txt, min_count: {MIN_COUNT}}}
  model: {{embedding_dim: {EMBEDDING}, hidden_dim: {HIDDEN}, latent_dim: {LATENT}, dropout_in: {DROPOUT},
          dropout_out: {DROPOUT}, init: torch}}
  trainer: {{epochs: {EPOCHS}, batch_size: {BATCH}, batching: mixed, optimizer: sgd, lr: {LR}, clip: {CLIP},
            max_decays: 0, precision: f32}}
  eval.nll_samples: 1
"""


# ---- data

def write_sentences(wordnet, folder):
    """Definitions of nouns of 4 to 14 words, evenly spaced over WordNet, one a line."""
    sentences = []
    for line in (wordnet / "data.noun").read_text(encoding="ascii", errors="ignore").splitlines():
        if line.startswith(" "):
            continue
        words = re.findall(r"[a-z0-9]+|[^\sa-z0-9]", line.split(" | ", 1)[1].split('; "')[0].lower())
        if 4 <= len(words) <= 14:
            sentences.append(" ".join(words))
    total = sum(SIZES.values())
    sentences = sentences[:: len(sentences) // total][:total]
    splits = iter(sentences[i * 7 % total] for i in range(total))  # 7 and `total` share no factor
    for split, size in SIZES.items():
        (folder / f"{split}.txt").write_text("".join(f"{next(splits)}\n" for _ in range(size)))


def read_sentences(folder):
    lines = {split: [line.split() for line in (folder / f"{split}.txt").read_text().splitlines()] for split in SIZES}
    counts = collections.Counter(word for line in lines["train"] for word in line)
    known = sorted((word for word in counts if counts[word] >= MIN_COUNT), key=lambda word: (-counts[word], word))
    ids = {word: i + 4 for i, word in enumerate(known)}
    numbered = {split: [[ids.get(word, UNKNOWN) for word in line] for line in lines[split]] for split in SIZES}
    return numbered, len(ids) + 4


def batches_of(sentences, size, shuffle):
    """Padded [T + 1, B] batches of neighbouring lengths; a remainder below 8 joins the batch before it."""
    rows = torch.randperm(len(sentences)).tolist() if shuffle else list(range(len(sentences)))
    rows.sort(key=lambda row: len(sentences[row]))
    cuts = list(range(0, len(rows), size))
    if len(cuts) > 1 and len(rows) - cuts[-1] < 8:
        cuts.pop()
    batches = []
    for begin, end in zip(cuts, cuts[1:] + [len(rows)]):
        chosen = [torch.tensor([START, *sentences[row], END]) for row in rows[begin:end]]
        batches.append(nn.utils.rnn.pad_sequence(chosen, padding_value=PAD))
    return batches


# ---- model

class Norm(nn.Module):
    """(x - mean) / sqrt(var + eps): of the batch in training, of the training split in evaluation."""

    def __init__(self, eps):
        super().__init__()
        self.eps, self.mean, self.var = eps, None, None

    def forward(self, x):
        mean, var = (x.mean(0), x.var(0, unbiased=False)) if self.training else (self.mean, self.var)
        return (x - mean) / torch.sqrt(var + self.eps)

    def gather(self, x):
        self.mean, self.var = x.mean(0), x.var(0, unbiased=False)


class Vae(nn.Module):
    def __init__(self, method, vocabulary):
        super().__init__()
        self.method = method
        self.words_in, self.words_out = nn.Embedding(vocabulary, EMBEDDING), nn.Embedding(vocabulary, EMBEDDING)
        self.encoder = nn.LSTM(EMBEDDING, HIDDEN)
        self.to_latent = nn.Linear(HIDDEN, 2 * LATENT, bias=False)
        self.to_state = nn.Linear(LATENT, HIDDEN, bias=False)
        self.decoder = nn.LSTM(EMBEDDING + LATENT, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.output = nn.Linear(HIDDEN, vocabulary, bias=False)
        if method == "bn_vae":
            self.norm, self.bias = Norm(1e-5), nn.Parameter(torch.zeros(LATENT))
        if method == "sym_bn_vae":
            self.norm, self.norm_sigma, self.theta = Norm(1e-8), Norm(1e-8), nn.Parameter(torch.zeros(LATENT))

    def raw(self, batch):
        states, _ = self.encoder(self.words_in(batch))
        last = (batch != PAD).sum(0) - 1
        return self.to_latent(states[last, torch.arange(batch.shape[1])]).chunk(2, 1)

    def posterior(self, batch):
        mu, scale = self.raw(batch)
        if self.method == "bn_vae":
            return 0.6 * self.norm(mu) + self.bias, scale
        if self.method == "sym_bn_vae":
            tau = 0.5
            sigma2 = (1 - tau) * torch.sigmoid(-self.theta) * self.norm_sigma(scale) ** 2 + 1e-6
            return torch.sqrt(tau + (1 - tau) * torch.sigmoid(self.theta)) * self.norm(mu), torch.log(sigma2)
        return mu, scale

    def forward(self, batch):
        """rec [B], KL by dimension [B, d]; one z a sentence."""
        mu, log_var = self.posterior(batch)
        kl = 0.5 * (mu ** 2 + log_var.exp() - log_var - 1)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        inputs, targets = batch[:-1], batch[1:]
        words = torch.cat([self.dropout(self.words_out(inputs)), z.expand(len(inputs), *z.shape)], 2)
        c0 = self.to_state(z)
        states, _ = self.decoder(words, (torch.tanh(c0)[None], c0[None]))
        logits = self.output(self.dropout(states))
        nll = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="none")
        return nll.view(targets.shape).sum(0), kl

    def penalty(self, kl):
        return (kl * (kl > 0.25)).sum(1) if self.method == "free_bits" else kl.sum(1)


# ---- training

@torch.no_grad()
def gather_statistics(model, batches):
    if not hasattr(model, "norm"):
        return
    mu, scale = (torch.cat(parts) for parts in zip(*(model.raw(batch) for batch in batches)))
    model.norm.gather(mu)
    if hasattr(model, "norm_sigma"):
        model.norm_sigma.gather(scale)


@torch.no_grad()
def evaluate(model, batches):
    model.eval()
    parts = [model(batch) for batch in batches]
    return {"rec": torch.cat([rec for rec, _ in parts]).mean().item(),
            "kl": torch.cat([kl.sum(1) for _, kl in parts]).mean().item()}


def train(method, seed, splits, vocabulary):
    """Final rec and KL of valid and test, with the weights of the best valid ELBO."""
    torch.manual_seed(1000 + seed)
    model = Vae(method, vocabulary)
    batches = batches_of(splits["train"], BATCH, True)
    held_out = {split: batches_of(splits[split], 64, False) for split in ("valid", "test")}
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    best = (math.inf, None)
    for _ in range(EPOCHS):
        model.train()
        for index in torch.randperm(len(batches)).tolist():
            rec, kl = model(batches[index])
            optimizer.zero_grad()
            (rec.mean() + model.penalty(kl).mean()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
        gather_statistics(model, batches)
        valid = evaluate(model, held_out["valid"])
        if valid["rec"] + valid["kl"] < best[0]:
            best = (valid["rec"] + valid["kl"], copy.deepcopy(model))
    return {split: evaluate(best[1], held_out[split]) for split in held_out}


def run_peer(folder, methods, seeds):
    splits, vocabulary = read_sentences(folder)
    values = collections.defaultdict(list)
    for method in methods:
        for seed in range(seeds):
            for split, found in train(method, seed, splits, vocabulary).items():
                for metric, value in found.items():
                    values[method, split, metric].append(value)
    return values


def run_klbench(klbench, folder, methods, seeds):
    sweep = f"sweep: {{regularizer: [{', '.join(METHODS[m] for m in methods)}], seed: {{range: [0, {seeds}]}}}}\n"
    (folder / "study.yaml").write_text(STUDY + sweep)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    subprocess.run([klbench, "run", "study.yaml", "--workers", "1", "--quiet"], cwd=folder, env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    table = subprocess.run([klbench, "export", "results/peer.h5", "--format", "csv"], cwd=folder, env=environment,
                           check=True, capture_output=True, text=True).stdout
    values = collections.defaultdict(list)
    for row in csv.DictReader(table.splitlines()):
        if row["epoch"] == "" and row["metric"] in TOLERANCE:
            values[row["regularizer"], row["split"], row["metric"]].append(float(row["value"]))
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("klbench", type=Path)
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    if given.seeds < 2:
        parser.error("--seeds must be 2 or more: the seeds' spread is the measure")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="klbench_peer_") as name:
        folder = Path(name)
        write_sentences(given.wordnet, folder)
        ours = run_klbench(str(given.klbench.resolve()), folder, given.methods, given.seeds)
        peer = run_peer(folder, given.methods, given.seeds)
    print("| method | split | metric | klbench | PyTorch | difference | allowed |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    apart = 0
    for method in given.methods:
        for split in ("valid", "test"):
            for metric, tolerance in TOLERANCE.items():
                a, b = ours[method, split, metric], peer[method, split, metric]
                assert len(a) == len(b) == given.seeds, (method, split, metric, a, b)
                spread = [statistics.stdev(values) for values in (a, b)]
                difference = statistics.mean(a) - statistics.mean(b)
                allowed = 3 * math.sqrt(sum(s * s for s in spread) / given.seeds) + tolerance
                agrees = abs(difference) <= allowed
                apart += not agrees
                print(f"| {method} | {split} | {metric} | {statistics.mean(a):.3f} ± {spread[0]:.3f} "
                      f"| {statistics.mean(b):.3f} ± {spread[1]:.3f} | {difference:+.3f} | {allowed:.3f}"
                      f"{'' if agrees else ' **apart**'} |")
    print(f"{apart} of {len(given.methods) * 4} numbers are apart", file=sys.stderr)
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
