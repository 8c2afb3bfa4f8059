#include "sweep/plan.h"

#include <fmt/format.h>

#include <set>

#include "catch.h"
#include "config/sample_figures.h"
#include "core/cpu_precision.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

/// A folder with a study over a corpus small enough to be made at once; the corpus cache is in it, too.
class PlanFixture {
 public:
  Plan plan(const std::string& text, const std::map<std::string, std::string>& plugin_hashes = {},
            const Components& of_plugins = {}) const {
    const std::string head =
        "study: s\ndata: {name: synthetic, train_size: 30, valid_size: 10, test_size: 10, hidden_dim: 5}\n";
    return planned("study/study.yaml", head + text, plugin_hashes, of_plugins);
  }
  Plan planned(const std::string& name, const std::string& text,
               const std::map<std::string, std::string>& plugin_hashes = {}, const Components& of_plugins = {}) const {
    return make_plan(load_study(folder_.write(name, text), {}, full_schema(of_plugins)), plugin_hashes);
  }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  FolderWithCache folder_;
};

std::vector<std::string> ids(const Plan& plan) {
  std::vector<std::string> out;
  for (const auto& cell : plan.cells) out.push_back(cell.id);
  return out;
}

std::vector<std::filesystem::path> yaml_files(const char* folder, const std::string& name = "") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(KLBENCH_SOURCE_DIR) / folder)) {
    const auto& path = entry.path();
    if (path.extension() == ".yaml" && (name.empty() || path.filename() == name)) files.push_back(path);
  }
  return files;
}

}  // namespace

TEST_CASE_METHOD(PlanFixture, "Options of remedies are refused where they count for nothing") {
  const auto refusal = [&](const std::string& remedy) {
    return usage_error([&] { plan("sweep: {regularizer: [" + remedy + "]}\n"); });
  };
  const auto says = [&](const std::string& remedy, const std::string& option, const std::string& why) {
    const auto key = remedy.substr(7, remedy.find(',') - 7);
    const auto column = 23 + remedy.find(option + ": ") + option.size() + 2;  // of the value
    CHECK_THAT(refusal(remedy),
               ContainsSubstring(fmt::format("study.yaml:3:{}: option '{}' of {} has no effect where {}: leave it out",
                                             column, option, key, why)));
  };
  says("{name: free_bits, total: 2, lambda: 0.5}", "lambda", "total is 2.0");
  says("{name: pretrain_fb, total: 2, lambda: 0.5}", "lambda", "total is 2.0");
  says("{name: delta_vae, total: 2, delta: 0.5}", "delta", "total is 2.0");
  says("{name: mu_forcing, margin: 0.1, beta: 2}", "beta", "margin is 0.1");
  says("{name: sym_bn_vae, min_kl: 3, tau: 0.2}", "tau", "min_kl is 3.0");
  says("{name: sym_bn_vae, sigma_input: log_var, guard: 0.1}", "guard", "sigma_input is log_var");
  for (const char* option : {"cycles", "zero", "ratio", "k", "x0"})
    says(fmt::format("{{name: kl_annealing, {}: {}}}", option, option[0] == 'c' ? "7" : "0.1"), option,
         "schedule is linear");
  says("{name: kl_annealing, schedule: logistic, start: 0.1}", "start", "schedule is logistic");
  says("{name: kl_annealing, schedule: cyclical, warmup_epochs: 3}", "warmup_epochs", "schedule is cyclical");
  CHECK(refusal("{name: free_bits, total: 2, lambda: 0.25}") == "no error");  // its default
  CHECK(refusal("{name: kl_annealing, schedule: cyclical, start: 0.1, cycles: 2, zero: 0.2}") == "no error");
  CHECK_THAT(usage_error([&] {
               plan(
                   "set: {regularizer: free_bits, regularizer.free_bits.lambda: 1}\n"
                   "sweep: {regularizer.free_bits.total: [0, 2]}\n");
             }),
             ContainsSubstring(
                 "study.yaml:3:61: option 'lambda' of free_bits has no effect where total is 2.0: leave it out"));
}

