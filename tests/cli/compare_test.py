#!/usr/bin/env python3
"""`klbench compare` against SciPy: the same numbers from the results file alone, by other code; its words and errors."""
import collections
import csv
import json
import unittest

import h5py
import numpy as np
from scipy import optimize, stats

import harness


def paired_values(path, metric):
    """[seed, example] of vae - bn_vae."""
    with h5py.File(path) as results:
        methods, seeds = results["cells/method"].asstr()[()], results["config/seed"][()]
        examples = results[f"examples/test/{metric}"][()].astype(float)
        of = lambda method: examples[methods == method][np.argsort(seeds[methods == method])]
        return of("vae") - of("bn_vae")


def parts(values):
    """Variance of the grand mean by seeds and by examples, from the sums of squares of a two-way analysis of variance."""
    seeds, examples = values.shape
    total = ((values - values.mean()) ** 2).sum()
    by_seed = examples * ((values.mean(axis=1) - values.mean()) ** 2).sum()
    by_example = seeds * ((values.mean(axis=0) - values.mean()) ** 2).sum()
    noise = (total - by_seed - by_example) / ((seeds - 1) * (examples - 1))
    square_seed, square_example = by_seed / (seeds - 1), by_example / (examples - 1)
    return square_seed / (seeds * examples), max(0, square_example - noise) / (seeds * examples)


def holm(p_values):
    """Adjusted p values by name."""
    largest, adjusted = 0, {}
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        largest = adjusted[name] = max(largest, min(1, (len(p_values) - rank) * p))
    return adjusted


def bootstrap_variance(values, draws=4000):
    """Of the grand mean when seeds and examples are drawn anew."""
    generator = np.random.default_rng(0)
    seeds, examples = values.shape
    means = [values[generator.integers(seeds, size=seeds)][:, generator.integers(examples, size=examples)].mean()
             for _ in range(draws)]
    return np.var(means)


