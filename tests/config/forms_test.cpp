// What people write into studies and behind --set, with the right value or the one line that writes the right form.
#include <cstdlib>

#include "catch.h"
#include "config/study.h"
#include "study_fixture.h"

using namespace klbench;

namespace {

struct Taken {
  std::string yaml;
  std::string set;
  std::vector<std::string> names;
  Rows rows;
};

struct Refused {
  std::string yaml;
  std::string set;
  std::string message;
};

std::vector<std::string> settings(const std::string& set) { return set.empty() ? Rows{} : Rows{set}; }

}  // namespace

TEST_CASE_METHOD(StudyFixture, "Forms with one meaning are taken") {
  const std::vector<Taken> table = {
      // lists as text
      {"", "seed=0,1,2", {"seed"}, {"0", "1", "2"}},
      {"", "seed=0, 1, 2", {"seed"}, {"0", "1", "2"}},
      {"", "seed=range(0,3)", {"seed"}, {"0", "1", "2"}},
      {"", "seed=range(2)", {"seed"}, {"0", "1"}},
      {"", "trainer.lr=0.1,1e-3", {"trainer.lr"}, {"0.1", "0.001"}},
      {"", "trainer.lr=linspace(0, 1, 3)", {"trainer.lr"}, {"0.0", "0.5", "1.0"}},
      {"", "trainer.optimizer=sgd,adam", {"trainer.optimizer"}, {"sgd", "adam"}},
      {"", "eval.probe=true,false", {"eval.probe"}, {"true", "false"}},
      {"", "data=synthetic,wordnet", {"data.name"}, {"synthetic", "wordnet"}},
      {"", "data.train_size=10,20", {"data.train_size"}, {"10", "20"}},
      {"sweep:\n  seed: range(0,3)", "", {"seed"}, {"0", "1", "2"}},
      {"sweep:\n  seed: 0, 1, 2", "", {"seed"}, {"0", "1", "2"}},
      {"sweep: {seed: [{range: [0, 2]}, 7]}", "", {"seed"}, {"0", "1", "7"}},
      {"sweep: {seed: 3}", "", {"seed"}, {"3"}},
      // regularizers as tables print them
      {"", "regularizer=vae,bn_vae", {"method"}, {"vae", "bn_vae"}},
      {"", "regularizer=free_bits+kl_annealing", {"method"}, {"free_bits+kl_annealing"}},
      {"", "regularizer=vae, free_bits + kl_annealing", {"method"}, {"vae", "free_bits+kl_annealing"}},
      {"regularizer: free_bits+kl_annealing", "", {"method"}, {"free_bits+kl_annealing"}},
      {"sweep: {regularizer: [vae, bn_vae+kl_annealing]}", "", {"method"}, {"vae", "bn_vae+kl_annealing"}},
      {"sweep: {regularizer: [[{name: bn_vae, gamma: 0.4}, free_bits+kl_annealing]]}",
       "",
       {"method", "regularizer.bn_vae.gamma"},
       {"bn_vae+free_bits+kl_annealing 0.4"}},
      // numbers
      {"trainer.epochs: 1e2", "", {"trainer.epochs"}, {"100"}},
      {"trainer.epochs: 3.0", "", {"trainer.epochs"}, {"3"}},
      {"trainer.epochs: '5'", "", {"trainer.epochs"}, {"5"}},
      {"trainer.epochs: +5", "", {"trainer.epochs"}, {"5"}},
      {"trainer.lr: .5", "", {"trainer.lr"}, {"0.5"}},
      {"trainer.lr: -0.0", "", {"trainer.lr"}, {"0.0"}},
      {"seed: -0", "", {"seed"}, {"0"}},
      {"sweep: {trainer.epochs: {linspace: [5, 15, 3]}}", "", {"trainer.epochs"}, {"5", "10", "15"}},
      {"sweep: {trainer.lr: {linspace: [0, 1.0e-310, 2]}}", "", {"trainer.lr"}, {"0.0", "1e-310"}},
      {"sweep: {trainer.lr: {geomspace: [0.0001, 0.1, 4]}}", "", {"trainer.lr"}, {"0.0001", "0.001", "0.01", "0.1"}},
      {"sweep: {trainer.epochs: {geomspace: [1, 16, 3]}}", "", {"trainer.epochs"}, {"1", "4", "16"}},
      // flags
      {"eval.probe: yes", "", {"eval.probe"}, {"true"}},
      {"eval: {probe: On, mean_space: no}", "", {"eval.probe", "eval.mean_space"}, {"true false"}},
      {"eval.probe: True", "", {"eval.probe"}, {"true"}},
      {"eval.probe: \"true\"", "", {"eval.probe"}, {"true"}},
      // line ends and a byte order mark
      {"trainer.epochs: 3\r\nseed: 1\r\n", "", {"trainer.epochs", "seed"}, {"3 1"}},
      // blanks around --set
      {"", "trainer.epochs = 3", {"trainer.epochs"}, {"3"}},
  };
  for (const auto& [yaml, set, names, expected] : table) {
    INFO(yaml << " --set " << set);
    CHECK(rows(cells(yaml, settings(set)), names) == expected);
  }
  CHECK(rows(load("\xEF\xBB\xBFstudy: s\nseed: 4\n").cells, {"seed"}) == Rows{"4"});
}

