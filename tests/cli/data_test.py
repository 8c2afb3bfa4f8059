"""Data as people have it: what is refused before anything runs, and what is said about the rest."""
import bz2
import json
import lzma
import os
import shutil
import socket

from harness import *

STUDY = """study: mine
data: {{name: text_lines, train: train.txt, valid: valid.txt, test: test.txt{options}}}
model: {{embedding_dim: 4, hidden_dim: 8, latent_dim: 2}}
trainer: {{epochs: 1, batch_size: 4, max_decays: 0, precision: f32}}
eval: {{nll_samples: 5}}
sweep:
  regularizer: [vae, bn_vae]
{more}"""


class Data(CliTest):
    def setUp(self):
        super().setUp()
        for split, begin in [("train", "a b"), ("valid", "b a"), ("test", "b b")]:
            self.write(f"{split}.txt", "".join(f"{begin} {word}\n" for word in "cdefgh"))

    def study(self, options="", more=""):
        return self.write("mine.yaml", STUDY.format(options=options, more=more))

    def test_other_formats_are_refused_with_the_command_that_repairs_them(self):
        study, train = self.study(), self.folder / "train.txt"
        text = train.read_text().replace("a", "\xe4")
        for encoded, command in [(text.encode("utf-16"), ["iconv", "-f", "UTF-16"]),
                                 (text.encode("utf-16-le"), ["iconv", "-f", "UTF-16LE"]),
                                 (text.encode("latin-1"), ["iconv", "-f", "ISO-8859-1"]),
                                 (lzma.compress(text.encode()), ["xz", "-dc"]),
                                 (bz2.compress(text.encode()), ["bzip2", "-dc"])]:
            train.write_bytes(encoded)
            message = self.refused("plan", study)
            self.assertIn("train.txt", message)
            advice = message.strip()[message.index(" ".join(command)):]
            if not shutil.which(command[0]):  # a machine that has no xz cannot try it
                continue
            self.assertEqual(subprocess.run(["bash", "-c", advice], cwd=self.folder).returncode, 0, advice)
            self.assertEqual((self.folder / "train.txt.txt").read_text(encoding="utf-8"), text, advice)
        self.assertFalse((self.folder / "results").exists())

    def test_only_files_are_read(self):
        os.mkfifo(self.folder / "pipe")
        (self.folder / "link").symlink_to("pipe")
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(str(self.folder / "socket"))
        study = self.study()
        for name, what in [("pipe", "a pipe"), ("link", "a pipe"), ("socket", "a socket"), ("/dev/zero", "a device"),
                           (".", "a folder")]:
            for option in ["train", "vocabulary"]:
                message = self.refused("run", study, "--set", f"data.{option}={name}")
                self.assertIn(f": {what}, where a file is wanted", message)
            self.assertIn(f"{what}, where a file is wanted", self.refused("run", study, "--plugin", name))
            self.assertIn(f"{what}, where a file is wanted", self.refused("probe", self.folder / name))
        self.assertIn("a process of its own", self.refused("run", study, "--set", "data.train=/dev/stdin"))
        os.mkfifo(self.folder / "pipe.yaml")
        self.assertIn("a pipe, where a file is wanted", self.refused("plan", "pipe.yaml"))
        self.assertIn("a pipe, where a file is wanted", self.refused("plan", self.study(more="include: pipe.yaml\n")))

    def test_bad_files_are_named_where_they_were_asked_for(self):
        self.write("train.txt", "")
        self.assertRegex(self.refused("plan", self.study()),
                         r"\Aklbench: \S*/mine\.yaml:2:33: \S*/train\.txt:1: the file is empty\n")
        self.assertRegex(self.refused("plan", self.study(), "--set", "data.train=none.txt"),
                         r"\Aklbench: --set data\.train=none\.txt: \S*/none\.txt: cannot open: No such file")
        words = self.tiny_study().read_text().replace("data: {name: synthetic", "data: {name: wordnet, path: .} #")
        self.assertRegex(self.refused("plan", self.write("words.yaml", words)),
                         r"\Aklbench: \S*/words\.yaml:2:29: \S*/data\.noun: no such file")
        (self.folder / "unread.yaml").symlink_to("/proc/self/mem")  # a file that opens and cannot be read
        self.assertEqual(self.refused("plan", "unread.yaml"), "klbench: unread.yaml: cannot read: Input/output error\n")

    def test_data_that_cannot_serve_a_cell_is_refused_before_the_first(self):
        self.write("train.txt", "x\ta b\n")
        message = self.refused("run", self.study(options=", label: first_column"))
        self.assertIn("no label", message)
        for split, label in [("train", "x"), ("valid", "x"), ("test", "z")]:
            self.write(f"{split}.txt", f"{label}\ta b\n{label}\tc\n")
        probed = self.study(options=", label: first_column", more="eval.probe: true\n")
        self.assertIn("every example of train has the label 'x'", self.refused("run", probed))
        self.write("train.txt", "x\ta b\ny\tc\n")
        self.assertIn("no label of test ('z') occurs in train ('x', 'y')", self.refused("run", probed))
        study = self.tiny_study(train_size=1)
        self.assertIn("'bn_vae' needs statistics over a batch, and the training split has 1 example",
                      self.refused("run", study))
        self.assertFalse((self.folder / "results").exists())

    def test_what_is_alarming_is_said_once_by_plan_run_and_show_and_kept(self):
        self.write("train.txt", "a b\n\na c\nb [UNK]\n\n")
        self.write("valid.txt", "a b\nq r\n")
        self.write("test.txt", "s t\na\n\nb\n")
        study = self.study()
        expected = ["train.txt:2: an empty line, 1 in all: left out", "test.txt:3: an empty line, 1 in all: left out",
                    "'[UNK]' is a word like any other (1 times in the text)", "50% of the words of valid and test are <unk>",
                    "1 of the 2 sentences of valid are in train too"]
        for command in ["plan", "run", "plan", "run"]:  # the second time from the cache
            error = self.succeeds(command, study).err
            for line in expected:
                self.assertEqual(error.count(line), 1, (command, line, error))
        shown = self.succeeds("show", "results/mine.h5").out
        self.assertEqual(shown.count("data of 2 cells: 50% of the words of valid and test are <unk>"), 1, shown)
        self.assertIn("data of 2 cells: 1 of the 2 sentences of valid are in train too", shown)

        import h5py
        with h5py.File(self.folder / "results" / "mine.h5") as results:
            self.assertEqual(results["facts/valid_in_train"][()].tolist(), [1, 1])
            self.assertEqual(results["facts/test_in_train"][()].tolist(), [0, 0])
            self.assertEqual(results["provenance/empty_lines_skipped"][()].tolist(), [2, 2])

    def test_empty_lines_do_not_change_what_is_trained(self):
        self.assertNotIn("warning", self.succeeds("plan", self.study()).err)
        ids = self.planned()
        text = (self.folder / "train.txt").read_text()
        self.write("train.txt", text.replace("\n", "\r\n \r\n"))
        self.assertEqual(self.planned(), ids)
        self.assertIn("a line without words", self.refused("plan", self.folder / "mine.yaml", "--set", "data.empty=refuse"))

    def planned(self):
        return [row["id"] for row in json.loads(self.succeeds("plan", self.study(), "--format", "json").out)]


if __name__ == "__main__":
    unittest.main()