TEST_CASE_METHOD(PlanFixture, "What cannot be computed in micro-batches or in bf16 is refused before anything runs") {
  const auto refusal = [&](const std::string& trainer, const std::string& more) {
    return usage_error([&] { plan("trainer: {" + trainer + "}\n" + more); });
  };
  const std::string again = " encodes or decodes the batch again, which is never held as a whole; set it to 1";
  for (const std::string remedy : {"iwae", "sa_vae"}) {
    CHECK_THAT(refusal("accumulate: 2", "sweep: {regularizer: [vae, " + remedy + "]}\n"),
               ContainsSubstring("study.yaml:3:23: trainer.accumulate: '" + remedy + "'" + again));
  }
  CHECK(refusal("accumulate: 2", "regularizer: bn_vae\n") == "no error");
  CHECK_THAT(refusal("precision: bf16", "regularizer: sa_vae\n"),
             ContainsSubstring(
                 "study.yaml:3:22: trainer.precision: 'sa_vae' takes differences of gradients, for which bf16 is "
                 "too coarse; set f32"));
  CHECK(plan("trainer: {precision: auto}\nregularizer: sa_vae\n").cells[0].config.text("trainer.precision") == "f32");
  CHECK(
      plan("trainer: {device: cuda, precision: bf16}\nregularizer: vae\n").cells[0].config.text("trainer.precision") ==
      "bf16");
  if (!cpu_has_avx512()) {
    CHECK_THAT(refusal("precision: bf16", "regularizer: vae\n"),
               ContainsSubstring("study.yaml: trainer.precision: bf16 needs a CPU with AVX-512"));
  }
  CHECK(plan("trainer: {device: cuda}\nregularizer: vae\n").cells[0].config.text("trainer.precision") == "f32");
  const std::string pictures =
      "study: s\ndata: {name: idx_images}\nmodel: {encoder: {name: resnet, batch_norm: true}}\ntrainer: {accumulate: "
      "2}\n";
  CHECK_THAT(usage_error([&] { planned("study/study.yaml", pictures); }),
             ContainsSubstring(
                 "study.yaml:4:23: trainer.accumulate: batch normalisation inside the model would see the parts of "
                 "a batch; set it to 1, or model.encoder.batch_norm: false"));
}

TEST_CASE_METHOD(PlanFixture, "What parts cannot be made of, or do not offer each other, is refused with its place") {
  const auto refusal = [&](const std::string& text) { return usage_error([&] { plan(text); }); };
  CHECK_THAT(refusal("model: {encoder: {name: transformer, hidden_dim: 10, heads: 5}, decoder: {name: transformer, "
                     "heads: 3, hidden_dim: 8}}\n"),
             ContainsSubstring("study.yaml:3:101: model.decoder.heads: 3 does not divide hidden_dim 8"));
  CHECK_THAT(refusal("sweep: {model.encoder: [lstm, {name: transformer, hidden_dim: [8, 10]}]}\n"),
             ContainsSubstring("study.yaml:3:67: model.encoder.heads: 4 does not divide hidden_dim 10"));
  CHECK_THAT(refusal("sweep: {regularizer: [vae, {name: bn_scale_schedule, scale: tau, to: 1}]}\n"),
             ContainsSubstring("study.yaml:3:28: option 'to' of bn_scale_schedule: 1.0 is not < 1, as it has to be "
                               "where scale is tau"));
  CHECK(refusal("sweep: {regularizer: [{name: bn_scale_schedule, to: 1.5}, fraternal]}\n") == "no error");
  CHECK_THAT(
      usage_error([&] {
        planned("study/study.yaml",
                "study: s\ndata: idx_images\nmodel.decoder: pixelcnn\nregularizer: latent_reconstruction\n");
      }),
      ContainsSubstring("study.yaml:4:14: regularizer 'latent_reconstruction' wants an expected image of z, which "
                        "decoder 'pixelcnn' does not have; set model.decoder to one of: mlp"));
  CHECK_THAT(
      usage_error([&] {
        planned("study/study.yaml", "study: s\nregularizer: fraternal\nmodel.decoder: quiet\n", {},
                {.decoders = {{"quiet", {.key = "quiet", .domain = kText}}}});
      }),
      ContainsSubstring("wants a state of each word before its softmax layer, which decoder 'quiet' does not have; "
                        "set model.decoder to one of: dilated_cnn, lstm, transformer"));
}

