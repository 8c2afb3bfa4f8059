"""Arguments as people write them: the right value, or one line with the right form; and resuming from elsewhere."""
import json

from harness import *

WORDS = ["the cat sat", "a dog ran off", "birds sing", "the dog sat down", "a cat ran", "birds fly south"]


class Options(CliTest):
    def test_words_of_other_programs_name_the_option_of_this_subcommand(self):
        study = self.tiny_study()
        for arguments, form in [
                (("plan", study, "--json"), "unknown option '--json'; write --format json"),
                (("status", study, "--csv"), "write --format csv"),
                (("compare", "tiny", "vae", "bn_vae", "--json"), "write --format json"),
                (("plot", "x.h5", "--pdf"), "write --format pdf"),
                (("plot", "x.h5", "--json"), "unknown option '--json'; --format takes png,svg,pdf"),
                (("plot", "x.h5", "--output", "there"), "write --out DIR"),
                (("run", study, "--out", "there"), "unknown option '--out'; write --results DIR"),
                (("show", "x.h5", "--out", "there.md"), "show prints to standard output: write > FILE"),
                (("list", "metrics", "-o", "x"), "list prints to standard output: write > FILE"),
                (("run", study, "-j", "2"), "write --workers N"),
                (("run", study, "--overwrite"), "write --force"),
                (("run", study, "--resume"), "a run resumes by itself: leave it out"),
                (("run", "--config", study), "the file stands alone: klbench run FILE")]:
            self.assertIn(form, self.refused(*arguments), arguments)
        self.assertIn("did you mean", self.refused("run", study, "--worker", "2"))
        self.assertRegex(self.refused("run", study, "--json"), "unknown option '--json'; valid: ")

    def test_options_of_studies_go_behind_set(self):
        study = self.tiny_study()
        for argument, form in [
                ("--epochs=3", "write --set trainer.epochs=3"), ("--trainer.lr", "write --set trainer.lr=VALUE"),
                ("--batch-size=8", "write --set eval.batch_size=8 or --set trainer.batch_size=8"), ("--seed=1", "write --set seed=1"),
                ("--regularizer=vae", "write --set regularizer=vae"),
                ("trainer.epochs=5", "unexpected argument 'trainer.epochs=5'; write --set trainer.epochs=5"),
                ("--trainer=x", "write --set trainer.<option>=VALUE"),
                ("1,", "a value with blanks needs quotes: --set 'KEY=VALUE'")]:
            self.assertIn(form, self.refused("run", study, argument), argument)
        self.assertIn("see klbench list --help", self.refused("list", "metrics", "epochs=3"))

    def test_values_that_do_not_convert_are_said_in_one_way(self):
        study = self.tiny_study()
        seconds = "is no number from 0 to 1000000000: Seconds an attempt at a cell may run"
        for arguments, form in [
                (("run", study, "--timeout", "abc"), f"--timeout: 'abc' {seconds}"),
                (("run", study, "--timeout", "-5"), f"--timeout: '-5' {seconds}"),
                (("run", study, "--timeout", "nan"), f"--timeout: 'nan' {seconds}"),
                (("run", study, "--timeout"), "--timeout wants a value: Seconds an attempt"),
                (("run", study, "--retries", "1.5"), "--retries: '1.5' is no whole number from 0 to 1000: "),
                (("run", study, "--retries", "1", "--retries", "2"), "--retries is given 2 times, and takes one value"),
                (("run", study, "--gpus", "two"), "--gpus: 'two' is no whole number from 0 to 4096: "),
                (("run", study, "--quiet=x"), "quiet takes no value"),
                (("run", study, "--workers", "1.5"), "--workers wants auto or a number from 1 to 4096, got '1.5'"),
                (("run", study, "--workers", "-1"), "--workers wants auto or a number from 1 to 4096, got '-1'"),
                (("interpolate", "x", "--from", "a"), "--from: 'a' is no whole number 0 or more: "),
                (("watch", "tiny", "--split", "tain"), "unknown split 'tain' (did you mean 'train'?)"),
                (("run", study, "--set", "data:", "synthetic"), "write data=VALUE, without a blank"),
                (("run", study, "--set", "data: synthetic"), "write data=synthetic")]:
            self.assertIn(form, self.refused(*arguments), arguments)

    def test_commands_in_hints_can_be_pasted(self):
        folder = self.folder / "my studies"
        study = self.write("my studies/a b.yaml", self.tiny_study().read_text())
        self.write("my studies/study.yaml", study.read_text())
        self.write("my plain", study.read_text())
        self.assertIn("klbench run 'my studies/a b.yaml' makes them", self.refused("show", "my studies/a b.yaml"))
        self.assertIn("klbench run 'my studies/a b.yaml' makes them", self.refused("verify", "my studies/a b.yaml"))
        self.assertIn("; write 'my studies/study.yaml'", self.refused("plan", "my studies"))
        self.assertIn("rename it to 'my plain.yaml'", self.refused("plan", "my plain"))
        self.assertIn("klbench run 'my studies/new.yaml'", self.succeeds("new", "study", "new", "--out", folder.name).err)
        for name in ("study.yaml", "a b.yaml"):
            (folder / name).unlink()
        self.write("a b.yaml", study.read_text() if study.exists() else self.tiny_study().read_text())
        (self.folder / "tiny.yaml").unlink()
        self.assertIn("klbench run 'a b.yaml'", self.succeeds("--help").out)

    def test_set_takes_lists_and_compositions_as_tables_print_them(self):
        study = self.tiny_study()
        rows = self.succeeds("plan", study, "--format", "csv", "--set", "seed=0,1,2", "--set",
                             "regularizer=vae,free_bits+kl_annealing").out.splitlines()[1:]
        self.assertEqual([row.split(",")[1] for row in rows],
                         [f"{method} seed={seed}" for method in ("vae", "free_bits+kl_annealing") for seed in range(3)])

    def test_studies_are_found_whatever_their_extension_and_refused_with_the_right_argument(self):
        text = self.tiny_study().read_text()
        self.assertEqual(len(self.succeeds("plan", self.write("T.YML", text), "--format", "csv").out.splitlines()), 5)
        self.write("plain", text)
        self.write("folder/study.yaml", text)
        self.assertIn("rename it to plain.yaml", self.refused("plan", "plain"))
        self.assertIn("write folder/study.yaml", self.refused("plan", "folder"))
        self.assertIn("write study: x", self.refused("plan", self.write("h.yaml", text.replace("tiny", "x.h5"))))

    def test_a_home_folder_behind_an_equals_sign_is_the_home_folder(self):
        self.environment["HOME"] = str(self.folder / "home")
        self.succeeds("run", self.tiny_study(seeds=1, regularizers="[vae]"), "--results=~/results", "--quiet")
        self.assertTrue((self.folder / "home/results/tiny.h5").exists())
        self.assertFalse((self.folder / "~").exists())