TEST_CASE_METHOD(StudyFixture, "A value of --set is taken whole, as YAML only in brackets, braces or quotes") {
  const auto path = [&](const std::string& value) {
    return cells("data.name: wordnet", {"data.path=" + value}).at(0).text("data.path");
  };
  CHECK(path("/data/a #b.txt") == "/data/a #b.txt");
  CHECK(path("\"/data/a #b.txt\"") == "/data/a #b.txt");
  CHECK(path("/data/a: b, c.txt") == "/data/a: b, c.txt");
  CHECK(path("/data/*x&y") == "/data/*x&y");
  CHECK(path("/data/range(1,2)") == "/data/range(1,2)");
  CHECK(cells("data.name: wordnet", {"data.path=['/a,b', /c]"}).at(0).text("data.path") == "/a,b");
}

TEST_CASE_METHOD(StudyFixture, "Paths may begin with the home folder or a variable, in YAML and behind --set") {
  ::setenv("HOME", "/home/me", 1);
  ::setenv("KLBENCH_TEST_DATA", "/mnt/data", 1);
  ::unsetenv("KLBENCH_TEST_NONE");
  const std::vector<std::pair<std::string, std::string>> table = {
      {"~/x.txt", "/home/me/x.txt"},       {"$HOME/x.txt", "/home/me/x.txt"},
      {"${HOME}/x.txt", "/home/me/x.txt"}, {"$KLBENCH_TEST_DATA/a/../x.txt", "/mnt/data/x.txt"},
      {"/abs/$HOME", "/abs/$HOME"},
  };
  for (const auto& [written, path] : table) {
    INFO(written);
    CHECK(cells("data: {name: wordnet, path: '" + written + "'}").at(0).text("data.path") == path);
    CHECK(cells("data.name: wordnet", {"data.path=" + written}).at(0).text("data.path") == path);
  }
  CHECK(cells("data: {name: wordnet, path: ./~x}").at(0).text("data.path") == folder().file("~x"));
  CHECK(error("data: {name: wordnet, path: ~you/x}") ==
        "study.yaml:2:29: '~you/x': homes of other users are not looked up; write the path from '/', or ./~you/x for a "
        "file of this name");
  CHECK(
      error("data.name: wordnet", {"data.path=$KLBENCH_TEST_NONE/x"}) ==
      "--set data.path=$KLBENCH_TEST_NONE/x: '$KLBENCH_TEST_NONE/x': the variable KLBENCH_TEST_NONE is not set; write "
      "the path from '/', or ./$KLBENCH_TEST_NONE/x for a file of this name");
  CHECK(study_plugins(load("study: s\nplugins: ~/p.so\n").file).at(0).path == "/home/me/p.so");
}