TEST_CASE("The full schema has the core options, the datasets, the remedies and the plugins'") {
  const Schema schema = full_schema({.regularizers = {{"from_plugin", {.key = "from_plugin"}}},
                                     .priors = {{"prior_of_plugin", {.key = "prior_of_plugin"}}}});
  CHECK(schema.options.size() == core_options().size());
  for (const char* key : {"synthetic", "wordnet", "text_lines"}) CHECK(schema.datasets.contains(key));
  for (const char* key : {"vae", "kl_annealing", "free_bits", "bn_vae", "sym_bn_vae", "ln_vae", "from_plugin"}) {
    CHECK(schema.regularizers.contains(key));
  }
  CHECK(schema.priors.contains("prior_of_plugin"));
  CHECK_THAT(usage_error([] {
               full_schema({.regularizers = {{"vae", {.key = "vae"}}}});
             }),
             ContainsSubstring("'vae', which exists already"));
}

TEST_CASE("Every declared component passes the check of specs") {
  const Schema schema = full_schema();
  for (const auto& kind : kComponentKinds) {
    REQUIRE_FALSE((schema.*kind.member).empty());
    for (const auto& [key, spec] : schema.*kind.member) {
      INFO(key);
      CHECK_NOTHROW(check_spec(spec));
      CHECK_FALSE(spec.summary.empty());
    }
  }
}

TEST_CASE_METHOD(PlanFixture, "Ids are 16 hexadecimal digits, each once, in the order of the grid") {
  const Plan result = plan("sweep: {regularizer: [vae, bn_vae], seed: [0, 1]}\n");
  REQUIRE(result.cells.size() == 4);
  CHECK(result.study.cells.empty());
  CHECK(result.study.name == "s");
  std::set<std::string> distinct;
  for (const auto& cell : result.cells) {
    CHECK(cell.id.size() == 16);
    CHECK(cell.id.find_first_not_of("0123456789abcdef") == std::string::npos);
    distinct.insert(cell.id);
  }
  CHECK(distinct.size() == 4);
  CHECK(result.cells[2].config.method() == "bn_vae");
  CHECK(result.cells[3].config.integer("seed") == 1);
}

TEST_CASE_METHOD(PlanFixture, "A grid that grows keeps the ids it had, an option that changes makes new ones") {
  const auto before = ids(plan("sweep: {seed: [0, 1]}\n"));
  const auto grown = ids(plan("sweep: {model.latent_dim: [32, 16], seed: [0, 1, 2]}\n"));
  CHECK(std::vector<std::string>{grown[0], grown[1]} == before);
  const auto changed = ids(plan("trainer.clip: 4.0\nsweep: {seed: [0, 1]}\n"));
  CHECK(std::set<std::string>{before[0], before[1], changed[0], changed[1]}.size() == 4);
}

TEST_CASE_METHOD(PlanFixture, "Figures and the way a value is written do not change ids") {
  const auto plain = ids(plan("trainer: {lr: 1.0}\n"));
  CHECK(ids(plan("set: {trainer.lr: 1}\nfigures: [{name: a, kind: table}]\n")) == plain);
}

TEST_CASE_METHOD(PlanFixture, "Precision auto is resolved before the id is made, and no CPU takes bf16 unasked") {
  for (const auto& option : core_options())
    if (option.name == "trainer.precision") CHECK(option.default_value == Value(std::string("f32")));
  const std::string resolved = resolve_precision("auto");
  const Plan result = plan("sweep: {trainer.precision: [auto, " + resolved + "]}\n");
  REQUIRE(result.cells.size() == 1);
  CHECK(result.cells[0].config.text("trainer.precision") == resolved);
}