class Compare(harness.CliTest):
    def results(self):
        yaml = self.tiny_study(seeds=4, epochs=1).read_text()
        yaml = yaml.replace("test_size: 16", "test_size: 300").replace("nll_samples: 5", "nll_samples: 5, nll_examples: 200")
        self.write("tiny.yaml", yaml)
        self.succeeds("run", "tiny.yaml")
        return self.folder / "results" / "tiny.h5"

    def check_by_example(self, found, values, margin):
        """Returns the p value of the two one-sided tests, before Holm's correction."""
        of_seeds, of_examples = parts(values)
        seeds, examples = values.shape
        half = lambda outside: np.sqrt(stats.t.isf(outside / 2, seeds - 1) ** 2 * of_seeds +
                                       stats.t.isf(outside / 2, examples - 1) ** 2 * of_examples)
        level = lambda distance: optimize.brentq(lambda p: half(p) - distance, 1e-12, 1)
        self.assertEqual((found["seeds"], found["examples"]), (seeds, examples))
        self.assertAlmostEqual(found["difference"], values.mean(), places=6)
        self.assertAlmostEqual(found["low"], values.mean() - half(0.05), places=6)
        self.assertAlmostEqual(found["high"], values.mean() + half(0.05), places=6)
        self.assertAlmostEqual(found["p"], level(abs(values.mean())), places=6)
        distance = margin - abs(values.mean())
        one_sided = level(abs(distance)) / 2
        error = np.sqrt(of_seeds + of_examples)
        freedom = error ** 4 / (of_seeds ** 2 / (seeds - 1) + of_examples ** 2 / (examples - 1))
        power = stats.nct.sf(half(0.05) / error, freedom, found["detectable"] / error)
        self.assertAlmostEqual(power, 0.8, places=3)
        # Draws give the bootstrap's variance, of which difference.h says the closed form and mends it.
        means = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
        squares = [(part ** 2).sum() for part in (means[0] - values.mean(), means[1] - values.mean(),
                                                  values - means[0] - means[1] + values.mean())]
        closed = squares[0] / seeds ** 2 + squares[1] / examples ** 2 + squares[2] / (seeds * examples) ** 2
        self.assertAlmostEqual(bootstrap_variance(values) / closed, 1, delta=0.12)
        return one_sided if distance > 0 else 1 - one_sided

    def test_against_scipy(self):
        path = self.results()
        found = {row["metric"]: row for row in json.loads(
            self.succeeds("compare", path, "vae", "bn_vae", "--metric", "rec,kl,nll,mi", "--margin", "0.5", "--format", "json").out)["metrics"]}
        one_sided = {}
        for metric in ("rec", "kl", "nll"):
            values = paired_values(path, metric)
            if metric == "nll":
                self.assertEqual(np.isnan(values).any(axis=0).sum(), 100)  # eval.nll_examples
                values = values[:, ~np.isnan(values).any(axis=0)]
            one_sided[metric] = self.check_by_example(found[metric], values, 0.5)
        with h5py.File(path) as results:
            for metric in ("rec", "kl", "nll"):
                kept = results[f"examples/test/{metric}"][()].astype(float)
                np.testing.assert_allclose(np.nanmean(kept, axis=1), results[f"final/test/{metric}"][()], atol=5e-5)
            mi = dict(zip(zip(results["cells/method"].asstr()[()], results["config/seed"][()]),
                          results["final/test/mi"][()]))
        test = stats.ttest_rel([mi["vae", seed] for seed in range(4)], [mi["bn_vae", seed] for seed in range(4)])
        self.assertAlmostEqual(found["mi"]["p"], test.pvalue, places=9)
        self.assertAlmostEqual(found["mi"]["low"], test.confidence_interval().low, places=9)
        self.assertIsNone(found["mi"]["examples"])
        sides = [stats.ttest_1samp(np.array([mi["vae", seed] - mi["bn_vae", seed] for seed in range(4)]), bound,
                                   alternative=side).pvalue for bound, side in ((-0.5, "greater"), (0.5, "less"))]
        one_sided["mi"] = max(sides)
        for name, p in holm({name: row["p"] for name, row in found.items()}).items():
            self.assertAlmostEqual(found[name]["p_holm"], p, places=9)
        for name, p in holm(one_sided).items():
            self.assertAlmostEqual(found[name]["p_equivalent"], p, places=6)
            self.assertEqual(found[name]["equivalent"], bool(p <= 0.05))
        self.words(path)

    def words(self, path):
        text = self.succeeds("compare", "tiny", "vae", "bn_vae", "--metric", "kl").out
        self.assertIn("4 seeds, 300 examples", text)
        self.assertRegex(text, "they differ|they cannot be told apart")
        three = self.succeeds("compare", "tiny", "vae", "bn_vae", "--metric", "kl", *(f"--filter=seed={seed}" for seed in (0, 1, 3))).out
        self.assertIn("3 seeds, 300 examples", three)
        self.assertIn("'vae'", self.refused("compare", "tiny", "vae", "bn_vae", "--filter", "method=bn_vae"))
        self.assertNotIn("equal", text)
        self.assertIn("did you mean 'bn_vae'?", self.refused("compare", "tiny", "vae", "bn_va"))
        self.assertIn("write --metric nll or --margin nll=0.5", self.refused("compare", "tiny", "vae", "bn_vae", "--margin", "0.5"))
        self.assertIn("not a number", self.refused("compare", "tiny", "vae", "bn_vae", "--margin", "nll=x"))
        self.assertIn("B", self.refused("compare", "tiny", "vae"))
        shown = self.succeeds("show", "tiny").out
        self.assertIn("vae (baseline)", shown)
        self.assertIn("bn_vae (baseline)", self.succeeds("show", "tiny", "--baseline", "bn_vae").out)
        self.assertIn("unknown baseline 'bn'", self.refused("show", "tiny", "--baseline", "bn"))
        rows = csv.DictReader(self.succeeds("export", "tiny", "--examples").out.splitlines())
        counts = collections.Counter(row["metric"] for row in rows)
        self.assertEqual([counts[name] for name in ("rec", "kl", "nll")], [8 * 300, 8 * 300, 8 * 200])
        self.assertEqual(self.succeeds("verify", path).code, 0)

    def test_a_declared_baseline(self):
        self.tiny_study(more="baseline: bn_vae\n")
        self.succeeds("plan", "tiny.yaml")
        self.tiny_study(more="baseline: bn_vae gamma=.7\n")
        self.assertIn("tiny.yaml:11:11: unknown baseline 'bn_vae gamma=.7'", self.refused("plan", "tiny.yaml"))
        self.tiny_study(more="baseline: ln_vae\n")
        self.assertIn("unknown baseline 'ln_vae'", self.refused("run", "tiny.yaml"))


if __name__ == "__main__":
    unittest.main()
