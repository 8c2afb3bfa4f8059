#include "config/grid.h"

#include "catch.h"
#include "study_fixture.h"

using namespace klbench;

TEST_CASE_METHOD(StudyFixture, "Without a sweep a study is one cell of defaults with plain vae") {
  const auto all = cells("");
  REQUIRE(all.size() == 1);
  CHECK(all[0].method() == "vae");
  CHECK(all[0].integer("trainer.epochs") == 10);
  CHECK(all[0].text("data.name") == "synthetic");
  CHECK(all[0].integer("data.train_size") == 16000);
  std::size_t options = schema().options.size();
  for (const auto* spec :
       {&schema().datasets.at("synthetic"), &schema().encoders.at("lstm"), &schema().decoders.at("lstm"),
        &schema().families.at("gaussian"), &schema().priors.at("standard")})
    options += 1 + spec->options.size();
  CHECK(all[0].values.size() == options);
}

TEST_CASE_METHOD(StudyFixture, "Axes nest as written: the first is outermost, the last one fastest") {
  CHECK(rows(cells("sweep: {model.latent_dim: [16, 32], seed: [0, 1, 2]}"), {"model.latent_dim", "seed"}) ==
        Rows{"16 0", "16 1", "16 2", "32 0", "32 1", "32 2"});
  CHECK(rows(cells("sweep: {seed: [0, 1], model: {latent_dim: [16, 32]}}"), {"model.latent_dim", "seed"}) ==
        Rows{"16 0", "32 0", "16 1", "32 1"});
}

TEST_CASE_METHOD(StudyFixture, "Ranges are half-open, with a step of either sign; a single value is an axis of one") {
  CHECK(rows(cells("sweep: {seed: {range: [2, 5]}}"), {"seed"}) == Rows{"2", "3", "4"});
  CHECK(rows(cells("sweep: {seed: {range: [0, 5, 2]}}"), {"seed"}) == Rows{"0", "2", "4"});
  CHECK(rows(cells("sweep: {seed: {range: [4, 0, -2]}}"), {"seed"}) == Rows{"4", "2"});
  CHECK(rows(cells("sweep: {seed: 7}"), {"seed"}) == Rows{"7"});
}

TEST_CASE_METHOD(StudyFixture, "A linspace includes both ends and gives the numbers one would write") {
  CHECK(rows(cells("sweep: {trainer.lr: {linspace: [0, 0.9, 10]}}"), {"trainer.lr"}) ==
        Rows{"0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"});
  CHECK(rows(cells("sweep: {trainer.lr: {linspace: [0.5, 9, 1]}}"), {"trainer.lr"}) == Rows{"0.5"});
}

TEST_CASE_METHOD(StudyFixture, "Regularizer entries are names, maps whose lists expand, and compositions") {
  const auto all = cells(R"(
sweep:
  regularizer:
    - vae
    - {name: bn_vae, gamma: [0.3, 0.6]}
    - {name: sym_bn_vae, tau: [0.1, 0.5], sigma_input: [raw, log_var]}
    - [{name: bn_vae, gamma: [0.3, 0.9]}, {name: kl_annealing, warmup_epochs: [4, 8]}]
    - [free_bits, kl_annealing]
)");
  CHECK(rows(all, {"method", "regularizer.bn_vae.gamma", "regularizer.sym_bn_vae.tau",
                   "regularizer.sym_bn_vae.sigma_input", "regularizer.kl_annealing.warmup_epochs"}) ==
        Rows{"vae - - - -", "bn_vae 0.3 - - -", "bn_vae 0.6 - - -", "sym_bn_vae - 0.1 raw -",
             "sym_bn_vae - 0.1 log_var -", "sym_bn_vae - 0.5 raw -", "sym_bn_vae - 0.5 log_var -",
             "bn_vae+kl_annealing 0.3 - - 4.0", "bn_vae+kl_annealing 0.3 - - 8.0", "bn_vae+kl_annealing 0.9 - - 4.0",
             "bn_vae+kl_annealing 0.9 - - 8.0", "free_bits+kl_annealing - - - 10.0"});
}

