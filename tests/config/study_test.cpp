#include "config/study.h"

#include <set>

#include "catch.h"
#include "study_fixture.h"

using namespace klbench;

namespace {

std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE_METHOD(StudyFixture, "Includes, set, sections and dotted names lie over one another") {
  write("a.yaml", "trainer: {epochs: 1, lr: 0.1}\nmodel.latent_dim: 4\n");
  write("b.yaml", "trainer: {epochs: 2}\neval: {nll_samples: 7}\n");
  const auto all = cells(R"(
include: [a.yaml, b.yaml]
set: {model: {latent_dim: 5}, keep.model: true}
trainer: {clip: 1}
seed: 3
)");
  CHECK(rows(all, {"trainer.epochs", "trainer.lr", "model.latent_dim", "eval.nll_samples", "keep.model", "trainer.clip",
                   "seed"}) == Rows{"2 0.1 5 7 true 1.0 3"});
}

TEST_CASE_METHOD(StudyFixture, "Included files include others relative to themselves; the includer wins") {
  write("parts/deep/c.yaml", "seed: 1\ntrainer.epochs: 1\n");
  write("parts/b.yaml", "include: deep/c.yaml\ntrainer.epochs: 2\n");
  CHECK(rows(cells("include: parts/b.yaml"), {"seed", "trainer.epochs"}) == Rows{"1 2"});
}

TEST_CASE_METHOD(StudyFixture, "A file may be included along two ways") {
  write("base.yaml", "seed: 4\n");
  write("x.yaml", "include: base.yaml\ntrainer.epochs: 2\n");
  write("y.yaml", "include: base.yaml\nmodel.latent_dim: 2\n");
  CHECK(rows(cells("include: [x.yaml, y.yaml]"), {"seed", "trainer.epochs", "model.latent_dim"}) == Rows{"4 2 2"});
}

TEST_CASE_METHOD(StudyFixture, "Missing includes and cycles are refused where they are named") {
  CHECK(error("include: [none.yaml]") == "study.yaml:2:11: cannot include 'none.yaml': no such file");
  write("a.yaml", "seed: 1\ninclude: b.yaml\n");
  write("b.yaml", "include:\n  - a.yaml\n");
  CHECK(error("include: a.yaml") == "b.yaml:2:5: 'a.yaml' includes itself");
  write("parts/tiny.yaml", "seed: 1\n");
  CHECK(error("include: parts/tyni.yaml") ==
        "study.yaml:2:10: cannot include 'parts/tyni.yaml': no such file (did you mean 'parts/tiny.yaml'?)");
  write("self.yaml", "include: ./self.yaml\n");
  CHECK(error("include: self.yaml") == "self.yaml:1:10: 'self.yaml' includes itself");
  CHECK(error("include: {a: 1}") == "study.yaml:2:10: 'include' wants a list of paths");
  CHECK(error("include: [[a]]") == "study.yaml:2:11: 'include' wants text, got a list");
}

TEST_CASE_METHOD(StudyFixture, "Includes that multiply are capped") {
  write("d0.yaml", "seed: 1\n");
  for (int i = 1; i < 30; ++i) {
    write(fmt::format("d{}.yaml", i), fmt::format("include: [d{0}.yaml, d{0}.yaml]\n", i - 1));
  }
  CHECK_THAT(error("include: d29.yaml"), ContainsSubstring("more than 1000 included files"));
}

TEST_CASE_METHOD(StudyFixture, "Errors in an included file name that file") {
  write("parts/model.yaml", "model:\n  latent_dim: -1\n");
  CHECK(error("include: parts/model.yaml") ==
        "parts/model.yaml:2:15: option 'model.latent_dim' wants an integer in [0, 65536], got -1");
  write("parts/model.yaml", "sweep: {seed: [1]}\n");
  CHECK(error("include: parts/model.yaml") ==
        "parts/model.yaml:1:1: 'sweep' belongs in the study itself, not in a file it includes");
}

TEST_CASE_METHOD(StudyFixture, "Unknown keys are refused with the nearest valid name") {
  CHECK(
      error("sweeep: {seed: [1]}") ==
      "study.yaml:2:1: unknown key 'sweeep' (did you mean 'sweep'?); valid: sweep, seed, keep, set, study and 13 more");
  CHECK_THAT(
      error("trainer:\n  epcohs: 3"),
      ContainsSubstring("study.yaml:3:3: unknown option 'trainer.epcohs' (did you mean 'trainer.epochs'?); valid: "
                        "trainer.epochs, trainer.clip, trainer.decay, trainer.steps, trainer.device and 11 more"));
  CHECK_THAT(error("set: {trainer.epcohs: 3}"), ContainsSubstring("study.yaml:2:7: unknown option 'trainer.epcohs'"));
  CHECK_THAT(error("set: {latent_dim: 3}"), ContainsSubstring("study.yaml:2:7: unknown option 'latent_dim'"));
  CHECK_THAT(error("data: {limt: 3}"), ContainsSubstring("study.yaml:2:8: unknown option 'data.limt' (did you mean "
                                                         "'data.limit'?)"));
  CHECK(error("data: {name: wordnet, train_size: 3}") ==
        "study.yaml:2:23: unknown option of wordnet 'train_size'; valid: path, limit, min_count, max_length, "
        "valid_share, test_share");
  CHECK_THAT(error("regularizer.bnvae.gamma: 1"), ContainsSubstring("study.yaml:2:1: unknown regularizer 'bnvae'"));
  CHECK(error("regularizer.bn_vae.gama: 1") ==
        "study.yaml:2:1: unknown option of bn_vae 'gama' (did you mean 'gamma'?); valid: gamma");
  CHECK(error("regularizer.bn_vae: 1") ==
        "study.yaml:2:1: 'regularizer.bn_vae' names no option; write regularizer.bn_vae.<option>");
}

TEST_CASE_METHOD(StudyFixture, "Wrong types and values out of range are refused where they stand") {
  CHECK(error("trainer:\n  epochs: many") ==
        "study.yaml:3:11: option 'trainer.epochs' wants an integer in [1, 1000000], got 'many'");
  CHECK(error("trainer: {epochs: 2.5}") ==
        "study.yaml:2:19: option 'trainer.epochs' wants an integer in [1, 1000000], got 2.5");
  CHECK(error("model.dropout_in: 1") == "study.yaml:2:19: option 'model.dropout_in' wants a real in [0, 0.999], got 1");
  CHECK(error("keep: {model: maybe}") == "study.yaml:2:15: option 'keep.model' wants a boolean, got 'maybe'");
  CHECK(error("trainer.optimizer: sgdd") ==
        "study.yaml:2:20: option 'trainer.optimizer' wants one of: sgd, adam; got 'sgdd' (did you mean 'sgd'?)");
  CHECK(error("seed: [0, 1]") ==
        "study.yaml:2:7: option 'seed' wants one value (integer >= 0), got a list; lists of "
        "values belong under 'sweep:'");
  CHECK(error("model: lstm") == "study.yaml:2:8: section 'model' wants a map of its options");
  CHECK(error("data.name: wordnett") ==
        "study.yaml:2:12: option 'data.name' wants one of: pictures, synthetic, wordnet; got 'wordnett' (did you mean "
        "'wordnet'?)");
  CHECK(error("regularizer: {name: sym_bn_vae, tau: 1.0}") ==
        "study.yaml:2:38: option 'tau' wants a real in [0, 1), got 1.0");
  CHECK(error("regularizer: {name: bn_vae, gamma: [1, 2]}") ==
        "study.yaml:2:14: several regularizers belong under 'sweep:'");
  CHECK(error("set: 3") == "study.yaml:2:6: 'set' wants a map, e.g. {trainer.epochs: 12}");
}

TEST_CASE_METHOD(StudyFixture, "eval.mean_space is refused where there is more than one dimension") {
  CHECK(error("eval.mean_space: true") == "study.yaml:2:18: eval.mean_space wants model.latent_dim: 1, it is 32 here");
  CHECK(error("sweep: {eval.mean_space: [false, true], model.latent_dim: [1, 2]}").ends_with("it is 2 here"));
  CHECK(cells("eval.mean_space: true\nmodel.latent_dim: 1").size() == 1);
  CHECK(cells("eval.mean_space: true\nmodel.latent_dim: 0").size() == 1);  // has no z and no such diagnostic
}

TEST_CASE_METHOD(StudyFixture, "Setting a name twice in one file is refused") {
  CHECK(error("seed: 1\nseed: 2") == "study.yaml:3:1: duplicate key 'seed' (first in line 2)");
  CHECK(error("model: {latent_dim: 2}\nmodel.latent_dim: 3") ==
        "study.yaml:3:1: 'model.latent_dim' is set twice in this file");
  CHECK(error("seed: 1\nset: {seed: 2}") == "study.yaml:3:7: 'seed' is set twice in this file");
}

TEST_CASE_METHOD(StudyFixture, "Broken YAML is refused with its place") {
  CHECK(error("seed: &a 1\nmodel.latent_dim: *a") ==
        "study.yaml:2:7: anchors and aliases (&name, *name) are not supported; write the value out, or include a file");
  CHECK(error("data.name: \"wordnet") == "study.yaml:2:12: unterminated quote");
  CHECK(raw_error("- a\n- b\n") == "study.yaml:1:1: a study file is a map of keys, 'key: value' with a blank");
  CHECK(raw_error("") == "study.yaml:1:1: the key 'study', the name of the study, is missing: write study: NAME");
  CHECK(usage_error([&] { load_study(folder().file("none.yaml"), {}, schema()); }) ==
        folder().file("none.yaml") + ": no such file");
}

TEST_CASE_METHOD(StudyFixture, "The name of a study is a safe file stem") {
  CHECK(load("study: a_B-1.x\n").name == "a_B-1.x");
  for (const std::string name : {".hidden", "../up", "a/b", "'a b'", "''", "\"a\\nb\"", "$(id)"}) {
    CHECK_THAT(raw_error("study: " + name + "\n"), ContainsSubstring("study.yaml:1:8: 'study' names files"));
  }
  CHECK_THAT(raw_error(fmt::format("study: {}", std::string(101, 'a'))), ContainsSubstring("at most 100"));
  CHECK_THAT(raw_error("study: [a]"), ContainsSubstring("'study' wants text, got a list"));
}

namespace {

std::vector<std::string> paths_of(const std::vector<PluginPath>& plugins) {
  std::vector<std::string> paths;
  for (const auto& plugin : plugins) paths.push_back(plugin.path);
  return paths;
}

}  // namespace

TEST_CASE_METHOD(StudyFixture, "A study keeps its text, its file and its plugins") {
  write("parts/p.yaml", "plugins: [../lib/a.so, b.so]\n");
  const std::string text = "study: s\ninclude: parts/p.yaml\nplugins: lib/a.so\n";
  const Study study = load(text);
  CHECK(study.text == text);
  CHECK(study.file == folder().file("study.yaml"));
  const std::vector<std::string> plugins = {folder().file("lib/a.so"), folder().file("parts/b.so")};
  CHECK(paths_of(study_plugins(study.file)) == plugins);
  CHECK(study_plugins(study.file).back().place.str() == folder().file("parts/p.yaml") + ":1:24");
}

TEST_CASE_METHOD(StudyFixture, "Plugins can be listed before their regularizers are known") {
  const std::string file = write("study.yaml", "study: s\nplugins: [x.so]\nregularizer: {name: from_plugin, a: 1}\n");
  CHECK(paths_of(study_plugins(file)) == std::vector<std::string>{folder().file("x.so")});
}

TEST_CASE_METHOD(StudyFixture,
                 "Paths of data are relative to the file that names them, on the command line to the folder") {
  write("parts/data.yaml", "data: {name: wordnet, path: ../corpora/wn}\n");
  CHECK(cells("include: parts/data.yaml").at(0).text("data.path") == folder().file("corpora/wn"));
  CHECK(cells("data: {name: wordnet, path: /abs/wn}").at(0).text("data.path") == "/abs/wn");
  CHECK(cells("data.name: wordnet", {"data.path=here/wn"}).at(0).text("data.path") ==
        std::filesystem::absolute("here/wn").string());
  CHECK(cells("data.name: wordnet").at(0).text("data.path") == "/usr/share/wordnet");
}

TEST_CASE("Every study and every building block of the repository loads") {
  const Schema schema = sample_schema();
  const std::filesystem::path source = KLBENCH_SOURCE_DIR;
  std::size_t studies = 0;
  for (const auto& file : yaml_files(source / "experiments")) {
    INFO(file);
    if (file.filename() != "study.yaml" || !study_plugins(file).empty()) continue;
    const std::string name = file.parent_path().filename().string();
    if (name != "quickstart" && name != "tau_sweep") continue;  // the others name remedies this schema does not know
    CHECK(load_study(file, {}, schema).name == name);
    ++studies;
  }
  CHECK(studies == 2);
  const TemporaryFolder folder;
  std::size_t configs = 0;
  for (const auto& file : yaml_files(source / "configs")) {
    INFO(file);
    const std::set<std::string> unknown = {"text_lines.yaml", "fashion_mnist.yaml", "idx_images.yaml",
                                           "he2019_images.yaml"};
    if (unknown.contains(file.filename().string())) continue;  // of data sets that this schema does not know
    const std::string study = folder.write("study.yaml", fmt::format("study: s\ninclude: {}\n", file.string()));
    CHECK(load_study(study, {}, schema).cells.size() == 1);
    ++configs;
  }
  CHECK(configs >= 10);
}

TEST_CASE("Every option in the building blocks has a comment") {
  for (const auto& file : yaml_files(std::filesystem::path(KLBENCH_SOURCE_DIR) / "configs")) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      INFO(file << ": " << line);
      if (line.starts_with(" ")) CHECK(line.find(" # ") != std::string::npos);
    }
  }
}

TEST_CASE_METHOD(StudyFixture, "The baseline is a method, or the label of one of its rows") {
  CHECK(load("study: s\n").baseline.empty());
  CHECK(load("study: s\nbaseline: vae\n").baseline == "vae");
  const Study study = load("study: s\nbaseline: bn_vae gamma=.6\n");
  CHECK(study.baseline == "bn_vae gamma=.6");
  CHECK(study.baseline_place.line == 2);
  CHECK_THAT(error("baseline: van\n"), ContainsSubstring("study.yaml:2:11: unknown regularizer 'van'") &&
                                           ContainsSubstring("did you mean 'vae'?"));
  CHECK_THAT(error("baseline: [vae]\n"), ContainsSubstring("study.yaml:2:11: 'baseline'"));
  write("part.yaml", "baseline: vae\n");
  CHECK_THAT(error("include: [part.yaml]\n"),
             ContainsSubstring("'baseline' belongs in the study itself, not in a file it includes"));
}