TEST_CASE_METHOD(StudyFixture, "The settings of a study have absolute paths, and are else as given") {
  const std::string here = std::filesystem::current_path().string();
  const auto absolute = [&](const std::string& set) {
    return load("study: s\ndata.name: wordnet\n", {set}).settings.at(0);
  };
  CHECK(absolute("data.path=x #1.txt") == "data.path=" + here + "/x #1.txt");
  CHECK(absolute("data.path=../x.txt") ==
        "data.path=" + std::filesystem::path(here + "/../x.txt").lexically_normal().string());
  CHECK(absolute("data.path=[a, 'b c']") == "data.path=[" + here + "/a, \"" + here + "/b c\"]");
  CHECK(absolute("data={name: wordnet, path: a, limit: 3}") == "data={name: wordnet, path: " + here + "/a, limit: 3}");
  CHECK(absolute("data=[{name: wordnet, path: a}]") == "data=[{name: wordnet, path: " + here + "/a}]");
  CHECK(absolute("data.path=/x") == "data.path=/x");
  CHECK(absolute("data.limit=3, 4") == "data.limit=3, 4");
  CHECK(cells("data.name: wordnet", {"data.path=here/wn"}).at(0).text("data.path") == here + "/here/wn");
}

TEST_CASE_METHOD(StudyFixture, "Forms with two meanings or none are refused with the right form") {
  const std::string epochs = "option 'trainer.epochs' wants an integer in [1, 1000000], got ";
  const std::string lr = "option 'trainer.lr' wants a real >= 0, got ";
  const std::string seed = "option 'seed' wants an integer >= 0, got ";
  const std::string axis = "; several values are an axis, under 'sweep:' or with --set: ";
  const std::vector<Refused> table = {
      // numbers
      {"trainer.epochs: 012", "", "study.yaml:2:17: " + epochs + "'012'; write 12"},
      {"trainer.epochs: 1_000", "", "study.yaml:2:17: " + epochs + "'1_000'; write 1000"},
      {"trainer.epochs: 5k", "", "study.yaml:2:17: " + epochs + "'5k'; write 5000"},
      {"trainer.epochs: 0x10", "", "study.yaml:2:17: " + epochs + "'0x10'; write 16"},
      {"trainer.epochs: 1,000", "", "study.yaml:2:17: " + epochs + "'1,000'; write 1000"},
      {"trainer.epochs: 2.5", "", "study.yaml:2:17: " + epochs + "2.5"},
      {"trainer.lr: 50%", "", "study.yaml:2:13: " + lr + "'50%'; write 0.5"},
      {"trainer.lr: 0,4", "", "study.yaml:2:13: " + lr + "'0,4'; write 0.4 for one value, [0, 4] for two"},
      {"trainer.lr: 10^-3", "", "study.yaml:2:13: " + lr + "'10^-3'; write 0.001"},
      {"trainer.lr: .inf", "", "study.yaml:2:13: " + lr + "'.inf'"},
      {"trainer.lr: nan", "", "study.yaml:2:13: " + lr + "'nan'"},
      {"seed: true", "", "study.yaml:2:7: " + seed + "true"},
      {"eval.probe: 1", "", "study.yaml:2:13: option 'eval.probe' wants a boolean, got 1; write true"},
      // lists
      {"seed: range(0,3)", "", "study.yaml:2:7: " + seed + "'range(0,3)'" + axis + "{range: [0, 3]}"},
      {"seed: 0,1,2", "", "study.yaml:2:7: " + seed + "'0,1,2'" + axis + "[0, 1, 2]"},
      {"", "seed=0-2", "--set seed=0-2: " + seed + "'0-2'" + axis + "{range: [0, 3]}"},
      {"sweep: {seed: 0..2}", "", "study.yaml:2:15: " + seed + "'0..2'" + axis + "{range: [0, 3]}"},
      {"", "trainer.lr=0,5", "--set trainer.lr=0,5: '0,5' is ambiguous; write 0.5 for one value, [0, 5] for two"},
      {"", "trainer.epochs=1,500",
       "--set trainer.epochs=1,500: '1,500' is ambiguous; write 1500 for one value, [1, 500] for several"},
      {"", "trainer.epochs=1,trainer.lr=2",
       "--set trainer.epochs=1,trainer.lr=2: one --set takes one key; write --set trainer.epochs=1 --set trainer.lr=2"},
      {"", "trainer.epochs:5", "--set trainer.epochs:5: wants key=value: write trainer.epochs=5"},
      {"sweep:\n  regularizer:\n    - {name: bn_vae, gamma: [0,4; 0,8]}", "",
       "study.yaml:4:29: the values of a list are separated by commas; write [0.4, 0.8]"},
      {"sweep: {seed: [range(0,3)]}", "",
       "study.yaml:2:15: the values of a list are separated by commas; write {range: [0, 3]}"},
      {"sweep: {seed: [[0, 1]]}", "", "study.yaml:2:16: a list within a list; write [0, 1]"},
      {"sweep: {seed: {range: 3}}", "",
       "study.yaml:2:23: a range is [first, end] or [first, end, step]; write {range: [0, 3]}"},
      {"sweep: {trainer.lr: {range: [0, 1, 0.1]}}", "",
       "study.yaml:2:36: a range takes integers; for reals write {linspace: [first, last, count]}"},
      {"sweep: {trainer.epochs: {linspace: [5, 6, 3]}}", "", "study.yaml:2:25: " + epochs + "5.5"},
      {"sweep: {trainer.lr: {linspace: [-1.7e308, 1.7e308, 3]}}", "", "study.yaml:2:21: " + lr + "-1.7e+308"},
      {"sweep: {trainer.lr: {logspace: [-4, -1, 4]}}", "",
       "study.yaml:2:32: logspace means ends to some and exponents to others; write {geomspace: [1e-4, 1e-1, 4]}"},
      {"sweep: {trainer.lr: {logspace: [1, 2, 4]}}", "",
       "study.yaml:2:32: logspace means ends to some and exponents to others; write {geomspace: [1, 2, 4]} or "
       "{geomspace: [1e1, 1e2, 4]}"},
      {"sweep: {trainer.lr: {geomspace: [0, 1, 4]}}", "", "study.yaml:2:33: both ends of a geomspace are > 0"},
      // braces
      {"sweep: {seed: 0,1,2}", "",
       "study.yaml:2:17: '1' has no value; if the comma belongs to 'seed', write seed: [0, 1, 2]"},
      {"sweep: {seed: range(0,3)}", "",
       "study.yaml:2:23: '3)' has no value; if the comma belongs to 'seed', write seed: {range: [0, 3]}"},
      {"regularizer: {name: bn_vae, gamma: 0,4}", "",
       "study.yaml:2:38: '4' has no value; if the comma belongs to 'gamma', write gamma: 0.4 for one value, [0, 4] for "
       "two"},
      {"sweep: {regularizer: vae, bn_vae}", "",
       "study.yaml:2:27: 'bn_vae' has no value; if the comma belongs to 'regularizer', write regularizer: [vae, "
       "bn_vae]"},
      {"sweep: {regularizer: {vae, bn_vae}}", "",
       "study.yaml:2:23: 'vae' has no value; a list is written [vae, bn_vae]"},
      {"trainer: {epochs:5}", "", "study.yaml:2:11: 'epochs:5' has no value; write epochs: 5, with a blank"},
      // regularizers
      {"regularizer: vae,bn_vae", "",
       "study.yaml:2:14: unknown regularizer 'vae,bn_vae'; several are written [vae, bn_vae], under 'sweep:'"},
      {"", "regularizer=lstm_lm",
       "--set regularizer=lstm_lm: 'lstm_lm' is a model without z and no regularizer; set model.latent_dim: 0"},
      {"regularizer: bn_vae(gamma=0.4)", "",
       "study.yaml:2:14: unknown regularizer 'bn_vae(gamma=0.4)'; write {name: bn_vae, gamma: 0.4}"},
      {"sweep:\n  regularizer:\n    bn_vae: {gamma: 0.4}", "",
       "study.yaml:4:5: a regularizer entry wants 'name': write {name: bn_vae, gamma: 0.4}"},
      {"regularizer: {name: bn_vae+kl_annealing, gamma: 0.4}", "",
       "study.yaml:2:21: a composition with options is a list: write [{name: bn_vae, ...}, {name: kl_annealing, ...}]"},
      {"regularizer: BN-VAE", "",
       "study.yaml:2:14: unknown regularizer 'BN-VAE' (did you mean 'bn_vae'?); valid: bn_vae, free_bits, "
       "kl_annealing, ln_vae, sym_bn_vae, vae, word_dropout"},
      {"trainer.optimizer: SGD", "",
       "study.yaml:2:20: option 'trainer.optimizer' wants one of: sgd, adam; got 'SGD' (did you mean 'sgd'?)"},
      // sections
      {"trainer:\n  epochs:5", "",
       "study.yaml:3:3: section 'trainer' wants a map of its options; write epochs: 5, with a blank"},
      {"trainer:\n  epochs:5\n  lr:3", "",
       "study.yaml:3:3: section 'trainer' wants a map of its options; write epochs: 5, with a blank"},
      {"data: wordnett", "",
       "study.yaml:2:7: option 'data.name' wants one of: pictures, synthetic, wordnet; got 'wordnett' (did you mean "
       "'wordnet'?)"},
      {"trainer.epochs:5", "",
       "study.yaml:2:1: unknown option 'trainer.epochs:5'; write trainer.epochs: 5, with a blank"},
      {"", "model=lstm_lm", "--set model=lstm_lm: 'model' is a section; write model.<option>=value"},
      // nothing
      {"trainer.epochs: ~", "",
       "study.yaml:2:1: option 'trainer.epochs' wants one value (integer in [1, 1000000]), got nothing"},
      {"sweep: {seed: null}", "", "study.yaml:2:9: option 'seed' wants one value (integer >= 0), got nothing"},
      {"sweep: {seed: []}", "", "study.yaml:2:15: an axis needs at least one value"},
      {"trainer.epochs: 3\ntrainer: {epochs: 3}", "", "study.yaml:3:11: 'trainer.epochs' is set twice in this file"},
      {"include: a.yaml, b.yaml", "",
       "study.yaml:2:10: cannot include 'a.yaml, b.yaml': no such file; a list is written [a.yaml, b.yaml]"},
  };
  for (const auto& [yaml, set, message] : table) {
    INFO(yaml << " --set " << set);
    CHECK(error(yaml, settings(set)) == message);
  }
}