TEST_CASE_METHOD(PlanFixture, "The content of the data is in the id, its path is not") {
  const auto study = [&](const std::string& name, const std::string& sentence) {
    for (const char* split : {"train", "valid", "test"})
      folder().write(name + "/" + split + ".txt", sentence + "\na b c\n");
    return planned(name + "/study.yaml",
                   "study: s\ndata: {name: text_lines, train: train.txt, valid: valid.txt, test: test.txt}\n");
  };
  const Plan first = study("one", "x y z");
  const Plan copy = study("two", "x y z");
  const Plan other = study("three", "x y q");
  CHECK(first.cells[0].config.text("data.train") == folder().file("one/train.txt"));
  CHECK(ids(first) == ids(copy));
  CHECK(ids(first) != ids(other));
}

TEST_CASE_METHOD(PlanFixture, "Data that cannot serve a cell is refused before anything is trained") {
  const auto sized = [&](int train_size, const std::string& sweep) {
    return planned("study/study.yaml", fmt::format("study: s\ndata: {{name: synthetic, train_size: {}, valid_size: 10, "
                                                   "test_size: 10, hidden_dim: 5}}\nsweep: {{{}}}\n",
                                                   train_size, sweep));
  };
  for (const std::string remedy : {"bn_vae", "sym_bn_vae", "du_vae"}) {
    CHECK(usage_error([&] { sized(1, "regularizer: [vae, " + remedy + "]"); }) ==
          fmt::format("'{}' needs statistics over a batch, and the training split has 1 example; give it more data",
                      remedy));
  }
  CHECK(sized(1, "regularizer: [vae, free_bits]").cells.size() == 2);
  CHECK(sized(2, "regularizer: [bn_vae]").cells.size() == 1);

  for (const char* split : {"train", "valid"}) folder().write(fmt::format("t/{}.txt", split), "x\ta b\ny\tc\nx\tb\n");
  folder().write("t/test.txt", "z\ta c\n");
  const std::string text =
      "study: s\ndata: {name: text_lines, label: first_column, train: train.txt, valid: valid.txt, test: test.txt}\n";
  CHECK(usage_error([&] { planned("t/study.yaml", text + "eval.probe: true\n"); }) ==
        "dataset text_lines: no label of test ('z') occurs in train ('x', 'y'), so that a probe cannot be right; mend "
        "the splits, or set eval.probe: false");
  CHECK(planned("t/study.yaml", text).cells.size() == 1);
  CHECK(planned("t/study.yaml", text + "eval.probe: true\nmodel.latent_dim: 0\n").cells.size() == 1);
}

TEST_CASE_METHOD(PlanFixture, "Bad data files are named where the study names them") {
  for (const char* split : {"train", "valid", "test"}) folder().write(fmt::format("t/{}.txt", split), "a b\n");
  folder().write("t/empty.txt", "");
  folder().write("t/bad.txt", "a\n<s>\n");
  const auto refusal = [&](const std::string& more) {
    return usage_error([&] {
      planned("t/study.yaml", "study: s\ndata: {name: text_lines, train: train.txt, valid: valid.txt}\n" + more);
    });
  };
  const std::string study = folder().file("t/study.yaml");
  CHECK(refusal("data.test: empty.txt") == study + ":3:12: " + folder().file("t/empty.txt") + ":1: the file is empty");
  CHECK_THAT(refusal("sweep: {data.test: [test.txt, bad.txt]}"),
             ContainsSubstring(study + ":3:31: " + folder().file("t/bad.txt") + ":2: the word '<s>' is reserved"));
  CHECK_THAT(refusal("data.test: none.txt"), ContainsSubstring(study + ":3:12: " + folder().file("t/none.txt") + ": "));
  CHECK(refusal("") == study + ":2:14: dataset text_lines: option 'test' must name a file of sentences");
}