TEST_CASE_METHOD(StudyFixture, "Outside the sweep a regularizer is the default, and a list is a composition") {
  CHECK(rows(cells("regularizer: {name: bn_vae, gamma: 0.9}"), {"method", "regularizer.bn_vae.gamma"}) ==
        Rows{"bn_vae 0.9"});
  CHECK(rows(cells("regularizer: [bn_vae, kl_annealing]\nsweep: {seed: [0, 1]}"), {"method", "seed"}) ==
        Rows{"bn_vae+kl_annealing 0", "bn_vae+kl_annealing 1"});
}

TEST_CASE_METHOD(StudyFixture, "Options of remedies are set and swept by their dotted names") {
  const std::string sweep = "sweep: {regularizer: [vae, bn_vae, {name: ln_vae, gamma: 0.4}]";
  CHECK(rows(cells("set: {regularizer.bn_vae.gamma: 0.2}\n" + sweep + "}"),
             {"method", "regularizer.bn_vae.gamma", "regularizer.ln_vae.gamma"}) ==
        Rows{"vae - -", "bn_vae 0.2 -", "ln_vae - 0.4"});
  CHECK(rows(cells(sweep + ", regularizer.bn_vae.gamma: [0.2, 0.3]}"), {"method", "regularizer.bn_vae.gamma"}) ==
        Rows{"vae -", "bn_vae 0.2", "bn_vae 0.3", "ln_vae -"});
}

TEST_CASE_METHOD(StudyFixture, "Datasets are swept as entries whose lists expand") {
  const auto all = cells("sweep: {data: [synthetic, {name: wordnet, limit: [10, 20]}, {name: wordnet, min_count: 2}]}");
  CHECK(rows(all, {"data.name", "data.limit", "data.min_count", "data.train_size"}) ==
        Rows{"synthetic - - 16000", "wordnet 10 3 -", "wordnet 20 3 -", "wordnet 0 2 -"});
}

TEST_CASE_METHOD(StudyFixture, "Options of a dataset stay behind when another dataset is named above them") {
  const std::string data = "data: {name: wordnet, limit: 10}\n";
  CHECK(rows(cells(data + "sweep: {data.name: [wordnet, synthetic]}"), {"data.name", "data.limit"}) ==
        Rows{"wordnet 10", "synthetic -"});
  CHECK(rows(cells(data, {"data.name=synthetic"}), {"data.name", "data.limit"}) == Rows{"synthetic -"});
  CHECK(rows(cells(data + "sweep: {data: {min_count: [1, 2]}}"), {"data.limit", "data.min_count"}) ==
        Rows{"10 1", "10 2"});
}

TEST_CASE_METHOD(StudyFixture, "A list of sweeps is the union of their grids") {
  const auto all = cells(R"(
sweep:
  - {regularizer: [vae, bn_vae], seed: {range: [0, 2]}}
  - {seed: {range: [0, 2]}, model.latent_dim: 0}
)");
  CHECK(rows(all, {"method", "seed"}) == Rows{"vae 0", "vae 1", "bn_vae 0", "bn_vae 1", "lstm_lm 0", "lstm_lm 1"});
  CHECK(all.back().regularizer.empty());
}

TEST_CASE_METHOD(StudyFixture, "Doubles are removed, the first one stays") {
  CHECK(rows(cells("sweep: {seed: [1, 0, 1]}"), {"seed"}) == Rows{"1", "0"});
  CHECK(rows(cells("sweep: [{seed: [0, 1]}, {seed: [1, 2]}]"), {"seed"}) == Rows{"0", "1", "2"});
  CHECK(rows(cells("sweep: {trainer.lr: [1, 1.0]}"), {"trainer.lr"}) == Rows{"1.0"});
}

