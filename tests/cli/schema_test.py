"""`klbench schema`: by it and by klbench itself, the YAML of the repository is right and mistakes are refused."""
import importlib.util
import json
import re
import shutil
import struct
import tempfile

from harness import *

MISSING = [name for name in ("jsonschema", "yaml") if not importlib.util.find_spec(name)]
if not MISSING:
    import jsonschema
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML 1.2, as editors read it: 1e-3 is a number, 4:00:00 and yes are texts."""

    Loader.yaml_implicit_resolvers = {}
    for tag, pattern, first in [("bool", "true|True|TRUE|false|False|FALSE", "tTfF"), ("null", "~|null|", "~n\0"),
                                ("int", "[-+]?[0-9]+", "-+0123456789"),
                                ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789")]:
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))

ROOT = pathlib.Path(__file__).parents[2]

WRONG = {  # what is wrong: the lines, and what klbench says to them
    "an unknown key": ("sweeep: {seed: [0]}", "unknown key 'sweeep'"),
    "an unknown option": ("trainer: {learning_rate: 0.1}", "unknown option 'trainer.learning_rate'"),
    "a wrong type": ("trainer.epochs: many", "wants an integer"),
    "out of range": ("trainer.momentum: 1.5", "wants a real in"),
    "a list outside the sweep": ("seed: [0, 1]", "wants one value"),
    "a choice that is none": ("trainer.optimizer: sdg", "wants one of"),
    "an unknown regularizer": ("sweep: {regularizer: [vae, bn_vea]}", "unknown regularizer 'bn_vea'"),
    "an option of another regularizer": ("sweep: {regularizer: [{name: bn_vae, lambda: 1}]}", "unknown option of bn_vae"),
    "an option of another decoder": ("model: {decoder: {name: transformer, dilation: 2}}", "unknown option"),
    "an unknown axis form": ("sweep: {seed: {rang: [0, 3]}}", "an axis is a list"),
    "a figure without its metric": ("figures: [{name: a, kind: bars}]", "wants 'metric'"),
    "a key of another figure": ("figures: [{name: a, kind: table, floor: true}]", "takes no 'floor'"),
    "a width of no venue": ("figures: [{name: a, kind: table, width: acl}]", "'width' wants"),
    "an exclusion by no option": ("sweep: {seed: [0, 1]}\nexclude: [{sed: 1}]", "unknown option 'sed'"),
    "an option of another launcher": ("launcher: {name: local, partition: long}", "unknown option of local"),
    "a tag with a blank": ("tags: {a b: {seed: 0}}", "a tag is a word"),
}

RIGHT = """study: right
include: configs/trainer/sgd.yaml
data: {name: synthetic, train_size: 64}
model: {latent_dim: 4, hidden_dim: 8, encoder: lstm, decoder: {name: lstm, dropout_in: .3}}
model.posterior: gaussian
set: {trainer: {lr: 1e-2, clip: 5}, eval.probe: no}
sweep:
  - regularizer: [vae, free_bits+kl_annealing, {name: bn_vae, gamma: {linspace: [0.4, 0.8, 3]}}, [{name: free_bits, lambda: [1, 2]}, kl_annealing]]
    seed: {range: [0, 3]}
  - {model.decoder: [lstm, {name: dilated_cnn, layers: [3, 5]}], trainer: {lr: [0.5, {geomspace: [0.1, 1, 2]}]}}
exclude: [{regularizer: kl_annealing+free_bits, seed: [1, 2]}]
tags: {headline: [{regularizer: [vae, bn_vae]}], first: {seed: 0}}
baseline: bn_vae gamma=.4
names: {vae: VAE, gamma: γ}
launcher: {name: slurm, time: 4:00:00, setup: [module load gcc], cpus: 2}
figures:
  - {name: kl, kind: curve, metric: kl, split: valid, only: [vae, {name: bn_vae, gamma: [0.4, 0.8]}, {tag: first}], width: neurips, y_limits: [0, 9]}
  - {name: t, kind: table, metric: [nll, kl], transpose: true}
