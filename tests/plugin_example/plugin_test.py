"""Installs klbench into a scratch prefix, builds the out-of-tree plugins against it and loads them.

usage: plugin_test.py SOURCE_DIR BUILD_DIR CMAKE
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE, BUILD, CMAKE = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

KEYS = {"dataset": "circle", "encoder": "mean_words", "decoder": "bag", "family": "wide", "prior": "moved",
        "metric": "kl_by_word", "figure": "two_metrics", "regularizer": "half_kl"}

# All plugins in one build, with the precompiled header of klbench's own where it fits.
TOGETHER = """cmake_minimum_required(VERSION 3.25)
project(together LANGUAGES C CXX)
set(CMAKE_CXX_EXTENSIONS OFF)
find_package(klbench REQUIRED)
add_subdirectory({example} example)
add_subdirectory(forgetful)
add_subdirectory(all_kinds)
separate_arguments(flags UNIX_COMMAND "${{TORCH_CXX_FLAGS}} -O1 -DNDEBUG")
foreach(plugin kl_hinge taken_key forgetful circle)
  target_compile_options(${{plugin}} PRIVATE ${{flags}} -include {header})
endforeach()
"""
TARGETS = ["kl_hinge", "taken_key", "wrong_abi", "unmarked", "throws", "host", "forgetful", "circle", "circle_test"]


def run(*command, check=True, **more):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=500, **more)
    if check and result.returncode != 0:
        raise AssertionError(f"{command}\n{result.stdout}\n{result.stderr}")
    return result


class Plugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="klbench_plugin_"))
        cls.prefix = cls.scratch / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", cls.prefix)
        cls.write_template_that_breaks_the_contract()
        cls.write_one_of_each_kind()
        header = BUILD / "src/CMakeFiles/klbench_torch_header.dir/cmake_pch.hxx"
        example = SOURCE / "tests" / "plugin_example"
        (cls.scratch / "CMakeLists.txt").write_text(TOGETHER.format(example=example, header=header))
        build = cls.scratch / "build"
        run(CMAKE, "-S", cls.scratch, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={cls.prefix}")
        run(CMAKE, "--build", build, "--target", *TARGETS)
        cls.out, cls.forgetful, cls.all_kinds = (build / name for name in ("example", "forgetful", "all_kinds"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.scratch)

    @classmethod
    def new(cls, kind, key):
        run(cls.prefix / "bin" / "klbench", "new", kind, key, "--out", cls.scratch / key)
        return cls.scratch / key / f"{key}.cpp"

    @classmethod
    def write_template_that_breaks_the_contract(cls):
        file = cls.new("regularizer", "forgetful")
        text = file.read_text()
        assert "return weight_;" in text
        file.write_text(text.replace("return weight_;", "return weight_ *= 1.5;"))  # state that no checkpoint has

    @classmethod
    def write_one_of_each_kind(cls):
        sources = [cls.new(kind, key).read_text() for kind, key in KEYS.items()]
        folder = cls.scratch / "all_kinds"
        shutil.copytree(cls.scratch / "circle", folder)
        (folder / "circle.cpp").write_text("\n".join(
            text if i == 0 else text.replace("\nKLBENCH_PLUGIN\n", "\n") for i, text in enumerate(sources)))

    def load(self, *files):
        result = run(self.out / "host", "load", *files, check=False)
        return result.returncode, result.stdout.splitlines()

    def refused(self, file, *parts):
        code, lines = self.load(file)
        self.assertEqual((code, len(lines)), (2, 1), lines)
        for part in (str(file), *parts):
            self.assertIn(part, lines[0])

    def test_man_page_and_completion_are_installed(self):
        self.assertIn("COMMANDS", (self.prefix / "share/man/man1/klbench.1").read_text())
        self.assertIn("_klbench", (self.prefix / "share/bash-completion/completions/klbench").read_text())

    def test_the_first_study_of_the_readme_runs_where_nothing_else_is(self):
        name, text = re.search(r"```yaml\n# (\S+)\n(.*?)```", (SOURCE / "README.md").read_text(), re.S).groups()
        folder = self.scratch / "elsewhere"
        folder.mkdir()
        (folder / name).write_text(text)
        short = ["regularizer=bn_vae", "seed=0", "trainer.epochs=1", "eval.nll_samples=2"]
        run(self.prefix / "bin" / "klbench", "run", name, *(word for setting in short for word in ("--set", setting)),
            cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)})
        self.assertTrue((folder / "results" / name).with_suffix(".h5").is_file())

    def test_good(self):
        line = "regularizer kl_hinge: target=8.0 weight=2.0"
        file = self.out / "kl_hinge.so"
        self.assertEqual(self.load(file, file), (0, [line, line]))

    def test_same_key_twice(self):
        copy = self.scratch / "copy.so"
        shutil.copy(self.out / "kl_hinge.so", copy)
        code, lines = self.load(self.out / "kl_hinge.so", copy)
        self.assertEqual(code, 2)
        self.assertIn("copy.so: regularizer 'kl_hinge' is registered twice", lines[1])

    def test_key_of_a_builtin(self):
        self.refused(self.out / "taken_key.so", "'bn_vae' is registered twice")

    def test_missing(self):
        self.refused(self.scratch / "nowhere.so", "No such file")

    def test_text_file(self):
        file = self.scratch / "text.so"
        file.write_text("no library\n")
        self.refused(file, "cannot be loaded")

    def test_other_abi(self):
        self.refused(self.out / "wrong_abi.so", "plugin API 999")

    def test_no_plugin(self):
        self.refused(self.out / "unmarked.so", "no klbench plugin")

    def test_probe(self):
        probe = [self.prefix / "bin" / "klbench", "probe", "--"]
        answer = run(*probe, self.out / "kl_hinge.so").stdout
        self.assertIn('"key":"kl_hinge"', answer)

    def test_broken_files_end_only_the_child(self):
        whole = (self.out / "kl_hinge.so").read_bytes()
        study = self.scratch / "study.yaml"
        for name, content in (("half.so", whole[: len(whole) // 2]), ("throws.so", None)):
            file = self.scratch / name
            if content is None:
                shutil.copy(self.out / "throws.so", file)
            else:
                file.write_bytes(content)
            study.write_text(f"study: broken\nplugins: [{file}]\nset: {{data.name: synthetic}}\nsweep: {{regularizer: [vae]}}\n")
            result = run(self.prefix / "bin" / "klbench", "plan", study, check=False)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(str(file), result.stderr)

    def test_template_that_breaks_the_contract(self):
        contract = run(self.all_kinds / "circle_test", self.forgetful / "forgetful.so", check=False)
        self.assertEqual(contract.returncode, 1)
        self.assertIn("forgetful: a saved remedy does not go on as before", contract.stdout)

    def test_what_a_plugins_model_does_not_offer_is_refused(self):
        program, study = self.prefix / "bin" / "klbench", self.scratch / "refused.yaml"
        for model, regularizer, message in [
                ("encoder: mean_words", "pooling_encoder", "'pooling_encoder' wants the mean or maximum over its states, which "
                 "encoder 'mean_words' does not have; set model.encoder to one of: lstm, transformer"),
                ("decoder: bag", "skip_decoder", "'skip_decoder' wants z beside its output, which decoder 'bag' does not have; "
                 "set model.decoder to one of: dilated_cnn, lstm, transformer"),
                ("encoder: mean_words, prior: vamp", "vae", "refused.yaml:4:37: prior 'vamp' wants vectors in the place of words")]:
            with self.subTest(model):
                study.write_text(f"study: refused\nplugins: [{self.all_kinds / 'circle.so'}]\ndata: circle\nmodel: {{{model}}}\n"
                                 f"sweep: {{regularizer: [{regularizer}]}}\n")
                result = run(program, "plan", study, check=False)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(message, result.stderr)

    def test_one_of_each_kind_trains_and_draws(self):
        plugin = self.all_kinds / "circle.so"
        self.assertEqual(run(self.all_kinds / "circle_test", plugin).stdout, "")
        self.assertIn("regularizer half_kl: weight=0.5", self.load(plugin)[1])
        program = self.prefix / "bin" / "klbench"
        for kind, key in KEYS.items():
            plural = {"family": "families"}.get(kind, kind + "s")
            self.assertIn(key, run(program, "list", plural, "--plugin", plugin).stdout)
            self.assertIn(f"{key}: {kind}", run(program, "describe", key, "--plugin", plugin).stdout)
        study = self.scratch / "each.yaml"
        study.write_text(f"""study: each
plugins: [{plugin}]
data: {{name: circle, sentences: 300}}
model: {{latent_dim: 2, encoder: {{name: mean_words, embedding_dim: 8}}, decoder: bag}}
trainer: {{epochs: 2}}
eval: {{nll_samples: 5}}
sweep:
  model.posterior: [{{name: wide, sigma: 0.3}}]
  model.prior: [standard, moved]
  regularizer: [half_kl]
figures: [{{name: f, kind: two_metrics, metric: [kl, kl_by_word]}}]
""")
        results = ["--results", self.scratch / "results"]
        run(program, "run", study, *results)
        shown = run(program, "show", self.scratch / "results" / "each.h5").stdout
        self.assertIn("2 cells, 2 done", shown)
        exported = run(program, "export", self.scratch / "results" / "each.h5").stdout
        self.assertIn("kl_by_word", exported)
        drawn = run(program, "plot", study, *results, "--out", self.scratch / "plots")
        self.assertTrue(list((self.scratch / "plots").rglob("f.svg")), drawn.stdout + drawn.stderr)
        self.assertIn("nats per word", list((self.scratch / "plots").rglob("f.gp"))[0].read_text())


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    unittest.main(argv=[sys.argv[0]], verbosity=2)