TEST_CASE_METHOD(StudyFixture, "Exclusions match options, methods and lists of either") {
  const std::string sweep = "sweep: {regularizer: [vae, bn_vae, [bn_vae, kl_annealing]], model.latent_dim: [8, 16]}\n";
  const std::vector<std::string> names = {"method", "model.latent_dim"};
  CHECK(rows(cells(sweep + "exclude: [{regularizer: vae, model.latent_dim: 16}]"), names) ==
        Rows{"vae 8", "bn_vae 8", "bn_vae 16", "bn_vae+kl_annealing 8", "bn_vae+kl_annealing 16"});
  CHECK(rows(cells(sweep + "exclude: [{regularizer: [vae, bn_vae+kl_annealing]}, {model.latent_dim: 8}]"), names) ==
        Rows{"bn_vae 16"});
  CHECK(rows(cells(sweep + "exclude: [{regularizer.kl_annealing.warmup_epochs: 10}]"), names) ==
        Rows{"vae 8", "vae 16", "bn_vae 8", "bn_vae 16"});
  CHECK(rows(cells("sweep: {data: [synthetic, {name: wordnet, limit: [1, 2]}]}\nexclude: [{data.limit: [2, 3]}]"),
             {"data.name", "data.limit"}) == Rows{"synthetic -", "wordnet 1"});
  CHECK(rows(cells("sweep: [{model.latent_dim: [32, 0]}]\nexclude: [{regularizer: lstm_lm}]"), {"method"}) ==
        Rows{"vae"});
}

TEST_CASE_METHOD(StudyFixture, "Tags name cells by the same rules, and are no part of them") {
  const std::string grid = "sweep: {regularizer: [vae, bn_vae], seed: [0, 1]}\n";
  const Study study = load("study: s\n" + grid +
                           "tags:\n  headline: {regularizer: bn_vae, seed: 1}\n"
                           "  again: [{seed: 0}, {regularizer: [bn_vae]}]\n");
  CHECK(study.tags == std::vector<std::vector<std::string>>{{"again"}, {}, {"again"}, {"again", "headline"}});
  CHECK(study.cells[3].canonical() == cells(grid)[3].canonical());
  CHECK(load("study: s\n" + grid).tags == std::vector<std::vector<std::string>>(4));
  CHECK(error(grid + "tags: {a: {seed: 2}}") == "study.yaml:3:11: this tags matches no cell");
  CHECK(load("study: s\n" + grid + "tags: {a: {seed: 1}}", {"seed=0"}).tags.size() == 2);  // --set narrows the grid
  CHECK_THAT(error(grid + "tags: [a]"), ContainsSubstring("'tags' wants a map of names and cells"));
  CHECK_THAT(error(grid + "tags: {a b: {seed: 1}}"), ContainsSubstring("a tag is a word"));
  CHECK_THAT(error(grid + "tags: {a: {sed: 1}}"), ContainsSubstring("unknown option 'sed'"));
}

TEST_CASE_METHOD(StudyFixture, "What is excluded need not be valid") {
  CHECK(rows(cells("sweep: {regularizer: [vae, bn_vae], trainer.batch_size: [1, 8]}\n"
                   "exclude: [{regularizer: bn_vae, trainer.batch_size: 1}]"),
             {"method", "trainer.batch_size"}) == Rows{"vae 1", "vae 8", "bn_vae 8"});
}

TEST_CASE_METHOD(StudyFixture, "--set overrides everything and replaces an axis") {
  const std::string sweep = "trainer.epochs: 5\nsweep: {seed: [0, 1], trainer.lr: [0.1, 0.2]}\n";
  const std::vector<std::string> names = {"seed", "trainer.lr", "trainer.epochs"};
  CHECK(rows(cells(sweep, {"trainer.epochs=3"}), names) == Rows{"0 0.1 3", "0 0.2 3", "1 0.1 3", "1 0.2 3"});
  CHECK(rows(cells(sweep, {"seed=9"}), names) == Rows{"9 0.1 5", "9 0.2 5"});
  CHECK(rows(cells(sweep, {"seed=[7, 8]", "trainer.lr=0.3"}), names) == Rows{"7 0.3 5", "8 0.3 5"});
  CHECK(rows(cells(sweep, {"seed={range: [3, 5]}", "trainer.lr=1"}), names) == Rows{"3 1.0 5", "4 1.0 5"});
  CHECK(rows(cells(sweep, {"seed=1", "seed=2", "trainer.lr=1"}), names) == Rows{"2 1.0 5"});
  CHECK(rows(cells("", {"seed=[0, 1]"}), {"seed"}) == Rows{"0", "1"});
  CHECK(rows(cells("", {"data={name: wordnet, limit: 3}"}), {"data.name", "data.limit"}) == Rows{"wordnet 3"});
}

