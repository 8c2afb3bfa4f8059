"""Commands that read what a study left: verify, show, export, plot, sample."""
import csv
import importlib.util
import json
import sys

from harness import *

if importlib.util.find_spec("pandas"):
    import numpy as np
    import pandas as pd

PLUGIN = pathlib.Path(os.environ.get("KLBENCH_FAILING_PLUGIN", pathlib.Path(PROGRAM).parent / "failing_plugin.so"))


class Verify(CliTest):
    def test_a_study_that_was_never_run_is_not_ok(self):
        message = self.refused("verify", self.tiny_study(), code=1)
        self.assertRegex(message, r"nothing to verify: .*results/tiny .*results/tiny\.h5 .*klbench run .*tiny\.yaml")

    def test_cells_without_results_are_named(self):
        self.trained(self.tiny_study(seeds=1))
        grown = self.tiny_study(seeds=2)
        ids = {row["id"] for row in json.loads(self.succeeds("plan", grown, "--format", "json").out)}
        missing = ids - set(self.cell_files())
        result = self.klbench("verify", grown)
        self.assertEqual(result.code, 1, result.err)
        self.assertIn("2 of 4 cells are missing", result.out)
        for cell in missing:
            self.assertIn(cell, result.out)
        self.assertTrue(result.out.endswith("tiny.yaml: 1 problem\n"), result.out)
        self.succeeds("verify", "tiny")

    def test_all_paths_are_looked_at(self):
        self.trained(self.tiny_study(seeds=1, regularizers="[vae]"))
        result = self.klbench("verify", "nope.h5", "nope", "results/tiny.h5")
        self.assertEqual(result.code, 2)
        self.assertEqual(result.out, "results/tiny.h5: ok\n")
        self.assertRegex(result.err, r"\Aklbench: nope\.h5: no such file\nklbench: no study 'nope' [^\n]+\n\Z")