TEST_CASE_METHOD(StudyFixture, "An option without its section is known by its last part") {
  CHECK_THAT(error("lr: 0.1"), ContainsSubstring("study.yaml:2:1: unknown key 'lr' (did you mean 'trainer.lr'?)"));
  CHECK_THAT(error("", {"lr=0.1"}), ContainsSubstring("unknown option 'lr' (did you mean 'trainer.lr'?)"));
  CHECK_THAT(error("", {"epoch=1"}), ContainsSubstring("unknown option 'epoch' (did you mean 'trainer.epochs'?)"));
  CHECK_THAT(error("trainer.latent_dim: 3"),
             ContainsSubstring("(did you mean 'data.latent_dim' or 'model.latent_dim'?)"));
  CHECK_THAT(error("train_size: 3"), ContainsSubstring("(did you mean 'data.train_size'?)"));
  CHECK_THAT(error("", {"bn_vae.gamma=1"}), ContainsSubstring("(did you mean 'regularizer.bn_vae.gamma'?)"));
  CHECK_THAT(error("gamma: 1"),
             ContainsSubstring("(did you mean 'regularizer.bn_vae.gamma' or 'regularizer.ln_vae.gamma'?)"));
  CHECK_THAT(error("", {"lr=0.1"}), ContainsSubstring(" more"));
  CHECK(error("", {"lr=0.1"}).size() < 200);
}

