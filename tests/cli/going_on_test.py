"""Reading a study's results while a run goes on, and after one that was killed."""
import json

from harness import *

PLUGIN = os.environ.get("KLBENCH_FAILING_PLUGIN", str(pathlib.Path(PROGRAM).parent / "failing_plugin.so"))


class GoingOn(CliTest):
    def start_run_that_hangs(self, seeds=1):
        """A run of which the cells of the first regularizer are published and those of the second never end."""
        study = self.tiny_study(seeds=seeds, regularizers="[vae, {name: failing, how: hang}]",
                                more=f"plugins: [{PLUGIN}]\n")
        process = self.start("run", study, "--workers", "1")
        plan = self.folder / "results/tiny/plan.json"
        self.wait_until(lambda: plan.exists() and "failing" in plan.read_text() and len(self.cell_files()) == seeds)
        return study, process

    def kill(self, process):
        process.kill()
        process.communicate()

    def test_show_plot_and_export_take_what_is_published(self):
        study, process = self.start_run_that_hangs()
        note = "klbench: tiny: 1 of 2 cells, a run is going on\n"
        for target in ["tiny", study]:
            shown = self.succeeds("show", target)
            self.assertEqual(shown.err, note)
            self.assertIn("tiny: 2 cells, 1 done, 1 missing", shown.out)
            self.assertRegex(shown.out, r"(?m)^vae .*\d")
        self.assertRegex(self.succeeds("show", "tiny", "--metric", "kl,train_seconds").out, r"(?m)^vae .*\d .*\d")
        exported = self.succeeds("export", "tiny", "--format", "json")
        self.assertEqual(exported.err, note)
        self.assertEqual({row["regularizer"] for row in json.loads(exported.out)}, {"vae"})
        drawn = self.succeeds("plot", "tiny", "--format", "svg")
        self.assertEqual(drawn.err, note)
        self.assertTrue((self.folder / "plots/tiny/kl.svg").is_file())
        self.assertIn("results/tiny.h5: no such file", self.refused("show", "results/tiny.h5"))
        self.assertIsNone(process.poll())
        self.kill(process)
        self.assertEqual(self.succeeds("show", "tiny").err, "klbench: tiny: 1 of 2 cells, no run is going on\n")
        self.assertFalse((self.folder / "results/tiny.h5").exists())

    def test_a_file_that_has_less_than_the_cells_is_not_all_there_is(self):
        study = self.tiny_study(seeds=2, regularizers="[vae]")
        self.trained(study)
        self.succeeds("run", study, "--set", "seed=0")
        whole = self.succeeds("show", "tiny")
        self.assertEqual(whole.err, "")
        self.assertIn("tiny: 1 cells, 1 done", whole.out)
        _, process = self.start_run_that_hangs(seeds=2)
        self.assertIn("tiny: 2 of 4 cells, a run is going on", self.succeeds("show", "tiny").err)
        self.assertIn("tiny: 1 cells, 1 done", self.succeeds("show", "results/tiny.h5").out)
        self.kill(process)
        shown = self.succeeds("show", "tiny")
        self.assertIn("tiny: 2 of 4 cells, no run is going on", shown.err)
        self.assertIn("tiny: 4 cells, 2 done, 2 missing", shown.out)

    def test_a_study_whose_yaml_is_gone_is_shown_all_the_same(self):
        study, process = self.start_run_that_hangs()
        study.unlink()
        shown = self.succeeds("show", "tiny")
        self.assertIn("figures are not known", shown.err)
        self.assertIn("tiny: 2 cells, 1 done, 1 missing", shown.out)
        self.kill(process)

    def test_readers_do_not_disturb_a_run(self):
        study = self.tiny_study(seeds=4, train_size=640, epochs=4)
        self.succeeds("run", study, "--results", "undisturbed")
        process = self.start("run", study)
        self.wait_until(lambda: (self.folder / "results/tiny/plan.json").exists())
        while process.poll() is None:
            self.succeeds("show", "tiny")
            self.succeeds("status", "tiny")
        out, err = process.communicate()
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("8 cells, 8 done (8 new)", out)
        self.assertEqual(self.cell_files(), self.cell_files(results="undisturbed"))


if __name__ == "__main__":
    unittest.main()
