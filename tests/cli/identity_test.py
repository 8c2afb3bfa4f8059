"""What a finished cell is, when it is used again and when not, and that nothing of it is lost."""
import shutil

from harness import *


class Identity(CliTest):
    def results(self):
        """Every file of the results but locks, with its bytes."""
        return {path: path.read_bytes() for path in (self.folder / "results").rglob("*")
                if path.is_file() and path.suffix != ".lock" and path.name != "lock"}

    def flip(self, path):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
        return bytes(data)

    def test_what_is_kept_changes_no_result_and_is_made_from_the_weights_where_they_are(self):
        self.trained(self.tiny_study(seeds=1))
        before = self.cell_files()
        keep = "keep: {model: true, latents: true, samples: 2}\n"
        run = self.succeeds("run", self.tiny_study(seeds=1, more=keep))
        self.assertIn("2: trained again for its weights", run.err)
        self.assertIn("2 done (2 new)", run.out)
        self.assertEqual({name: value for name, value in self.cell_files().items() if "." not in name}, before)
        folder = self.folder / "results/tiny"
        kept = {path: path.read_bytes() for suffix in (".latent.h5", ".samples.txt") for path in folder.glob("*" + suffix)}
        self.assertEqual(len(kept), 4)
        for path in kept:
            path.unlink()
        run = self.succeeds("run", self.tiny_study(seeds=1, more=keep))
        self.assertEqual(run.err.count("its kept files are made from the weights"), 2, run.err)
        self.assertIn("2 done (0 new)", run.out)
        self.assertEqual({path: path.read_bytes() for path in kept}, kept)
        self.assertIn("2 done (0 new)", self.succeeds("run", self.tiny_study(seeds=1)).out)
        self.assertEqual({name: value for name, value in self.cell_files().items() if "." not in name}, before)
        next(folder.glob("*.latent.h5")).unlink()
        next(folder.glob("*.model")).write_text("no weights")
        for path in folder.glob("*.samples.txt"):
            path.unlink()
        run = self.klbench("run", self.tiny_study(seeds=1, more=keep))
        self.assertEqual(run.code, 1)
        self.assertRegex(run.err, r"its kept files cannot be made from results/tiny/\w+\.model: [^\n]+; remove that to train it again")

    def test_equal_cells_are_trained_once_and_named(self):
        study = self.tiny_study(seeds=1, regularizers="[[vae, bn_vae], [kl_annealing, free_bits], bn_vae, [free_bits, kl_annealing]]")
        plan = self.succeeds("plan", study)
        self.assertIn(f"{study}: cells 1 and 3 are the same: bn_vae, seed 0\n"
                      f"{study}: cells 2 and 4 are the same: free_bits+kl_annealing, seed 0\n", plan.err)
        self.assertIn("2 done (2 new)", self.succeeds("run", study).out)

    def test_why_cells_are_not_used_again_and_how_long_they_may_take(self):
        study = self.tiny_study(seeds=1)
        first = self.succeeds("run", study, "--dry-run").out
        self.assertEqual(first, "tiny: 2 cells, 0 reused, 2 to train\n  2: no cell is finished yet\n"
                                "estimated time: unknown, no cell of the same method and size is finished\n")
        self.assertFalse((self.folder / "results").exists())
        run = self.succeeds("run", study)
        self.assertTrue(run.err.startswith("tiny: 2 cells, 0 reused, 2 to train\n"), run.err)
        self.assertEqual(self.succeeds("run", study, "--quiet").err, "")
        before = self.results()
        dry = self.succeeds("run", study, "--set", "trainer.lr=0.5", "--set", "seed=0", "--dry-run").out
        self.assertIn("tiny: 2 cells, 0 reused, 2 to train\n  2: trainer.lr 0.5 instead of its default\n", dry)
        grown = self.succeeds("run", self.tiny_study(seeds=2), "--dry-run", "--workers", "1").out
        self.assertIn("tiny: 4 cells, 2 reused, 2 to train\n  2: seed 1 instead of its default\n", grown)
        self.assertRegex(grown, r"(?m)^estimated time: \d+ s with 1 worker$")
        self.assertEqual(self.results(), before)
        status = self.succeeds("status", "--why", study).out
        self.assertEqual(status.count("seed 1 instead of its default"), 3, status)
        self.assertIn("reused", status)
        for record in (self.folder / "results/tiny").glob("*.run.json"):  # as an earlier klbench left them
            record.write_text("{}")
        self.assertIn("from before klbench noted", self.succeeds("status", "--why", study).out)

    def test_a_worker_says_that_it_is_the_data(self):
        for split in ("train", "valid", "test"):
            self.write(split + ".txt", "a b c\nb c\nc a b\na c\n")
        study = self.write("words.yaml", """study: words
data: {name: text_lines, train: train.txt, valid: valid.txt, test: test.txt, min_count: 1}
model: {embedding_dim: 4, hidden_dim: 8, latent_dim: 2}
trainer: {epochs: 1, precision: f32}
eval: {nll_samples: 5}
""")
        self.succeeds("run", study)
        config = next((self.folder / "results/words").glob("*.config.yaml"))
        cell = config.name.split(".")[0]
        self.write("train.txt", "a b c\nb c\nc a b\na b\n")
        worker = self.klbench("cell", "--config", config, "--id", cell, "--folder", "results/words")
        self.assertEqual(worker.code, 2)
        self.assertIn(f"cell {cell}: its data have changed since it was planned; put it back, or run the study again", worker.out)
        self.assertIn("1: the data are others\n", self.succeeds("run", study).err)

    def test_two_files_that_claim_one_study(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        self.trained(study)
        other = self.write("other/mine.yaml", study.read_text())
        message = self.refused("run", other)
        self.assertIn(f"results/tiny holds the results of {study}, which names the study 'tiny' as well", message)
        self.assertIn("run --force", message)
        self.assertIn("holds the results of", self.refused("collect", other))
        self.assertIn("holds the results of", self.refused("run", other, "--dry-run"))
        self.assertIn("1 done (0 new)", self.succeeds("run", other, "--force").out)
        self.assertIn("holds the results of", self.refused("run", study))
        other.rename(self.folder / "other/moved.yaml")
        self.assertIn("1 done (0 new)", self.succeeds("run", study).out)
        study.rename(self.folder / "renamed.yaml")
        self.assertIn("1 done (0 new)", self.succeeds("run", self.folder / "renamed.yaml").out)
        self.write("renamed.yaml", study_text := (self.folder / "renamed.yaml").read_text().replace("study: tiny", "study: huge"))
        self.assertIn("huge", study_text)
        self.assertIn("1 done (0 new)", self.succeeds("run", self.folder / "other/moved.yaml").out)

    def test_a_copied_project_is_its_own(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        self.trained(study)
        shutil.copytree(self.folder, self.folder.parent / (self.folder.name + "_copy"))
        self.addCleanup(shutil.rmtree, self.folder.parent / (self.folder.name + "_copy"), ignore_errors=True)
        copy = self.folder.parent / (self.folder.name + "_copy")
        again = self.succeeds("run", copy / "tiny.yaml", "--results", copy / "results")
        self.assertIn("1 done (0 new)", again.out)

    def test_the_studys_file_alone_gives_its_cells_back(self):
        study = self.tiny_study(seeds=1)
        setting = ["--set", "trainer.lr=[1.0, 1e30]", "--set", "trainer.clip=0"]
        self.assertEqual(self.klbench("run", study, *setting).code, 1)
        before = self.cell_files()
        self.assertEqual(len(before), 4)
        shutil.rmtree(self.folder / "results/tiny")
        dry = self.succeeds("run", study, *setting, "--dry-run")
        self.assertIn("tiny: 4 cells, 4 reused, 0 to train", dry.out)
        self.assertIn("4 cells, 4 collected", self.succeeds("status", study, *setting).out)
        self.assertFalse((self.folder / "results/tiny").exists())
        again = self.klbench("run", study, *setting)
        self.assertIn("  4 taken from results/tiny.h5\n", again.err)
        self.assertIn("4 cells, 2 done (0 new), 2 diverged", again.out)
        self.assertEqual(self.cell_files(), before)
        self.succeeds("verify", "results/tiny.h5", "tiny")
        (self.folder / "copied").mkdir()
        shutil.copy(self.folder / "results/tiny.h5", self.folder / "copied/tiny.h5")
        grown = [*setting, "--set", "seed=[0, 1]", "--results", "copied"]
        dry = self.succeeds("run", study, *grown, "--dry-run").out
        self.assertIn("  4: seed 1 instead of its default\n", dry)
        self.assertNotIn("estimated time: unknown", dry)
        more = self.klbench("run", study, *grown)
        self.assertIn("8 cells, 4 done (2 new), 4 diverged", more.out)
        after = self.cell_files(results="copied")
        self.assertEqual({cell: after[cell] for cell in before}, before)

    def test_a_damaged_study_file_is_set_aside_with_one_warning(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        self.trained(study)
        file = self.folder / "results/tiny.h5"
        whole = file.read_bytes()
        for lost_folder, name in [(False, "tiny.h5.edited"), (True, "tiny.h5.edited.2")]:
            damaged = self.flip(file)
            if lost_folder:
                shutil.rmtree(self.folder / "results/tiny")
            run = self.succeeds("run", study)
            self.assertEqual(run.err.count("tiny.h5: "), 1, run.err)
            self.assertIn(f"set aside as results/{name}", run.err)
            self.assertEqual((self.folder / "results" / name).read_bytes(), damaged)
            self.succeeds("verify", "results/tiny.h5")
        self.assertNotEqual(whole, damaged)

    def test_an_edited_cell_is_set_aside(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        self.trained(study)
        cell = next((self.folder / "results/tiny").glob("*.h5"))
        whole = cell.read_bytes()
        for name in (cell.name + ".edited", cell.name + ".edited.2"):
            edited = self.flip(cell)
            run = self.succeeds("run", study)
            self.assertIn(f"not usable, set aside as {name}, training again: ", run.err)
            self.assertEqual((cell.parent / name).read_bytes(), edited)
            self.assertEqual(cell.read_bytes(), whole)


if __name__ == "__main__":
    unittest.main()
