#!/usr/bin/env python3
"""Trains small configurations under the published recipes with klbench and with plain PyTorch, and compares KL, rec and ELBO.

The two share the data files and the hyperparameters (configs/recipes/ there, RECIPES here), no code and no random
numbers. A number agrees when |difference of the means over seeds| <= 3 sqrt(s1^2/n + s2^2/n) + TOLERANCE. Exit code 1
when one does not.
"""
import argparse
import collections
import concurrent.futures
import csv
import dataclasses
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import peer_vae

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 20
SIZES = {"train": 1500, "valid": 150, "test": 300}
TOLERANCE = {"kl": 0.05, "rec": 0.3, "elbo": 0.3}  # nats
METRICS = tuple(TOLERANCE)

# What the study sweeps, in klbench's words; {warmup} is the recipe's annealing.
METHODS = {
    "vae": "vae",
    "kl_annealing": "{warmup}",
    "free_bits": "[{{name: free_bits, total: {total}}}, {warmup}]",
    "bn_vae": "[{{name: bn_vae, gamma: {gamma}}}, {warmup}]",
    "sym_bn_vae": "[{{name: sym_bn_vae, tau: 0.3, sigma_input: log_var}}, {warmup}]",
}


def annealing_yaml(recipe):
    if recipe.cycles:
        return f"{{name: kl_annealing, schedule: cyclical, start: {recipe.start}, cycles: {recipe.cycles}, ratio: {recipe.ratio}}}"
    return f"{{name: kl_annealing, start: {recipe.start}, warmup_epochs: {recipe.warmup}}}"


def study_yaml(name, recipe, given):
    entries = [METHODS[m].format(warmup=annealing_yaml(recipe), total=recipe.free_bits, gamma=recipe.gamma) for m in given.methods]
    m = peer_vae
    return f"""
study: peer
include: {ROOT}/configs/recipes/{name}.yaml
set:
  data: {{name: text_lines, train: train.txt, valid: valid.txt, test: test.txt, min_count: {m.MIN_COUNT}}}
  model: {{embedding_dim: {m.EMBEDDING}, hidden_dim: {m.HIDDEN}, latent_dim: {m.LATENT}}}
  trainer: {{epochs: {given.epochs}, precision: f32}}
  eval.nll_samples: 1
sweep:
  regularizer:
{"".join(f"    - {entry}{chr(10)}" for entry in entries)}
  seed: {{range: [0, {given.seeds}]}}
"""


def run_klbench(folder, name, recipe, given):
    (folder / "study.yaml").write_text(study_yaml(name, recipe, given))
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    klbench = str(given.klbench.resolve())
    results = f"results_{name}"
    subprocess.run([klbench, "run", "study.yaml", "--workers", str(given.workers), "--quiet", "--results", results], cwd=folder,
                   env=environment, check=True, stdout=subprocess.DEVNULL)
    table = subprocess.run([klbench, "export", f"{results}/peer.h5", "--format", "csv"], cwd=folder, env=environment,
                           check=True, capture_output=True, text=True).stdout
    values = collections.defaultdict(dict)
    for row in csv.DictReader(table.splitlines()):
        parts = [m for m in given.methods if m in row["regularizer"].split("+")]
        method = parts[0] if len(parts) == 1 else next(m for m in parts if m != "kl_annealing")
        if row["epoch"] == "" and row["metric"] in METRICS:
            values[method, row["split"], row["metric"]][int(row["seed"])] = float(row["value"])
    return {key: list(by_seed.values()) for key, by_seed in values.items()}


def run_peer(folder, recipe, given):
    values = collections.defaultdict(list)
    jobs = [(method, seed) for method in given.methods for seed in range(given.seeds)]
    with concurrent.futures.ProcessPoolExecutor(given.workers) as pool:
        found = pool.map(peer_vae.train, *zip(*[(folder, SIZES, recipe, method, seed, given.epochs) for method, seed in jobs]))
        for (method, _), result in zip(jobs, found):
            for (split, metric), value in result.items():
                values[method, split, metric].append(value)
            for split in ("valid", "test"):
                values[method, split, "elbo"].append(-result[split, "rec"] - result[split, "kl"])
    return values


def compare(name, methods, ours, peer, seeds):
    """Prints the rows of a recipe; returns how many are apart."""
    apart = 0
    for method in methods:
        for split in ("valid", "test"):
            for metric in METRICS:
                a, b = ours[method, split, metric], peer[method, split, metric]
                assert len(a) == len(b) == seeds, (method, split, metric, a, b)
                spread = [statistics.stdev(values) for values in (a, b)]
                difference = statistics.mean(a) - statistics.mean(b)
                allowed = 3 * math.sqrt(sum(s * s for s in spread) / seeds) + TOLERANCE[metric]
                agrees = abs(difference) <= allowed
                apart += not agrees
                print(f"| {name} | {method} | {split} | {metric} | {statistics.mean(a):.3f} ± {spread[0]:.3f} "
                      f"| {statistics.mean(b):.3f} ± {spread[1]:.3f} | {difference:+.3f} | {allowed:.3f}"
                      f"{'' if agrees else ' **apart**'} |", flush=True)
    return apart


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("klbench", type=Path)
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--texts", type=Path, help="folder with train.txt, valid.txt and test.txt instead of WordNet")
    parser.add_argument("--latent", type=int, default=peer_vae.LATENT, help="latent dimensions")
    parser.add_argument("--gamma", type=float, help="of bn_vae, instead of the recipe's")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--recipes", nargs="+", choices=peer_vae.RECIPES, default=list(peer_vae.RECIPES))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    given = parser.parse_args()
    if given.seeds < 2:
        parser.error("--seeds must be 2 or more: the seeds' spread is the measure")
    peer_vae.LATENT = given.latent
    print("| recipe | method | split | metric | klbench | PyTorch | difference | allowed |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    apart = 0
    with tempfile.TemporaryDirectory(prefix="klbench_peer_") as folder_name:
        folder = Path(folder_name)
        if given.texts:
            for split in SIZES:
                shutil.copy(given.texts / f"{split}.txt", folder)
        else:
            peer_vae.write_sentences(given.wordnet, folder, SIZES)
        for name in given.recipes:
            recipe = peer_vae.RECIPES[name]
            if given.gamma:
                recipe = dataclasses.replace(recipe, gamma=given.gamma)
            ours = run_klbench(folder, name, recipe, given)
            peer = run_peer(folder, recipe, given)
            apart += compare(name, given.methods, ours, peer, given.seeds)
    print(f"{apart} of {len(given.recipes) * len(given.methods) * 2 * len(METRICS)} numbers are apart", file=sys.stderr)
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