TEST_CASE_METHOD(StudyFixture, "--set reaches remedies, their options and the language model's grid") {
  const std::string sweep = R"(
sweep:
  - {regularizer: [vae, {name: bn_vae, gamma: [0.3, 0.6]}], seed: [0, 1]}
  - {model.latent_dim: 0}
)";
  const std::vector<std::string> names = {"method", "regularizer.bn_vae.gamma", "seed"};
  CHECK(rows(cells(sweep, {"regularizer.bn_vae.gamma=0.9", "seed=0"}), names) ==
        Rows{"vae - 0", "bn_vae 0.9 0", "lstm_lm - 0"});
  CHECK(rows(cells(sweep, {"regularizer=bn_vae", "seed=0"}), names) == Rows{"bn_vae 0.6 0", "lstm_lm - 0"});
  CHECK(rows(cells(sweep, {"regularizer=[vae, [bn_vae, kl_annealing]]", "seed=0"}), names) ==
        Rows{"vae - 0", "bn_vae+kl_annealing 0.6 0", "lstm_lm - 0"});
}

TEST_CASE_METHOD(StudyFixture, "Errors of --set name the argument") {
  CHECK_THAT(
      error("", {"trainer.epcohs=3"}),
      ContainsSubstring("--set trainer.epcohs=3: unknown option 'trainer.epcohs' (did you mean 'trainer.epochs'?)"));
  CHECK(error("", {"trainer.epochs=x"}) ==
        "--set trainer.epochs=x: option 'trainer.epochs' wants an integer in [1, 1000000], got 'x'");
  CHECK(error("", {"trainer.epochs"}) == "--set trainer.epochs: wants key=value");
  CHECK(error("", {"=3"}) == "--set =3: wants key=value");
  CHECK(error("", {"trainer.epochs="}) ==
        "--set trainer.epochs=: option 'trainer.epochs' wants one value (integer in [1, 1000000]), got nothing");
  CHECK(error("", {"model=3"}) == "--set model=3: 'model' is a section; write model.<option>=value");
  CHECK(error("", {"trainer=3"}) == "--set trainer=3: 'trainer' is a section; write trainer.<option>=value");
  CHECK_THAT(error("", {"seed=[1, 2"}), ContainsSubstring("--set seed=[1, 2: value:1:1: '[' without its ']'"));
}

TEST_CASE_METHOD(StudyFixture, "Bad axes are refused where they stand") {
  CHECK(error("sweep: {seed: []}") == "study.yaml:2:15: an axis needs at least one value");
  CHECK(error("sweep: {seed: {range: [3, 3]}}") == "study.yaml:2:23: no integer from 3 before 3 in steps of 1");
  CHECK(error("sweep: {seed: {range: [0, 4, 0]}}") == "study.yaml:2:30: the step of a range must not be 0");
  CHECK(error("sweep: {seed: {range: [0.5, 4]}}") ==
        "study.yaml:2:24: a range takes integers; for reals write {linspace: [first, last, count]}");
  CHECK(error("sweep: {seed: {range: 4}}") ==
        "study.yaml:2:23: a range is [first, end] or [first, end, step]; write {range: [0, 4]}");
  CHECK(error("sweep: {trainer.lr: {linspace: [0, 1]}}") == "study.yaml:2:32: a linspace is [first, last, count]");
  CHECK(error("sweep: {seed: {from: 1}}") ==
        "study.yaml:2:15: an axis is a list, {range: [first, end]}, {linspace: [first, last, count]} or {geomspace: "
        "[first, last, count]}");
  CHECK(error("sweep: 5") ==
        "study.yaml:2:8: 'sweep' wants a map of axes, e.g. {seed: [0, 1]}, or a list of such maps");
  CHECK(error("sweep: {regularizer: []}") == "study.yaml:2:22: an axis needs at least one value");
  CHECK(error("sweep: {regularizer: [[]]}") == "study.yaml:2:23: a composition needs at least one regularizer");
  CHECK(error("sweep: {model: {latent_dim: [1]}, model.latent_dim: [2]}") ==
        "study.yaml:2:35: 'model.latent_dim' is swept twice in one grid");
  CHECK(error("sweep: {regularizer: {name: bn_vae, gamma: 0.6}, regularizer.bn_vae.gamma: [1, 2]}") ==
        "study.yaml:2:50: 'regularizer.bn_vae.gamma' is swept twice in one grid");
}

