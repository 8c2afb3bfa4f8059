"""Commands that read what a study left: verify, show, export, plot, sample."""
import csv
import importlib.util
import json
import shutil
import struct
import sys

from harness import *

import h5py
import numpy as np

if importlib.util.find_spec("pandas"):
    import pandas as pd

RESULTS = str(pathlib.Path(__file__).parents[2] / "results")  # where klbench_results.py is
PLUGIN = pathlib.Path(os.environ.get("KLBENCH_FAILING_PLUGIN", pathlib.Path(PROGRAM).parent / "failing_plugin.so"))


class Verify(CliTest):
    def test_a_study_that_was_never_run_is_not_ok(self):
        message = self.refused("verify", self.tiny_study())
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

    def test_a_name_of_which_only_the_file_is_left(self):
        self.trained(self.tiny_study(seeds=1, regularizers="[vae]"))
        (self.folder / "kept").mkdir()
        shutil.copy(self.folder / "results" / "tiny.h5", self.folder / "kept")
        self.assertEqual(self.succeeds("verify", "tiny", "--results", "kept").out, "tiny: ok\n")
        for command in (["watch", "tiny"], ["logs", "tiny", "0"], ["status", "tiny"]):
            message = self.refused(*command, "--results", "kept")
            self.assertIn("of study 'tiny' there is only kept/tiny.h5, without its folder kept/tiny: show, plot, report, "
                          "export, compare, diff and verify read it", message)
        self.succeeds("show", "tiny", "--results", "kept")

    def test_json_says_what_is_wrong_with_which_file_and_cell(self):
        self.trained(self.tiny_study(seeds=1))
        whole, damaged = (pathlib.Path(f"results/tiny/{cell}.h5") for cell in self.cell_files())
        bytes_ = bytearray((self.folder / damaged).read_bytes())
        bytes_[1000] ^= 1
        (self.folder / damaged).write_bytes(bytes_)
        result = self.klbench("verify", whole, "tiny", "nope.h5", "--format", "json")
        self.assertEqual((result.code, result.err), (2, "klbench: nope.h5: no such file\n"))
        good, bad, none = json.loads(result.out)
        self.assertEqual(good, {"path": str(whole), "ok": True, "problems": [], "error": None})
        self.assertEqual((bad["path"], bad["ok"], bad["error"]), ("tiny", False, None))
        problem, = bad["problems"]
        self.assertEqual((problem["file"], problem["cells"]), (str(damaged), [damaged.stem]))
        self.assertIn("differs from its hash", problem["text"])
        self.assertEqual(none, {"path": "nope.h5", "ok": False, "problems": [], "error": "nope.h5: no such file"})
        self.assertEqual(self.klbench("verify", "tiny", "--format", "json").code, 1)


def masked_crc(data):
    """CRC-32C bit by bit, masked as in TensorFlow's record files."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    crc ^= 0xffffffff
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff


def fields(message):
    """Field number -> values of a protocol buffer; numbers of 64 and 32 bits and nested messages are bytes."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        field, kind = divmod(varint(), 8)
        size = None if kind == 0 else {1: 8, 5: 4}.get(kind) or varint()
        value = varint() if size is None else message[at:at + size]
        at += size or 0
        found.setdefault(field, []).append(value)
    return found


def read_events(path):
    """(tag, step, wall time, value) of the points of a file of TensorBoard, and its hyperparameters."""
    data, at, points, hyperparameters = path.read_bytes(), 0, [], {}
    first = True
    while at < len(data):
        head = data[at:at + 8]
        size, = struct.unpack("<Q", head)
        event = data[at + 12:at + 12 + size]
        assert len(event) == size
        assert struct.unpack("<I", data[at + 8:at + 12])[0] == masked_crc(head)
        assert struct.unpack("<I", data[at + 12 + size:at + 16 + size])[0] == masked_crc(event)
        at += 16 + size
        event = fields(event)
        wall, = struct.unpack("<d", event[1][0])
        if first:
            assert event[3] == [b"brain.Event:2"]
            first = False
            continue
        value = fields(fields(event[5][0])[1][0])
        tag = value[1][0].decode()
        if 2 in value:
            points.append((tag, event[2][0], wall, struct.unpack("<f", value[2][0])[0]))
            continue
        plugin = fields(fields(value[9][0])[1][0])
        assert plugin[1] == [b"hparams"]
        session = fields(plugin[2][0])
        for entry in fields(session[3][0])[1] if tag.endswith("start_info") else []:
            name, of = fields(entry)[1][0].decode(), fields(fields(entry)[2][0])
            hyperparameters[name] = of[3][0].decode() if 3 in of else struct.unpack("<d", of[2][0])[0]
    return points, hyperparameters