class Loading(CliTest):
    def loads_torch(self, *arguments):
        """Whether the command, or a process that it starts, loads LibTorch."""
        self.environment["LD_DEBUG"] = "files"
        self.environment["LD_DEBUG_OUTPUT"] = str(self.folder / "loaded")
        self.succeeds(*arguments)
        del self.environment["LD_DEBUG"], self.environment["LD_DEBUG_OUTPUT"]
        logs = list(self.folder.glob("loaded.*"))
        self.assertTrue(logs)
        found = any("libtorch" in log.read_text(errors="replace") for log in logs)
        for log in logs:
            log.unlink()
        return found

    def test_only_what_computes_loads_torch(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        self.assertTrue(self.loads_torch("run", study))
        for command in [("help",), ("list", "regularizers"), ("describe", "bn_vae"), ("status", study), ("show", "tiny"),
                        ("plot", "tiny"), ("export", "tiny"), ("verify", "tiny"), ("collect", study), ("gc", study)]:
            self.assertFalse(self.loads_torch(*command), command)


class Reading(CliTest):
    def test_options_that_would_be_ignored_are_refused(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        self.trained(study)
        for command in ["show", "export", "plot"]:
            for target in ["tiny", "results/tiny.h5", study]:
                self.assertIn("unknown option '--set'", self.refused(command, target, "--set", "trainer.epochs=3"))
            for target in ["tiny", "results/tiny.h5"]:
                self.assertIn("--plugin has no effect", self.refused(command, target, "--plugin", "x.so"))
            self.assertIn("x.so", self.refused(command, study, "--plugin", "x.so"))
        self.assertIn("x.so", self.refused("plot", "tiny", "--study", study, "--plugin", "x.so"))
        self.assertIn("--set has no effect", self.refused("status", "tiny", "--set", "trainer.epochs=3"))
        self.assertIn("vae", self.succeeds("show", study).out)


class SomeCells(CliTest):
    STUDY = "tags: {headline: {regularizer: bn_vae}, first: {seed: 0}}\n"

    def setUp(self):
        super().setUp()
        self.study = self.tiny_study(more=self.STUDY)
        self.trained(self.study)

    def test_filters_sort_and_rows_of_cells(self):
        rows = list(csv.DictReader(self.succeeds("export", "tiny").out.splitlines()))
        final = {(row["regularizer"], row["seed"]): float(row["value"]) for row in rows
                 if row["split"] == "test" and row["metric"] == "nll" and not row["epoch"]}
        shown = json.loads(self.succeeds("show", "tiny", "--metric", "nll", "--format", "json").out)
        for row in shown["rows"]:
            low, high = (final[row["method"], seed] for seed in "01")
            found = row["values"]["nll"]
            self.assertAlmostEqual(found["mean"], (low + high) / 2, delta=1e-12)
            self.assertAlmostEqual(found["sd"], abs(high - low) / 2**.5, delta=1e-12)
            self.assertAlmostEqual(found["high"] - found["mean"], 12.706204736 * found["sd"] / 2**.5, delta=1e-6)
            self.assertEqual(found["n"], 2)
        self.assertEqual(shown["metrics"][0]["units"], "nats per example")
        by_seed = list(csv.DictReader(self.succeeds("show", "tiny", "--metric", "nll", "--per-seed", "--sort", "-nll",
                                                    "--format", "csv").out.splitlines()))
        self.assertEqual([float(row["value"]) for row in by_seed], sorted(final.values(), reverse=True))
        self.assertEqual({row["tags"] for row in by_seed if row["method"] == "bn_vae"}, {"first,headline", "headline"})
        some = list(csv.DictReader(self.succeeds("export", "tiny", "--filter", "tag=headline", "--filter", "seed=1",
                                                 "--split", "valid").out.splitlines()))
        self.assertEqual({(row["regularizer"], row["seed"], row["split"]) for row in some}, {("bn_vae", "1", "valid")})
        self.succeeds("plot", "tiny", "--kind", "bars", "--metric", "kl", "--filter", "seed=0", "--format", "svg")
        self.assertIn("unknown option of --filter 'sed'", self.refused("show", "tiny", "--filter", "sed=0"))
        self.assertIn("valid: 0, 1", self.refused("plot", "tiny", "--filter", "seed=7"))
        self.assertIn("unknown split 'tset'", self.refused("export", "tiny", "--split", "tset"))
        self.assertIn("unknown metric", self.refused("show", "tiny", "--sort", "nlll"))

    def test_plan_as_data(self):
        cells = json.loads(self.succeeds("plan", self.study, "--format", "json").out)
        self.assertEqual([(cell["method"], cell["seed"], cell["tags"], cell["state"]) for cell in cells],
                         [("vae", 0, ["first"], "done"), ("vae", 1, [], "done"),
                          ("bn_vae", 0, ["first", "headline"], "done"), ("bn_vae", 1, ["headline"], "done")])
        rows = list(csv.DictReader(self.succeeds("plan", self.study, "--set", "trainer.lr=0.5,1", "--set", "seed=0",
                                                 "--format", "csv").out.splitlines()))
        self.assertEqual([(row["trainer.lr"], row["state"]) for row in rows],
                         [("0.5", "missing"), ("1.0", "done")] * 2)

    def test_two_cells_side_by_side(self):
        ids = [cell["id"] for cell in json.loads(self.succeeds("plan", self.study, "--format", "json").out)]
        found = json.loads(self.succeeds("diff", ids[0], f"tiny/{ids[1]}", "--format", "json").out)
        self.assertEqual(found["options"], [{"name": "seed", "a": 0, "b": 1}])
        self.assertFalse(found["equal"] or found["code_and_data"])
        nll = next(row for row in found["metrics"] if row["name"] == "test.nll")
        self.assertAlmostEqual(nll["difference"], nll["a"] - nll["b"], delta=1e-12)
        other = self.succeeds("diff", ids[0][:12], ids[2]).out
        self.assertRegex(other, r"regularizer +vae +bn_vae\n")
        self.assertRegex(other, r"component bn_vae +- +[0-9a-f]{16}\n")
        for path in (self.folder / "results/tiny").glob("*"):
            path.unlink()
        (self.folder / "results/tiny").rmdir()  # only the study's file is left
        same = self.succeeds("diff", ids[0][:12], f"tiny/{ids[0]}").out
        self.assertIn("equal: the same options, code, data and final metrics", same)
        self.assertIn("no such cell", self.refused("diff", ids[0], "tiny/zz"))


class CellsByPrefix(CliTest):
    def test_the_beginning_of_an_id_is_enough(self):
        self.trained(self.tiny_study(seeds=2, regularizers="[vae]", more="keep: {model: true}\n"))
        self.succeeds("run", self.tiny_study(name="other", seeds=1, regularizers="[bn_vae]", more="keep: {model: true}\n"))
        first, second = sorted(path.stem for path in (self.folder / "results/tiny").glob("*.model"))
        other, = (path.stem for path in (self.folder / "results/other").glob("*.model"))
        common = os.path.commonprefix([first, second])
        short = first[:len(common) + 1]
        whole = self.succeeds("sample", f"results/tiny/{first}.model").out
        for cell in [f"results/tiny/{short}", f"tiny/{short}", f"tiny/{first}", first, f"tiny/{first}.h5"]:
            self.assertEqual(self.succeeds("sample", cell).out, whole)
        self.assertEqual(self.succeeds("sample", "other/").out, self.succeeds("sample", other).out)
        (self.folder / "results").rename(self.folder / "elsewhere")
        self.assertEqual(self.succeeds("sample", f"tiny/{short}", "--results", "elsewhere").out, whole)
        (self.folder / "elsewhere").rename(self.folder / "results")
        for command in ["sample", "reconstruct", "interpolate"]:
            message = self.refused(command, f"tiny/{common}")
            self.assertIn(f"'tiny/{common}' may be any of 2 cells", message)
            for cell in [first, second]:
                self.assertRegex(message, rf"tiny/{cell} \(vae seed=[01]\)")
        self.assertIn("looked in results/tiny;", self.refused("sample", "tiny/x"))
        self.assertIn("looked in results/other, results/tiny;", self.refused("sample", "x"))
        for cell in [f"tiny/{short}", f"results/tiny/{short}"]:
            self.assertEqual(self.succeeds("verify", cell).out, f"{cell}: ok\n")
        self.assertIn("tiny/x.h5: no such cell; looked in results/tiny\n", self.refused("verify", "tiny/x"))
        self.assertIn("may be any of 2 cells", self.refused("verify", f"tiny/{common}"))


class Sample(CliTest):
    def test_the_model_beside_a_result_is_taken_and_seeds_are_not_negative(self):
        self.trained(self.tiny_study(seeds=2, regularizers="[vae]", more="keep: {model: true}\n"))
        first, second = sorted((self.folder / "results/tiny").glob("*.model"))
        result = first.with_suffix(".h5")
        self.assertEqual(self.succeeds("sample", result).out, self.succeeds("sample", first).out)
        self.assertIn("-1 not in range", self.refused("sample", first, "--seed", "-1"))
        (self.folder / "cut.so").write_bytes(PLUGIN.read_bytes()[:5000])
        self.assertIn("cut.so: loading it ended with", self.refused("sample", first, "--plugin", "cut.so"))
        second.unlink()
        self.assertRegex(self.refused("sample", second.with_suffix(".h5")), r"\.model: no such kept model; .*keep\.model")


@unittest.skipUnless(importlib.util.find_spec("pandas"), "no python3-pandas")
class DataFrames(CliTest):
    def test_a_study_as_data_frames_holds_what_export_prints(self):
        sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "results"))
        import klbench_results
        self.trained(self.tiny_study(seeds=1))
        study = klbench_results.read(self.folder / "results/tiny.h5")
        self.assertEqual(study.name, "tiny")
        self.assertEqual(study.cells.method.tolist(), ["vae", "bn_vae"])
        self.assertEqual(study.cells["trainer.epochs"].tolist(), [2, 2])
        self.assertTrue(np.isnan(study.cells["regularizer.bn_vae.gamma"].iloc[0]))
        self.assertEqual(len(study.missing), 0)
        rows = list(csv.DictReader(self.succeeds("export", "tiny").out.splitlines()))
        for frame, own in ((study.final, lambda row: row["split"] in ("valid", "test") and not row["epoch"]),
                           (study.epochs, lambda row: row["split"] in ("train", "valid") and row["epoch"])):
            exported = {(row["cell"], row["split"], row["metric"], row["epoch"]): float(row["value"])
                        for row in rows if own(row)}
            read = {}
            for row in frame.to_dict("records"):
                by_dimension = "dimension" in row and row["dimension"] is not pd.NA
                metric = f"{row['metric']}[{row['dimension']}]" if by_dimension else row["metric"]
                read[row["cell"], row["split"], metric, str(row.get("epoch", ""))] = row["value"]
            self.assertGreater(len(exported), 20)
            for key, value in exported.items():
                np.testing.assert_equal(read[key], value)
        self.assertEqual(study.examples("nll").shape, (2, 16))
        with self.assertRaisesRegex(KeyError, "keeps no values by example of mi"):
            study.examples("mi")


if __name__ == "__main__":
    unittest.main()