TEST_CASE_METHOD(StudyFixture, "Bad values on an axis are refused where they stand") {
  CHECK(error("sweep:\n  seed: [0, x]") == "study.yaml:3:13: option 'seed' wants an integer >= 0, got 'x'");
  CHECK(error("sweep:\n  regularizer:\n    - {name: sym_bn_vae, tau: [0.5, 1.5]}") ==
        "study.yaml:4:37: option 'tau' wants a real in [0, 1), got 1.5");
  CHECK(error("sweep:\n  data: {name: wordnet, limit: [1, -1]}") ==
        "study.yaml:3:36: option 'data.limit' wants an integer >= 0, got -1");
  CHECK(
      error("sweep: {regularizer: [bnvae]}") ==
      "study.yaml:2:23: unknown regularizer 'bnvae' (did you mean 'bn_vae'?); valid: bn_vae, free_bits, kl_annealing, "
      "ln_vae, sym_bn_vae, vae, word_dropout");
  CHECK(error("sweep: {regularizer: [{name: bn_vae, gama: 1}]}") ==
        "study.yaml:2:38: unknown option of bn_vae 'gama' (did you mean 'gamma'?); valid: gamma");
  CHECK(error("sweep: {regularizer: [{gamma: 1}]}") == "study.yaml:2:23: a regularizer entry wants 'name'");
}

TEST_CASE_METHOD(StudyFixture, "Compositions that cannot work are refused where they stand") {
  const std::string error = this->error("sweep:\n  regularizer:\n    - vae\n    - [bn_vae, ln_vae]");
  CHECK_THAT(error, ContainsSubstring("study.yaml:5:7: ") && ContainsSubstring("'bn_vae'") &&
                        ContainsSubstring("'ln_vae'") && ContainsSubstring("posterior"));
  CHECK_THAT(this->error("regularizer: [bn_vae, bn_vae]"), ContainsSubstring("study.yaml:2:14: "));
}

TEST_CASE_METHOD(StudyFixture, "Batch statistics over a batch of one are refused with the way out") {
  CHECK(error("trainer.batch_size: 1\nregularizer: bn_vae") ==
        "study.yaml:2:21: 'bn_vae' needs statistics over a batch, and trainer.batch_size is 1; raise it, or set "
        "trainer.accumulate, which makes one batch of several");
  CHECK(cells("trainer: {batch_size: 1, accumulate: 8}\nregularizer: bn_vae").size() == 1);
  CHECK(cells("trainer.batch_size: 1").size() == 1);
}

TEST_CASE_METHOD(StudyFixture, "A remedy swept with the language model is refused, plain vae is not") {
  CHECK(
      error("sweep: {regularizer: [vae, bn_vae], model.latent_dim: [32, 0]}") ==
      "study.yaml:2:28: 'bn_vae' cannot be used with model.latent_dim 0, a model without latent variable; give that a "
      "grid of its own (sweep: a list of maps)");
  CHECK(rows(cells("sweep: {regularizer: [vae], model.latent_dim: [32, 0]}"), {"method"}) == Rows{"vae", "lstm_lm"});
  CHECK(rows(cells("regularizer: bn_vae\nsweep: [{seed: 0}, {model.latent_dim: 0}]"), {"method"}) ==
        Rows{"bn_vae", "lstm_lm"});
}

