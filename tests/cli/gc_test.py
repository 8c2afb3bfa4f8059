"""gc: what it lists, what it removes, what it never touches."""
import json

from harness import *

PLUGIN = os.environ.get("KLBENCH_FAILING_PLUGIN", str(pathlib.Path(PROGRAM).parent / "failing_plugin.so"))


class Garbage(CliTest):
    def files(self):
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in (self.folder / "results").rglob("*")
                if path.is_file()}

    def ids(self, *arguments):
        return {row["id"] for row in json.loads(self.succeeds("plan", *arguments, "--format", "json").out)}

    def prepared(self):
        """A study with the cells of an earlier grid, leftovers and things of other people."""
        study = self.tiny_study()
        self.succeeds("run", study, "--set", "trainer.epochs=1")
        self.succeeds("run", study)
        old, kept = self.ids(study, "--set", "trainer.epochs=1"), self.ids(study)
        self.assertFalse(old & kept)
        for name in [f"tiny/{min(kept)}.h5.tmp.12.0", f"tiny/{min(old)}.h5.tmp.12.1", "tiny/manifest.tsv.tmp.12.2",
                     "tiny.h5.tmp.12.3", f"tiny/{min(old)}.h5.edited", "tiny/notes.txt", "tiny/0123.h5", "other.h5.tmp.1"]:
            self.write("results/" + name, "x" * 1000)
        return study, old, kept

    def test_a_dry_run_lists_and_removes_nothing(self):
        study, old, _ = self.prepared()
        before = self.files()
        out = self.succeeds("gc", study).out
        self.assertEqual(self.files(), before)
        for cell in old:
            self.assertRegex(out, rf"(?m)^finished +{cell}  +(bn_)?vae seed=[01]  +\d+\.\d kB$")
        self.assertRegex(out, r"(?m)^leftovers +3 files +\*\.tmp\.\* +3\.0 kB$")
        self.assertRegex(out, r"\ntiny: 4 cells outside the grid, 3 leftovers, [\d.]+ kB; the numbers of 4 finished cells "
                              r"would be lost; nothing was removed, --delete does\n\Z")

    def test_delete_removes_just_that(self):
        study, old, _ = self.prepared()
        before = self.files()
        self.assertRegex(self.succeeds("gc", study, "--delete").out, r"4 cells .* removed\n\Z")
        after = self.files()
        gone = {name for name in before if name not in after}
        expected = {name for name in before if any(f"/{cell}." in name for cell in old) and not name.endswith(".edited")}
        expected |= {name for name in before if ".tmp.12." in name}
        self.assertEqual(gone, expected)
        self.assertEqual({name for name in after if after[name] != before[name]}, {"results/tiny/manifest.tsv"})
        self.assertIn("nothing to remove", self.succeeds("gc", study).out)
        self.assertIn("4 done (0 new)", self.succeeds("run", study).out)
        self.succeeds("verify", "results/tiny.h5")
        (self.folder / "results/tiny/0123.h5").unlink()  # another's
        self.succeeds("verify", "tiny")

    def test_a_named_study_has_the_grid_of_its_last_run(self):
        _, old, kept = self.prepared()
        out = self.succeeds("gc", "tiny").out
        self.assertTrue(all(cell in out for cell in old))
        self.assertFalse(any(cell in out for cell in kept))

    def test_it_waits_for_the_end_of_a_run(self):
        study = self.tiny_study(seeds=1, regularizers="[{name: failing, how: hang}]", more=f"plugins: [{PLUGIN}]\n")
        process = self.start("run", study)
        self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.log")))
        before = set(self.files())
        for arguments in [("tiny",), ("tiny", "--delete")]:
            self.assertIn("results/tiny/lock: a run is going on", self.refused("gc", *arguments, code=1))
        self.assertLessEqual(before, set(self.files()))

    def test_a_study_without_results(self):
        self.assertIn("no such folder", self.refused("gc", self.tiny_study()))
        self.assertFalse((self.folder / "results").exists())


if __name__ == "__main__":
    unittest.main()