TEST_CASE_METHOD(StudyFixture, "Syntax that YAML does not have is refused with the right form") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"figures:\n  - name: kl\n    title: KL: by epoch # x",
       "study.yaml:4:14: a text with ': ' in it needs quotes: write title: \"KL: by epoch\""},
      {"figures:\n  - {name: kl, title: KL: by epoch, kind: curve}",
       "study.yaml:3:25: a text with ': ' in it needs quotes: write title: \"KL: by epoch\""},
      {"trainer:\n\tepochs: 3", "study.yaml:3:1: YAML is indented by spaces, not tabs: write '  epochs: 3'"},
      {"trainer:\n  epochs: 3\n\tlr: 0.1", "study.yaml:4:1: YAML is indented by spaces, not tabs: write '  lr: 0.1'"},
      {"trainer:\n  \tepochs: 3", "study.yaml:3:3: YAML is indented by spaces, not tabs: write '    epochs: 3'"},
      {"model:\n latent_dim: 3\n  hidden_dim: 4", "study.yaml:4:13: the indentation does not fit the lines above"},
      {"model:\n    latent_dim: 3\n  hidden_dim: 4", "study.yaml:4:3: the indentation does not fit the lines above"},
      {"trainer.epochs:3\nseed: 1", "study.yaml:2:1: write trainer.epochs: 3, with a blank"},
      {"sweep:\n  seed:[0, 1]\n  trainer.lr: 1", "study.yaml:3:3: write seed: [0, 1], with a blank"},
      {"sweep:\n  # a comment\n  seed:[0, 1]\n\n  trainer.lr: 1", "study.yaml:4:3: write seed: [0, 1], with a blank"},
      {"sweep: {seed:[0, 1], trainer.lr: 1}", "study.yaml:2:9: write seed: [0, 1], with a blank"},
      {"sweep:\n  seed:[0, 1]",
       "study.yaml:3:3: 'sweep' wants a map of axes, e.g. {seed: [0, 1]}, or a list of such maps; write seed: [0, 1], "
       "with a blank"},
      {"data.path: @x/y", "study.yaml:2:12: a text that begins with '@' needs quotes: write \"@x/y\""},
      {"data.path: 'x' y", "study.yaml:2:16: text behind a closing quote: 'y'"},
      {"data.path: *.txt",
       "study.yaml:2:12: anchors and aliases (&name, *name) are not supported; write the value out, or include a file"},
      {"sweep:\n  seed: - 0", "study.yaml:3:9: a list begins on the next line, or is written in brackets: seed: [0]"},
      {"seed: 1\n---\nseed: 2",
       "study.yaml:3:1: a second document begins here (a file holds one; check the indentation)"},
  };
  for (const auto& [yaml, message] : table) {
    INFO(yaml);
    CHECK(error(yaml) == message);
  }
}