TEST_CASE_METHOD(StudyFixture, "A remedy set beside the language model is refused as a swept one is") {
  const std::string refusal =
      "'bn_vae' cannot be used with model.latent_dim 0, a model without latent variable; give that a grid of its own "
      "(sweep: a list of maps)";
  CHECK(error("set: {regularizer: bn_vae, model.latent_dim: 0}") == "study.yaml:2:20: " + refusal);
  CHECK(error("regularizer: bn_vae\nsweep: {seed: [0, 1]}", {"model.latent_dim=0"}) == "study.yaml:2:14: " + refusal);
  CHECK(error("model.latent_dim: 0", {"regularizer=bn_vae"}) == "--set regularizer=bn_vae: " + refusal);
  CHECK(rows(cells("set: {regularizer: vae, model.latent_dim: 0}"), {"method"}) == Rows{"lstm_lm"});
  CHECK(rows(cells("model.latent_dim: 0"), {"method"}) == Rows{"lstm_lm"});
}

TEST_CASE_METHOD(StudyFixture, "Momentum with adam is refused") {
  CHECK(error("trainer: {optimizer: adam, momentum: 0.9}") ==
        "study.yaml:2:38: trainer.momentum has no effect where trainer.optimizer is adam: leave it out");
  CHECK(error("trainer: {optimizer: adam, momentum: 0}") == "no error");
}

TEST_CASE_METHOD(StudyFixture, "Options of a remedy that no cell has are refused") {
  CHECK(error("regularizer.bn_vae.gamma: 0.5") ==
        "study.yaml:2:1: 'regularizer.bn_vae.gamma' has no effect: no cell has the regularizer 'bn_vae'");
  CHECK(error("sweep:\n  regularizer.bn_vae.gamma: [0.5]") ==
        "study.yaml:3:3: 'regularizer.bn_vae.gamma' has no effect: no cell has the regularizer 'bn_vae'");
  CHECK(error("", {"regularizer.bn_vae.gamma=1"}) ==
        "--set regularizer.bn_vae.gamma=1: 'regularizer.bn_vae.gamma' has no effect: no cell has the regularizer "
        "'bn_vae'");
}

TEST_CASE_METHOD(StudyFixture, "Bad exclusions are refused where they stand") {
  CHECK_THAT(error("exclude: {seed: 1}"), ContainsSubstring("study.yaml:2:10: 'exclude' wants a list of maps"));
  CHECK_THAT(error("exclude: [vae]"), ContainsSubstring("study.yaml:2:11: an entry of 'exclude' is a map"));
  CHECK_THAT(error("exclude: [{model.latent: 1}]"),
             ContainsSubstring("study.yaml:2:12: unknown option 'model.latent' (did you mean 'model.latent_dim'?)"));
  CHECK_THAT(error("exclude: [{regularizer: bnvae}]"),
             ContainsSubstring("study.yaml:2:25: unknown regularizer 'bnvae' (did you mean 'bn_vae'?)"));
  CHECK_THAT(error("exclude: [{regularizer: lstm_ml}]"),
             ContainsSubstring("study.yaml:2:25: unknown regularizer 'lstm_ml' (did you mean 'lstm_lm'?)"));
  CHECK_THAT(error("exclude: [{regularizers: vae}]"),
             ContainsSubstring("study.yaml:2:12: unknown option 'regularizers' (did you mean 'regularizer'?)"));
  CHECK(error("exclude: [{seed: x}]") == "study.yaml:2:18: option 'seed' wants an integer >= 0, got 'x'");
  CHECK(error("sweep: {seed: [0, 1]}\nexclude: [{seed: [0, 1]}]") ==
        "study.yaml:2:8: no cell is left: 'exclude' matches the whole grid");
}