"""


@unittest.skipIf(MISSING, f"not installed: {MISSING}")
class StudySchema(CliTest):
    @classmethod
    def setUpClass(cls):
        text = subprocess.run([PROGRAM, "schema"], capture_output=True, text=True, check=True).stdout
        jsonschema.Draft7Validator.check_schema(json.loads(text))
        cls.schema = json.loads(text)
        cls.validator = jsonschema.Draft7Validator(cls.schema)

    def errors(self, text):
        return [f"{'/'.join(map(str, error.path))}: {error.message}"[:300]
                for error in self.validator.iter_errors(yaml.load(text, Loader))]

    def test_the_yaml_of_the_repository_is_right(self):
        files = [*ROOT.glob("experiments/*/study.yaml"), *ROOT.glob("configs/*/*.yaml")]
        self.assertGreater(len(files), 20)
        texts = {str(file.relative_to(ROOT)): file.read_text() for file in files}
        texts["tests/numbers/cells.yaml"] = (ROOT / "tests/numbers/cells.yaml").read_text()
        readme = re.findall(r"```yaml\n(# (\S+)\n.*?)```", (ROOT / "README.md").read_text(), re.S)
        texts.update({name: text for text, name in readme if name != "launchers.yaml"})
        for name, text in texts.items():
            self.assertEqual(self.errors(text), [], name)

    def test_the_remedies_that_recipes_name_can_be_planned(self):
        for split in ("train", "valid", "test"):
            (self.folder / split).write_bytes(struct.pack(">4I", 0x803, 8, 4, 5) + bytes(160))
        recipes = sorted(ROOT.glob("configs/recipes/*.yaml"))
        self.assertGreater(len(recipes), 6)
        for recipe in recipes:
            entries = re.findall(r"^#   - (.*?)(?: +#.*)?$", recipe.read_text(), re.M)
            self.assertTrue(entries, recipe)
            images = "{name: idx_images, train: train, valid: valid, test: test}"
            data = images if "pixelcnn" in recipe.read_text() else "{name: synthetic}"
            lines = "".join(f"    - {entry}\n" for entry in entries)
            study = self.write("recipe.yaml", f"study: s\ninclude: {recipe}\nset: {{data: {data}}}\nsweep:\n  regularizer:\n{lines}")
            self.assertEqual(len(self.succeeds("plan", study).out.splitlines()), 1 + len(entries))

    def test_right_forms(self):
        self.assertEqual(self.errors(RIGHT), [])
        self.succeeds("plan", self.write("right.yaml", RIGHT))

    def test_a_new_study_names_the_schema(self):
        """Absolute elsewhere, relative below the folder in which klbench was built; it is right as it is."""
        schema = pathlib.Path(PROGRAM).parent / "study.schema.json"
        near = pathlib.Path(tempfile.mkdtemp(dir=schema.parent))
        self.addCleanup(shutil.rmtree, near)
        written = self.folder / "studies" / "first_try.yaml"
        self.assertEqual(self.succeeds("new", "study", "first_try", "--out", "studies").out, "studies/first_try.yaml\n")
        subprocess.run([PROGRAM, "new", "study", "first_try", "--out", near], cwd=schema.parent.parent, check=True,
                       capture_output=True)
        for file, relative in [(written, False), (near / "first_try.yaml", True)]:
            path = re.match(r"# yaml-language-server: \$schema=(.*)\n", file.read_text()).group(1)
            self.assertEqual(path.startswith(".."), relative)
            self.assertEqual(json.loads((file.parent / path).read_text()), self.schema)
        self.assertEqual(self.errors(written.read_text()), [])
        self.assertEqual(len(self.succeeds("plan", written).out.splitlines()), 1 + 9)
        self.assertIn("exists already", self.refused("new", "study", "first_try", "--out", "studies"))
        self.assertIn("write First_try", self.refused("new", "study", "First try"))

    def test_what_klbench_refuses(self):
        for what, (lines, message) in WRONG.items():
            text = "study: wrong\n" + lines + "\n"
            with self.subTest(what):
                self.assertNotEqual(self.errors(text), [], what)
                self.assertIn(message, self.refused("run", self.write("wrong.yaml", text), "--dry-run"))
        self.assertIn("study", self.errors("sweep: {seed: [0]}")[0])
        self.assertIn("the key 'study'", self.refused("plan", self.write("wrong.yaml", "sweep: {seed: [0]}\n")))

    def test_it_knows_what_describe_says(self):
        gamma = next(case["then"]["properties"]["gamma"]
                     for case in self.schema["definitions"]["regularizer:0:part"]["anyOf"][1]["allOf"]
                     if case["then"]["properties"]["name"]["const"] == "bn_vae")
        described = self.succeeds("describe", "bn_vae").out
        self.assertIn(f"gamma: real > {gamma['exclusiveMinimum']}, default {gamma['default']}\n"
                      f"      {gamma['description']}\n", described)


if __name__ == "__main__":
    unittest.main()