class Elsewhere(CliTest):
    def test_a_run_with_relative_paths_goes_on_by_name_from_another_folder(self):
        for split in ("train", "valid", "test"):
            self.write(f"data/{split} #1.txt", "\n".join(WORDS * (4 if split == "train" else 1)) + "\n")
        study = self.write("words.yaml", """study: words
data: {name: text_lines}
model: {embedding_dim: 4, hidden_dim: 8, latent_dim: 2}
trainer: {epochs: 1, batch_size: 8, precision: f32}
eval: {nll_samples: 5}
""")
        splits = [argument for split in ("train", "valid", "test")
                  for argument in ("--set", f"data.{split}=data/{split} #1.txt")]
        self.assertIn("1 done (1 new)", self.succeeds("run", "words.yaml", *splits).out)
        record = json.loads((self.folder / "results/words/plan.json").read_text())
        self.assertEqual(record["settings"],
                         [f"data.{split}={self.folder}/data/{split} #1.txt" for split in ("train", "valid", "test")])
        (self.folder / "other").mkdir()
        process = subprocess.run([PROGRAM, "run", "words", "--results", "../results", "--set", "seed=0,1"],
                                 cwd=self.folder / "other", env=self.environment, capture_output=True, text=True)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("2 done (1 new)", process.stdout)
        self.assertTrue(study.exists())

    def test_what_set_says_beside_a_name_is_above_the_last_run(self):
        self.succeeds("run", self.tiny_study(seeds=1, regularizers="[vae]"), "--set", "seed=3", "--quiet")
        cells = json.loads(self.succeeds("plan", "tiny", "--set", "seed=4,5", "--format", "json").out)
        self.assertEqual([cell["cell"][-6:] for cell in cells], ["seed=4", "seed=5"])


if __name__ == "__main__":
    unittest.main()