TEST_CASE_METHOD(StudyFixture, "A file in another encoding is refused with the command that converts it") {
  const std::string ascii = "study: s\n";
  std::string little = "\xFF\xFE";
  std::string bare;
  for (const char c : ascii) {
    little += std::string{c, '\0'};
    bare += std::string{c, '\0'};
  }
  CHECK(raw_error(little) == "study.yaml:1:1: not valid UTF-8; iconv -f UTF-16 -t UTF-8 OLD > NEW converts it");
  CHECK(raw_error(bare) == "study.yaml:1:2: control character \\x00; iconv -f UTF-16 -t UTF-8 OLD > NEW converts it");
  CHECK(raw_error("study: s\n# \xE9t\xE9\n") ==
        "study.yaml:2:3: not valid UTF-8; iconv -f LATIN1 -t UTF-8 OLD > NEW converts it");
}

TEST_CASE_METHOD(StudyFixture, "A study's name cannot be taken for a file or an option") {
  CHECK(raw_error("study: x.h5\n") ==
        "study.yaml:1:8: a study called 'x.h5' could not be told from a file; write study: x");
  CHECK(raw_error("study: run.yaml\n") ==
        "study.yaml:1:8: a study called 'run.yaml' could not be told from a file; write study: run");
  CHECK_THAT(raw_error("study: Run.YML\n"), ContainsSubstring("write study: Run"));
  CHECK_THAT(raw_error("study: -x\n"), ContainsSubstring("got '-x'; write x"));
  CHECK_THAT(raw_error("study: a b/c\n"), ContainsSubstring("got 'a b/c'; write a_b_c"));
  CHECK_THAT(raw_error("study: ../up\n"), ContainsSubstring("got '../up'; write up"));
  CHECK(load("study: 12\n").name == "12");
  CHECK(raw_error("") == "study.yaml:1:1: the key 'study', the name of the study, is missing: write study: NAME");
}

TEST_CASE_METHOD(StudyFixture, "An include that is not beside the study may be one of klbench's own") {
  CHECK(rows(cells("include: configs/trainer/adam.yaml"), {"trainer.optimizer"}) == std::vector<std::string>{"adam"});
  CHECK_THAT(error("include: configs/trainer/adan.yaml"), ContainsSubstring("adan.yaml"));
}

TEST_CASE_METHOD(StudyFixture, "An include that was meant from the working folder is refused with its path") {
  const auto here = std::filesystem::current_path();
  const std::string name = "klbench_forms_test.yaml";
  std::ofstream(here / name) << "seed: 1\n";
  const std::string message = error("include: " + name);
  std::filesystem::remove(here / name);
  CHECK(message == "study.yaml:2:10: cannot include '" + name +
                       "': no such file; paths are relative to the file that names them: write " +
                       std::filesystem::relative(here / name, folder().path()).string());
}