class Export(CliTest):
    def test_the_checksum_is_that_of_the_standard(self):
        check = 0xe3069283  # what CRC-32C is known by: that of these digits
        self.assertEqual(masked_crc(b"123456789"), ((check >> 15 | check << 17) + 0xa282ead8) & 0xffffffff)

    def test_rows_and_events_hold_what_h5py_reads(self):
        self.trained(self.tiny_study(seeds=1))
        printed = self.succeeds("export", "tiny", "--format", "tensorboard", "--out", "there").out
        self.assertEqual(printed, "there: 2 runs\n")
        rows = list(csv.DictReader(self.succeeds("export", "tiny").out.splitlines()))
        wide = {row["cell"]: row for row in csv.DictReader(self.succeeds("export", "tiny", "--wide").out.splitlines())}
        with h5py.File(self.folder / "results/tiny.h5") as file:
            for i, cell in enumerate(file["cells/id"].asstr()):
                method, seed = file["cells/method"].asstr()[i], file["config/seed"][i]
                run = self.folder / f"there/tiny/{method}/seed={seed}"
                points, hyperparameters = read_events(run / "events.out.tfevents.0.klbench")
                self.assertEqual(hyperparameters, {"regularizer": method, "seed": seed})
                steps, pace = file["epochs/step"][i], file["provenance/seconds_per_epoch"][i]
                curves = {}
                for tag, step, wall, value in points:
                    curves.setdefault(tag, []).append((step, wall, value))
                for split in ("train", "valid"):
                    for metric, values in file["epochs"][split].items():
                        expected = [(step, pace * (epoch + 1), np.float32(values[i, epoch]))
                                    for epoch, step in enumerate(steps) if not np.isnan(values[i, epoch])]
                        np.testing.assert_allclose(curves.get(f"{split}/{metric}", []), expected, rtol=1e-7)
                own = {(row["split"], row["metric"]): row for row in rows if row["cell"] == cell and not row["epoch"]}
                for split, metrics in file["final"].items():
                    for metric, values in metrics.items():
                        if values.ndim > 1 or np.isnan(values[i]):
                            continue
                        (step, _, value), = curves[f"final/{split}/{metric}"]
                        self.assertEqual((step, value), (steps[-1], np.float32(values[i])))
                        row = own[split, metric]
                        self.assertEqual((float(row["value"]), row["units"]), (values[i], values.attrs["units"]))
                        self.assertEqual(float(wide[cell][f"{split}/{metric}"]), values[i])
                        known = dict(values.attrs) | {name: column[i] for name, column in
                                                      file["estimates"][split].get(metric, {}).items()}
                        for name in ("examples", "samples", "error"):
                            stored = known.get(name, np.nan)
                            self.assertEqual(row[name], "" if np.isnan(stored) else row[name])
                            if not np.isnan(stored):
                                self.assertEqual(float(row[name]), stored)
                self.assertEqual(own["test", "kl"]["estimator"], "closed form")
                self.assertEqual({row["label"] for row in own.values()}, {method})
                self.assertEqual(set(curves), {
                    ("" if row["epoch"] or row["split"] in ("facts", "cost") else "final/") + f"{row['split']}/{row['metric']}"
                    for row in rows if row["cell"] == cell and "[" not in row["metric"]})

    def test_what_does_not_go_together_is_refused(self):
        for arguments, form in [(("--format", "tensorboard"), "write --out DIR"), (("--out", "there"), "write > FILE"),
                                (("--examples", "--wide"), "give one of them"),
                                (("--examples", "--split", "valid"), "--examples are those of test"),
                                (("--format", "tensorboard", "--out", "there", "--wide"), "go with --format csv or json"),
                                (("--format", "parquet"), "unknown format 'parquet'; valid: csv, json, tensorboard")]:
            self.assertIn(form, self.refused("export", "tiny", *arguments))