TEST_CASE_METHOD(PlanFixture, "What is alarming about the data is said once, whatever the number of cells") {
  folder().write("t/train.txt", "a b\n\nc\n");
  folder().write("t/valid.txt", "q r\n");
  folder().write("t/test.txt", "a b\nc\n");
  const Plan result = planned("t/study.yaml",
                              "study: s\ndata: {name: text_lines, train: train.txt, valid: valid.txt, test: test.txt}\n"
                              "eval.probe: true\nsweep: {regularizer: [vae, bn_vae], seed: [0, 1]}\n");
  const std::string dataset = "dataset text_lines: ";
  REQUIRE(result.warnings.size() == 4);
  CHECK(result.warnings[0] ==
        dataset + folder().file("t/train.txt") + ":2: an empty line, 1 in all: left out; empty: refuse stops at them");
  CHECK_THAT(result.warnings[1], ContainsSubstring("40% of the words of valid and test are <unk>"));
  CHECK_THAT(result.warnings[2], ContainsSubstring("2 of the 2 sentences of test are in train too"));
  CHECK(result.warnings[3] == dataset + "eval.probe: the data has no labels: there will be no probe_accuracy");
}

TEST_CASE_METHOD(PlanFixture, "The hash of a plugin is in the ids of the cells that use it, and of no others") {
  const std::string text = "sweep: {regularizer: [vae, from_plugin], model.prior: [standard, prior_of_plugin]}\n";
  const Components brought{.regularizers = {{"from_plugin", {.key = "from_plugin", .any_latent = true}}},
                           .priors = {{"prior_of_plugin", {.key = "prior_of_plugin", .domain = kSpace}}}};
  const auto found = [&](const std::string& remedy, const std::string& prior) {
    return ids(plan(text, {{"from_plugin", remedy}, {"prior prior_of_plugin", prior}}, brought));
  };
  const auto before = found("aaaa", "aaaa"), remedy = found("bbbb", "aaaa"), prior = found("aaaa", "bbbb");
  REQUIRE(before.size() == 4);  // vae, vae with the prior, from_plugin, from_plugin with the prior
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK((remedy[i] != before[i]) == (i >= 2));
    CHECK((prior[i] != before[i]) == (i % 2 == 1));
  }
}

TEST_CASE_METHOD(PlanFixture, "The hash of a plugin that brings a metric is in the ids of all cells") {
  const std::string text = "sweep: {regularizer: [vae, bn_vae]}\n";
  const auto without = ids(plan(text)), a = ids(plan(text, {{"metric m", "aaaa"}})),
             b = ids(plan(text, {{"metric m", "bbbb"}}));
  for (std::size_t i = 0; i < 2; ++i) CHECK((a[i] != without[i] && a[i] != b[i]));
}

TEST_CASE_METHOD(PlanFixture,
                 "keep.* changes no id; cells that differ in nothing else are one, which keeps all of it") {
  const std::string sweep = "sweep: {seed: [0, 1], ";
  const auto plain = ids(plan(sweep + "model.latent_dim: 8}\n"));
  const Plan kept = plan(sweep + "model.latent_dim: 8, keep.model: [false, true], keep.samples: [5, 2]}\n");
  CHECK(ids(kept) == plain);
  CHECK(kept.cells.at(1).config.boolean("keep.model"));
  CHECK(kept.cells.at(1).config.integer("keep.samples") == 5);
}

TEST_CASE_METHOD(PlanFixture, "Cells that a study names more than once are planned once and named") {
  const Plan twins = plan("sweep: {regularizer: [[vae, bn_vae], vae, bn_vae], seed: [0, 1]}\n");
  CHECK(ids(twins) == ids(plan("sweep: {regularizer: [bn_vae, vae], seed: [0, 1]}\n")));
  const std::string file = folder().file("study/study.yaml");
  CHECK(twin_lines(twins) == std::vector<std::string>{file + ": cells 1 and 5 are the same: bn_vae, seed 0",
                                                      file + ": cells 2 and 6 are the same: bn_vae, seed 1"});
  CHECK(twin_lines(plan("sweep: {seed: [0, 1]}\n")).empty());
}

