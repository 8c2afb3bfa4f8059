"""Arguments, messages and exit codes."""
import csv
import io
import json
import re
import shutil

from harness import *


class Arguments(CliTest):
    def test_help_names_the_subcommands(self):
        text = self.succeeds("--help").out
        for name in ["run", "plan", "status", "collect", "export", "show", "verify", "plot", "gc", "list", "describe"]:
            self.assertRegex(text, rf"(?m)^  {name} ")
        self.assertNotRegex(text, r"(?m)^  cell ")
        self.assertIn("--retries", self.succeeds("run", "--help").out)

    def test_unknown_names_are_refused_with_the_nearest(self):
        self.assertIn("unknown subcommand 'plam' (did you mean 'plan'?)", self.refused("plam"))
        self.assertIn("unknown option '--worker' (did you mean '--workers'?)", self.refused("run", "x.yaml", "--worker", "2"))
        self.assertIn("did you mean 'regularizers'?", self.refused("list", "regularizer"))
        self.assertIn("did you mean 'bn_vae'?", self.refused("describe", "bn_va"))
        self.assertIn("unknown format 'yaml'", self.refused("list", "metrics", "--format", "yaml"))

    def test_without_arguments_it_helps_and_names_a_first_command(self):
        bare = self.succeeds()
        for arguments in [("--help",), ("help",), ("help", "help"), ("help", "--help")]:
            self.assertEqual(self.succeeds(*arguments).out, bare.out)
        self.assertIn("\n  klbench run STUDY.yaml ", bare.out)
        study = self.write("experiments/quickstart/study.yaml", "study: quickstart\n")
        self.assertIn("\n  klbench run experiments/quickstart/study.yaml\n", self.succeeds().out)

    def test_help_of_a_subcommand(self):
        text = self.succeeds("help", "run").out
        self.assertEqual(text, self.succeeds("run", "--help").out)
        self.assertIn("--retries", text)
        self.assertNotIn("A first run", text)
        self.assertIn("unknown subcommand 'rum' (did you mean 'run'?)", self.refused("help", "rum"))

    def test_man_page_and_completion_know_every_command_and_option(self):
        man, completion = (self.succeeds("docs", what).out for what in ("man", "completion"))
        commands = re.findall(r'^\.SS "([a-z]+)', man, re.M)
        self.assertIn("run", commands)
        self.assertNotIn("cell", commands)
        for command in commands:
            section = man[man.index(f'.SS "{command}'):].split(".SS")[1].replace("\\-", "-")
            completed = re.search(rf'^ +{command}\) words="(.*)" ;;$', completion, re.M)[1].split()
            for option in re.findall(r"^  (?:-., ?)?(--[a-z-]+)", self.succeeds(command, "--help").out, re.M):
                self.assertIn(option, section)
                self.assertIn(option, completed)
        warnings = subprocess.run(["groff", "-man", "-ww", "-z"], input=man, capture_output=True, text=True).stderr \
            if shutil.which("groff") else ""
        self.assertEqual(warnings, "")
        (self.folder / "completion.bash").write_text(completion)

        def complete(*words):
            script = f'. ./completion.bash; COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _klbench; ' \
                     'echo "${COMPREPLY[@]}"'
            return subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True).stdout.split()
        self.assertEqual(complete("klbench", "ru"), ["run"])
        self.assertEqual(complete("klbench", "run", "--retr"), ["--retries", "--retrain", "--retry-diverged"])
        self.assertEqual(complete("klbench", "list", "enc"), ["encoders"])

    def test_a_missing_study_is_answered_with_those_that_are_here(self):
        self.assertRegex(self.refused("run"), r"run wants STUDY: YAML file of the study, or the name of one [^;]*\n\Z")
        for name in ["experiments/zeta/study.yaml", "experiments/quickstart/study.yaml", "mine.yml"]:
            self.write(name, "# a comment\nstudy: x\n")
        self.write("parts.yaml", "trainer: {epochs: 2}\n")
        expected = "; here are mine.yml, experiments/quickstart/study.yaml, experiments/zeta/study.yaml\n"
        for command in ["run", "plan", "status", "gc"]:
            self.assertTrue(self.refused(command).endswith(expected))
        for number in range(9):
            self.write(f"{number}.yaml", f"study: {number}\n")
        self.assertTrue(self.refused("run").endswith("7.yaml, 4 more\n"))

    def test_missing_and_superfluous_arguments(self):
        self.assertIn("show wants FILE: ", self.refused("show"))
        self.assertIn("sample wants CELL: ", self.refused("sample"))
        self.assertIn("new wants key: ", self.refused("new", "regularizer"))
        self.assertIn("unexpected argument 'more'", self.refused("list", "metrics", "more"))
        self.refused("run", "missing.yaml")
        self.refused("show", "nothing")

    def test_values_out_of_range(self):
        study = self.tiny_study()
        for option, value in [("--workers", "0"), ("--workers", "two"), ("--workers", "99999999999999999999"),
                              ("--timeout", "-1"), ("--max-rss", "x"), ("--retries", "-1"), ("--only", "done")]:
            self.refused("run", study, option, value)
        self.assertFalse((self.folder / "results").exists() and self.cell_files())

    def test_hostile_arguments(self):
        commands = ["run", "plan", "status", "show", "verify", "plot", "describe", "probe"]
        arguments = ["", "\n", "a\nb", "$(touch owned)", "`touch owned`", "%s%n", "-", "--", "---", "\x1b[31m", "x" * 100000,
                     "../../etc/passwd", "/dev/null", "\u202e", "x.h5", "\udcff.yaml", "/"]
        for number, argument in enumerate(arguments):
            for command in [commands[number % len(commands)], commands[(number + 3) % len(commands)]]:
                result = self.klbench(command, argument)
                self.assertIn(result.code, (1, 2), (command, argument[:20], result.err[:200]))
                self.assertRegex(result.err, r"\Aklbench: [^\n]+\n\Z", (command, argument[:20]))
        self.assertFalse((self.folder / "owned").exists())

    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "w") as full:
            process = subprocess.run([PROGRAM, "list", "regularizers"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(process.stderr, r"\Aklbench: [^\n]+\n\Z")

    def test_a_reader_that_leaves_ends_the_command_quietly(self):
        reading, writing = os.pipe()
        os.close(reading)
        process = subprocess.run([PROGRAM, "list", "regularizers"], stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        self.assertEqual(process.returncode, -signal.SIGPIPE)
        self.assertEqual(process.stderr, "")


class Listings(CliTest):
    def test_regularizers_come_one_a_line_key_first(self):
        keys = [line.split()[0] for line in self.succeeds("list", "regularizers").out.splitlines()]
        for key in ["vae", "kl_annealing", "free_bits", "bn_vae", "sym_bn_vae", "ln_vae"]:
            self.assertIn(key, keys)
        rows = list(csv.DictReader(io.StringIO(self.succeeds("list", "regularizers", "--format", "csv").out)))
        self.assertEqual([row["key"] for row in rows], keys)
        objects = json.loads(self.succeeds("list", "regularizers", "--format", "json").out)
        self.assertEqual([entry["key"] for entry in objects], keys)

    def test_other_lists(self):
        for kind, key in (("datasets", "synthetic"), ("encoders", "resnet"), ("decoders", "pixelcnn"), ("families", "vmf"),
                          ("priors", "vamp"), ("metrics", "elbo")):
            self.assertRegex(self.succeeds("list", kind).out, rf"(?m)^{key} ")
        self.assertRegex(self.succeeds("list", "figures").out, r"(?m)^curve +metrics by epoch.* metric, split, floor")
        rows = list(csv.DictReader(io.StringIO(self.succeeds("list", "figures", "--format", "csv").out)))
        self.assertEqual(rows, json.loads(self.succeeds("list", "figures", "--format", "json").out))
        self.assertIn({"kind": "latent", "summary": "posterior means in two dimensions, coloured by label",
                       "keys": "split"}, rows)

    def test_describe(self):
        text = self.succeeds("describe", "bn_vae").out
        self.assertIn("gamma: ", text)
        self.assertIn("0.6", text)
        self.assertIn("trainer.lr: ", self.succeeds("describe", "trainer").out)
        self.assertNotIn("trainer.epochs", self.succeeds("describe", "trainer.lr").out)
        self.assertIn("train_size", self.succeeds("describe", "synthetic").out)
        self.assertIn("nats", self.succeeds("describe", "kl").out)
        self.assertIn("\nneeds: a posterior whose log q is known for every z\n", self.succeeds("describe", "mi").out)
        self.assertIn("\nwants: z beside its output\n", self.succeeds("describe", "skip_decoder").out)
        self.assertIn("\noffers: the mean or maximum over its states, vectors in the place of words\n",
                      self.succeeds("describe", "lstm").out)
        self.assertIn("\nsource: Hoffman and Johnson 2016; ", self.succeeds("describe", "surgery").out)
        self.assertRegex(self.succeeds("describe", "model.decoder").out,
                         r"one of: dilated_cnn, lstm, mlp, .*pixelcnn, transformer, default lstm \(of images mlp\)")
        self.assertIn("of dataset wordnet:\n  limit: integer >= 0, default 0", self.succeeds("describe", "data.limit").out)
        both = self.succeeds("describe", "model.embedding_dim").out
        self.assertIn("of encoder lstm:", both)
        self.assertIn("of decoder lstm:", both)
        self.assertNotIn("of encoder", self.succeeds("describe", "model.decoder.embedding_dim").out)
        self.assertRegex(self.succeeds("describe", "sweep").out, r"(?m)^  over \(required\): the swept option")
        self.assertRegex(self.succeeds("describe", "floor").out, r"(?s)\Afloor: metric\n.*\n\nfloor: figure\n")
        self.assertIn("did you mean 'curve'?", self.refused("describe", "curv"))

    def test_describe_finds_what_a_study_writes(self):
        for name in ("bn_vae.gamma", "regularizer.bn_vae.gamma"):
            text = self.succeeds("describe", name).out
            self.assertRegex(text, rf"\A{name}: option of components\nof regularizer bn_vae:\n  gamma: real > 0, default 0\.6\n")
            self.assertNotIn("of regularizer ln_vae", text)
        self.assertIn("of launcher slurm:", self.succeeds("describe", "slurm.array_limit").out)
        model = self.succeeds("describe", "model").out
        for section, kind in (("encoder", "encoders"), ("decoder", "decoders"), ("posterior", "families"), ("prior", "priors")):
            self.assertIn(f"(klbench describe model.{section}, klbench list {kind})", model)
        described, = json.loads(self.succeeds("describe", "model", "--format", "json").out)
        self.assertEqual(described["sections"], ["model.encoder", "model.decoder", "model.posterior", "model.prior"])
        message = self.refused("describe", "bn")
        self.assertRegex(message, r"valid: .*bn_vae, .*; klbench list KIND names all: regularizers, ")
        self.assertLess(len(message), 400)
        for name in ("regularizer", "regularizers"):
            self.assertIn("klbench list regularizers names all", self.refused("describe", name))
        for name in ("data:synthetic", "data: synthetic", "data=synthetic"):
            self.assertIn("; write klbench describe synthetic", self.refused("describe", name))

    def test_lists_that_are_called_otherwise(self):
        for what, form in (("remedies", "write 'regularizers'"), ("recipes", "configs/recipes/*.yaml"),
                           ("options", "klbench describe trainer"), ("studies", "klbench status STUDY"),
                           ("models", "write 'encoders' or 'decoders'"), ("posteriors", "write 'families'")):
            self.assertIn(form, self.refused("list", what))
        self.assertIn("did you mean 'regularizers'?", self.refused("list", "regularizer"))

    def test_describe_in_json_says_all_of_it(self):
        describe = lambda name: json.loads(self.succeeds("describe", name, "--format", "json").out)
        bn_vae, = describe("bn_vae")
        self.assertEqual((bn_vae["kind"], bn_vae["key"]), ("regularizer", "bn_vae"))
        self.assertIn("posterior", bn_vae["replaces"])
        gamma, = (option for option in bn_vae["options"] if option["name"] == "gamma")
        self.assertEqual((gamma["type"], gamma["default"], gamma["min"], gamma["min_open"]), ("real", 0.6, 0, True))
        self.assertTrue(gamma["help"])
        rate, = describe("trainer.lr")
        self.assertEqual([option["name"] for option in rate["options"]], ["trainer.lr"])
        limit, = describe("data.limit")
        self.assertIn(("dataset", "wordnet", "integer"), [(one["kind"], one["key"], one["type"]) for one in limit["options"]])
        decoder, = describe("model.decoder")
        self.assertEqual((decoder["default"], decoder["otherwise"]), ("lstm", {"where": "of images", "default": "mlp"}))
        self.assertIn("transformer", decoder["choices"])
        self.assertEqual([one["kind"] for one in describe("floor")], ["metric", "figure"])
        self.assertIn({"name": "over", "required": True}, [{key: one[key] for key in ("name", "required")}
                                                           for one in describe("sweep")[0]["keys"]])
        self.assertIn("array_limit", [option["name"] for option in describe("slurm")[0]["options"]])
        self.assertIn("unknown format 'csv'; valid: text, json", self.refused("describe", "kl", "--format", "csv"))

    def test_version(self):
        self.assertRegex(self.succeeds("version").out, r"\Aklbench \d+\.\d+\.\d+ ")
        self.assertRegex(self.succeeds("--version").out, r"\A\d+\.\d+\.\d+\n")


class Plan(CliTest):
    def test_plan_lists_the_grid_and_writes_nothing(self):
        study = self.tiny_study()
        rows = json.loads(self.succeeds("plan", study, "--format", "json").out)
        self.assertEqual(len({row["id"] for row in rows}), 4)
        self.assertEqual(sorted(row["cell"] for row in rows),
                         ["bn_vae seed=0", "bn_vae seed=1", "vae seed=0", "vae seed=1"])
        self.assertFalse((self.folder / "results").exists())
        more = json.loads(self.succeeds("plan", study, "--format", "json", "--set", "seed=7").out)
        self.assertEqual(len(more), 2)
        self.assertEqual(len(self.succeeds("plan", study).out.splitlines()), 5)

    def test_errors_in_a_study_have_a_place_and_leave_nothing(self):
        study = self.tiny_study(more="trianer: {epochs: 3}\n")
        message = self.refused("run", study)
        self.assertRegex(message, r"tiny\.yaml:\d+:1: .*trianer")
        self.assertIn("trainer", message)
        self.assertFalse((self.folder / "results").exists())
        self.assertIn("tau", self.refused("plan", self.tiny_study(regularizers="[{name: sym_bn_vae, tau: 1.5}]")))


if __name__ == "__main__":
    unittest.main()
