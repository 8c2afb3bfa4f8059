"""Cells that crash, leave, hang, leak, throw or diverge are recorded failures; the others go on."""
import json
import re

from harness import *

PLUGIN = os.environ.get("KLBENCH_FAILING_PLUGIN", str(pathlib.Path(PROGRAM).parent / "failing_plugin.so"))

REASONS = {
    "segfault": r"SIGSEGV \(Segmentation fault\)",
    "exit_0": r"exited with code 0 without publishing a result",
    "exit_7": r"exited with code 7",
    "abort": r"SIGABRT \(Aborted\)",
    "throw": r"thrown\\nby the remedy",
    "hang": r"timed out after 20 s",
    "leak": r"used \d+ MB of memory, more than --max-rss 1000 MB",
    "nan": r"NaN|nan|infinite",
}


class Failures(CliTest):
    def study(self, ways):
        return self.tiny_study(seeds=1, regularizers="[vae, {name: failing, how: [%s]}, bn_vae]" % ", ".join(ways),
                               more=f"plugins: [{PLUGIN}]\n")

    def test_every_way_to_fail_is_recorded_and_the_others_are_done(self):
        study = self.study(REASONS)
        result = self.klbench("run", study, "--workers", "2", "--timeout", "20", "--max-rss", "1000", timeout=300)
        self.assertEqual(result.code, 1, result.err)
        self.assertIn("10 cells, 2 done (2 new), 1 diverged, 7 failed", result.out)
        for way, reason in REASONS.items():
            self.assertRegex(result.out, rf"(?m)^  (failed|diverged) [0-9a-f]+ failing how={way}: .*({reason})")
        states = json.loads(self.succeeds("status", study, "--format", "json").out)
        self.assertEqual(sorted(row["state"] for row in states), ["diverged", "done", "done"] + ["failed"] * 7)
        self.assertIn("10 cells", self.succeeds("status", study).out)

    def test_only_failed_runs_just_those_and_others_stay(self):
        study = self.study(["exit_7"])
        self.assertEqual(self.klbench("run", study).code, 1)
        before = self.cell_files()
        self.assertEqual(len(before), 2)
        again = self.klbench("run", study, "--only", "failed", "--retries", "2")
        self.assertEqual(again.code, 1)
        self.assertIn("2 done (0 new), 1 failed", again.out)
        self.assertEqual(again.err.count("will be tried again"), 2)
        outcome = json.loads(next((self.folder / "results/tiny").glob("*.outcome.json")).read_text())
        self.assertEqual(outcome["attempts"], 4)
        log = next((self.folder / "results/tiny").glob(f"*{self.failed_id(study)}.log")).read_text()
        self.assertEqual(re.findall(r"(?m)^--- attempt (\d+), ", log), ["1", "2", "3", "4"])
        self.assertEqual(self.cell_files(), before)

    def failed_id(self, study):
        rows = json.loads(self.succeeds("status", study, "--format", "json").out)
        return next(row["id"] for row in rows if row["state"] == "failed")

    def test_fail_fast_starts_nothing_more(self):
        study = self.tiny_study(seeds=1, regularizers="[{name: failing, how: exit_7}, vae, bn_vae]")
        result = self.klbench("run", study, "--plugin", PLUGIN, "--fail-fast", "--workers", "1")
        self.assertEqual(result.code, 1)
        self.assertIn("0 done (0 new), 1 failed, 2 unfinished", result.out)


class Plugins(CliTest):
    def test_probe_prints_the_specs_and_the_program_knows_them(self):
        info = json.loads(self.succeeds("probe", PLUGIN).out)
        self.assertEqual([spec["key"] for spec in info["brings"]["regularizers"]], ["failing"])
        self.assertRegex(self.succeeds("list", "regularizers", "--plugin", PLUGIN).out, r"(?m)^failing ")
        self.assertIn("segfault", self.succeeds("describe", "failing", "--plugin", PLUGIN).out)
        self.assertIn("failing", self.refused("describe", "failing"))

    def test_a_plugin_that_cannot_be_loaded_is_one_clear_line(self):
        truncated = self.folder / "truncated.so"
        for size in [0, 100, 5000, 40000]:
            truncated.write_bytes(pathlib.Path(PLUGIN).read_bytes()[:size])
            study = self.tiny_study(more="plugins: [truncated.so]\n")
            self.assertIn("truncated.so", self.refused("run", study))
            self.assertIn("plugin truncated.so: ", self.refused("probe", "truncated.so"))
            self.assertRegex(self.refused("run", study), r"\Aklbench: \S*/tiny\.yaml:\d+:11: plugin \S*/truncated\.so: ")
        self.assertRegex(self.refused("list", "regularizers", "--plugin", "missing.so"),
                         r"\Aklbench: --plugin: plugin \S*/missing\.so: no such file")
        self.assertFalse((self.folder / "results").exists())

    def test_another_build_of_a_plugin_makes_other_cells(self):
        study = self.tiny_study(seeds=1, regularizers="[vae, failing]", more="plugins: [copy.so]\n")
        ids = []
        for tail in [b"", b"\0"]:
            (self.folder / "copy.so").write_bytes(pathlib.Path(PLUGIN).read_bytes() + tail)
            ids.append([row["id"] for row in json.loads(self.succeeds("plan", study, "--format", "json").out)])
        self.assertEqual(ids[0][0], ids[1][0])
        self.assertNotEqual(ids[0][1], ids[1][1])


class New(CliTest):
    def test_a_new_plugin_is_written_once(self):
        steps = self.succeeds("new", "regularizer", "my_remedy", "--out", "my drafts").err
        self.assertRegex(steps, r"(?m)^  cmake -S 'my drafts' -B 'my drafts/build' -DCMAKE_PREFIX_PATH=\S+ && cmake --build 'my drafts/build'$")
        self.assertRegex(steps, r"(?m)^  klbench run STUDY\.yaml --plugin 'my drafts/build/my_remedy\.so'$")
        self.succeeds("new", "regularizer", "my_remedy", "--out", "mine")
        self.assertIn("my_remedy", (self.folder / "mine/my_remedy.cpp").read_text())
        self.assertTrue((self.folder / "mine/CMakeLists.txt").exists())
        self.assertIn("exists already; give each plugin an --out of its own",
                      self.refused("new", "regularizer", "my_remedy", "--out", "mine"))
        self.assertIn("exists already", self.refused("new", "regularizer", "bn_vae", "--out", "other"))
        self.refused("new", "regularizer", "../Bad", "--out", "other")
        self.assertIn("--out", self.refused("new", "regularizer", "my_remedy"))
        self.assertFalse((self.folder / "other").exists())


if __name__ == "__main__":
    unittest.main()