class Weights(CliTest):
    def test_kept_weights_are_safetensors_that_give_the_kept_latents(self):
        generator = np.random.default_rng(0)
        pictures = {split: generator.integers(0, 256, size=(count, 4, 5), dtype=np.uint8)
                    for split, count in (("train", 32), ("valid", 8), ("test", 8))}
        for split, pixels in pictures.items():
            (self.folder / split).write_bytes(struct.pack(">4I", 0x803, *pixels.shape) + pixels.tobytes())
        self.write("pictures.yaml", """study: pictures
data: {name: idx_images, train: train, valid: valid, test: test, binarise: threshold}
model: {hidden_dim: 8, latent_dim: 2}
trainer: {epochs: 1, batch_size: 8, precision: f32}
eval: {nll_samples: 5}
keep: {model: true, latents: true}
""")
        self.succeeds("run", "pictures.yaml")
        path, = (self.folder / "results/pictures").glob("*.model")
        data = path.read_bytes()
        size, = struct.unpack("<Q", data[:8])
        self.assertEqual(size % 8, 0)
        header = json.loads(data[8:8 + size])
        self.assertIn("latent_dim: 2", header.pop("__metadata__")["cell"])
        tensors, end = {}, 0
        for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            begin, last = entry["data_offsets"]
            self.assertEqual((entry["dtype"], begin), ("F32", end))
            end = last
            tensors[name] = np.frombuffer(data[8 + size + begin:8 + size + last], "<f4").reshape(entry["shape"])
        self.assertEqual(8 + size + end, len(data))
        hidden = (pictures["test"].reshape(8, -1) >= 128).astype(np.float32)
        layers = sorted({name.rsplit(".", 1)[0] for name in tensors if name.startswith("encoder.layers.")})
        for layer in layers:
            hidden = np.maximum(hidden @ tensors[layer + ".weight"].T + tensors[layer + ".bias"], 0)
        raw = hidden @ tensors["encoder.to_latent.weight"].T + tensors["encoder.to_latent.bias"]
        if importlib.util.find_spec("pandas"):
            sys.path.insert(0, RESULTS)
            import klbench_results
            read = klbench_results.weights(path)
            self.assertEqual(set(read), set(tensors))
            for name, values in tensors.items():
                np.testing.assert_array_equal(read[name], values)
        with h5py.File(path.with_suffix(".latent.h5")) as latents:
            np.testing.assert_allclose(latents["test/mu"][()], raw[:, :2], atol=1e-5)


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
        self.assertIn("--seed: '-1' is no whole number 0 or more: Seed of the draws", self.refused("sample", first, "--seed", "-1"))
        (self.folder / "cut.so").write_bytes(PLUGIN.read_bytes()[:5000])
        self.assertIn("cut.so: loading it ended with", self.refused("sample", first, "--plugin", "cut.so"))
        second.unlink()
        self.assertRegex(self.refused("sample", second.with_suffix(".h5")), r"\.model: no such kept model; .*keep\.model")


@unittest.skipUnless(importlib.util.find_spec("pandas"), "no python3-pandas")
class DataFrames(CliTest):
    def test_a_study_as_data_frames_holds_what_export_prints(self):
        sys.path.insert(0, RESULTS)
        import klbench_results
        self.trained(self.tiny_study(seeds=1, more="tags: {headline: {regularizer: bn_vae}}\n"))
        study = klbench_results.read(self.folder / "results/tiny.h5")
        self.assertEqual(study.name, "tiny")
        self.assertEqual(study.cells.method.tolist(), ["vae", "bn_vae"])
        self.assertEqual(study.cells["trainer.epochs"].tolist(), [2, 2])
        self.assertEqual(study.cells.tags.tolist(), [[], ["headline"]])
        self.assertTrue(np.isnan(study.cells["regularizer.bn_vae.gamma"].iloc[0]))
        self.assertEqual(len(study.missing), 0)
        rows = list(csv.DictReader(self.succeeds("export", "tiny").out.splitlines()))
        mi = study.final.query("split == 'test' and metric == 'mi'").set_index("cell")
        diagnostics = study.diagnostics.set_index(["cell", "name", "dimension", "epoch"]).value
        for row in rows:
            if row["split"] == "test" and row["metric"] == "mi":
                self.assertEqual([str(mi.loc[row["cell"], name]) for name in ("estimator", "examples", "samples", "error")],
                                 [row[name] for name in ("estimator", "examples", "samples", "error")])
            if row["split"] == "diagnostics":
                name, _, dimension = row["metric"].rstrip("]").partition("[")
                self.assertEqual(diagnostics[row["cell"], name, int(dimension or 0), int(row["epoch"])], float(row["value"]))
        self.assertEqual(set(study.epochs.groupby("epoch").step.first()), {4, 8})  # 64 examples in batches of 16
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