TEST_CASE_METHOD(PlanFixture, "Planning writes nothing beside the study") {
  plan("sweep: {seed: [0, 1]}\n");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder().path() / "study"))
    files += entry.exists() ? 1 : 0;
  CHECK(files == 1);
}

TEST_CASE_METHOD(PlanFixture, "Bad data is a usage error") {
  CHECK_THAT(
      usage_error([&] { planned("study/study.yaml", "study: s\ndata: {name: wordnet, path: /no/such/folder}\n"); }),
      ContainsSubstring("/no/such/folder"));
}

TEST_CASE("The table shows id, method, seed and the options that vary") {
  Plan plan;
  const ComponentSpec bn{.key = "bn_vae", .options = {{.name = "gamma", .default_value = 0.6, .help = ""}}};
  const auto add = [&](const std::string& id, std::int64_t latent_dim, std::vector<Part> parts) {
    CellConfig config;
    config.values = {{"seed", std::int64_t{0}}, {"model.latent_dim", latent_dim}};
    config.regularizer = std::move(parts);
    plan.cells.push_back({id, config});
  };
  add("aaaa", 8, {{"vae", Options({.key = "vae"}, {})}});
  add("bbbb", 16, {{"bn_vae", Options(bn, {})}});
  add("cccc", 16, {{"bn_vae", Options(bn, {{"gamma", 0.9}})}});
  CHECK(plan_table(plan) ==
        "id    method  seed  model.latent_dim  regularizer.bn_vae.gamma\n"
        "aaaa  vae     0     8\n"
        "bbbb  bn_vae  0     16                0.6\n"
        "cccc  bn_vae  0     16                0.9\n");
  plan.cells[1].tags = {"a", "b"};
  const PlanColumns columns = plan_columns(plan);
  CHECK(columns.names.back() == "tags");
  CHECK(columns.rows[0] == std::vector<std::optional<Value>>{Value(std::string("aaaa")), Value(std::string("vae")),
                                                             Value(std::int64_t{0}), Value(std::int64_t{8}),
                                                             std::nullopt, Value(std::string())});
  CHECK(columns.rows[1].back() == Value(std::string("a,b")));
}

TEST_CASE("Every study and every building block of the repository fits the registries") {
  const Schema schema = full_schema();
  std::map<std::string, std::size_t> cells;
  for (const auto& file : yaml_files("experiments", "study.yaml")) {
    INFO(file);
    if (!study_plugins(file).empty()) continue;
    const Study study = load_study(file, {}, schema);
    CHECK(study.name == file.parent_path().filename());
    cells[study.name] = study.cells.size();
  }
  CHECK(cells["quickstart"] >= 14);              // six remedies and lstm_lm, two seeds
  CHECK(cells["tau_sweep"] >= 5 * (1 + 2 * 5));  // vae and two inputs of sigma at five taus, five seeds
  const TemporaryFolder folder;
  for (const auto& file : yaml_files("configs")) {
    INFO(file);
    const bool images = file.filename() == "he2019_images.yaml";  // a recipe leaves the data to the study
    const std::string study = folder.write(
        "study.yaml", fmt::format("study: s\ninclude: {}\n{}", file.string(), images ? "data: idx_images\n" : ""));
    CHECK(load_study(study, {}, schema).cells.size() == 1);
  }
}

TEST_CASE("Annealing in quickstart is complete well before training ends") {
  const Study study =
      load_study(std::filesystem::path(KLBENCH_SOURCE_DIR) / "experiments/quickstart/study.yaml", {}, full_schema());
  for (const auto& cell : study.cells) {
    for (const auto& part : cell.regularizer) {
      if (part.key != "kl_annealing") continue;
      CHECK(part.options.real("warmup_epochs") < static_cast<double>(cell.integer("trainer.epochs")));
    }
  }
}