TEST_CASE_METHOD(StudyFixture, "An exclusion that matches no cell is refused, unless --set changes the grid") {
  const std::string sweep = "sweep: {seed: [0, 1], regularizer: [vae, bn_vae]}\nexclude: ";
  CHECK(error(sweep + "[{seed: 7}]") == "study.yaml:3:11: this exclude matches no cell");
  CHECK(error(sweep + "[{seed: 1}, {regularizer: vae, seed: 2}]") == "study.yaml:3:22: this exclude matches no cell");
  CHECK(error(sweep + "[{data.min_count: 3}]") == "study.yaml:3:11: this exclude matches no cell");
  CHECK(rows(cells(sweep + "[{seed: 1}, {seed: 1, regularizer: vae}]"), {"method", "seed"}) ==
        Rows{"vae 0", "bn_vae 0"});
  CHECK(rows(cells(sweep + "[{seed: 1}]", {"seed=0"}), {"method", "seed"}) == Rows{"vae 0", "bn_vae 0"});
}

TEST_CASE_METHOD(StudyFixture, "Sizes, counts and steps have an upper bound") {
  CHECK(error("model.hidden_dim: 9223372036854775807") ==
        "study.yaml:2:19: option 'model.hidden_dim' wants an integer in [1, 65536], got 9223372036854775807");
  CHECK(error("trainer.batch_size: 1000001") ==
        "study.yaml:2:21: option 'trainer.batch_size' wants an integer in [1, 1000000], got 1000001");
  CHECK(error("trainer.steps: 1000000001") ==
        "study.yaml:2:16: option 'trainer.steps' wants an integer in [0, 1000000000], got 1000000001");
  for (const auto& option : schema().options) {
    INFO(option.name);
    if (option.type() == OptionType::integer && option.name != "seed") CHECK(option.max <= 1e9);
  }
}

TEST_CASE_METHOD(StudyFixture, "Oversized grids are refused before they are built") {
  CHECK(error("sweep: {seed: {range: [0, 9000000000000000000]}}") ==
        "study.yaml:2:23: more than 100000 values on one axis");
  CHECK(error("sweep: {seed: {range: [0, 1000]}, model.latent_dim: {range: [1, 1000]}}") ==
        "study.yaml:2:8: the grid has more than 100000 cells");
  CHECK(error("sweep: [{seed: {range: [0, 60000]}}, {seed: {range: [0, 60000]}}]") ==
        "study.yaml:2:8: the study has more than 100000 cells");
  std::string entry = "{name: sym_bn_vae, tau: {linspace: [0, 0.9, 1000]}}";
  CHECK(error("sweep: {regularizer: [[" + entry + ", {name: free_bits, lambda: {linspace: [0, 1, 1000]}}]]}") ==
        "study.yaml:2:23: expands to more than 100000 cells");
}

TEST_CASE_METHOD(StudyFixture, "Compositions that mean the same are one cell, which knows its places in the grids") {
  const auto all = cells(R"(
sweep:
  - regularizer: [[free_bits, kl_annealing], bn_vae, [kl_annealing, free_bits], [vae, bn_vae], vae]
  - {regularizer: [[vae, kl_annealing, bn_vae], vae]}
)");
  CHECK(rows(all, {"method"}) == Rows{"free_bits+kl_annealing", "bn_vae", "vae", "bn_vae+kl_annealing"});
  using Places = std::vector<std::size_t>;
  CHECK(all.at(0).places == Places{1, 3});
  CHECK(all.at(1).places == Places{2, 4});
  CHECK(all.at(2).places == Places{5, 7});
  CHECK(all.at(3).places == Places{6});
}

TEST_CASE_METHOD(StudyFixture, "Exclusions and figures name a composition in any order") {
  const std::string sweep = "sweep: {regularizer: [vae, [free_bits, kl_annealing]]}\n";
  CHECK(rows(cells(sweep + "exclude: [{regularizer: kl_annealing+free_bits}]"), {"method"}) == Rows{"vae"});
  const auto study =
      load("study: s\n" + sweep + "figures: [{name: a, kind: table, only: [vae+kl_annealing+free_bits]}]\n");
  CHECK(study.figures.at(0).only == std::vector<std::string>{"free_bits+kl_annealing"});
}

TEST_CASE_METHOD(StudyFixture, "A part that stands twice is refused even where it would be left out") {
  CHECK_THAT(error("regularizer: [vae, vae, bn_vae]"), ContainsSubstring("'vae' stands twice in one composition"));
}
