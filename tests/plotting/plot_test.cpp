#include "plotting/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "catch.h"
#include "config/figures.h"
#include "core/files.h"
#include "core/process.h"
#include "plotting/fixture.h"
#include "plotting/group.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;
namespace fs = std::filesystem;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

bool is_table(const std::string& kind) { return FigureRegistry::instance().find(kind).is_table; }

/// The message of a refused figure, of which nothing is written.
std::string refusal(const StudyResult& study, const FigureSpec& spec,
                    const std::vector<std::string>& formats = {"svg"}) {
  const TemporaryFolder folder;
  std::string message = usage_error([&] { draw_figure(study, spec, {folder.path(), formats}); });
  if (formats == std::vector<std::string>{"svg"}) CHECK(usage_error([&] { check_figure(study, spec); }) == message);
  CHECK(fs::is_empty(folder.path()));
  return message;
}

}  // namespace

TEST_CASE("every kind draws every format") {
  const StudyResult study = full_study(2);
  const std::map<std::string, std::string> magic = {{".png", "\x89PNG"}, {".svg", "<?xml"}, {".pdf", "%PDF-"}};
  for (const auto& kind : figure_kinds()) {
    const TemporaryFolder folder;
    INFO(kind);
    const FigureKind& known = FigureRegistry::instance().find(kind);
    CHECK_FALSE(known.spec.summary.empty());
    for (const auto& key : known.keys()) CHECK_FALSE(known.help(key).empty());
    const auto [files, problems, warnings] = draw_figure(study, spec_for(kind), {folder.path()});
    CHECK(problems.empty());
    CHECK(warnings.empty());
    REQUIRE(files.size() == (is_table(kind) ? 3U : 4U));
    for (const auto& file : files) {
      const std::string bytes = read_file(file);
      CHECK(bytes.size() > 100);
      if (magic.count(file.extension())) CHECK(bytes.rfind(magic.at(file.extension()), 0) == 0);
    }
  }
}

TEST_CASE("the script beside a figure redraws it") {
  const TemporaryFolder folder;
  draw_figure(full_study(2), spec_for("sweep"), {folder.path(), {"svg", "png"}});
  const std::string before = read_file(folder.path() / "sweep.svg");
  fs::remove(folder.path() / "sweep.svg");
  fs::remove(folder.path() / "sweep.png");
  const auto result =
      run_process({"gnuplot", "sweep.gp"}, {.folder = folder.path(), .environment = {"LC_ALL=C.UTF-8"}});
  CHECK(result.ok());
  CHECK(result.err.empty());
  CHECK(read_file(folder.path() / "sweep.svg") == before);
  CHECK(fs::file_size(folder.path() / "sweep.png") > 0);
}

TEST_CASE("a row a seed, in the order of a metric") {
  StudyResult study;
  study.name = "s";
  for (const auto& [method, seed, kl] : std::vector<std::tuple<const char*, std::int64_t, double>>{
           {"vae", 0, 2}, {"vae", 1, 5}, {"bn_vae", 0, 3}, {"bn_vae", 1, 4}, {"bn_vae", 2, 9}}) {
    study.cells.push_back(full_cell(method, seed, kl));
    study.cells.back().final["test"]["kl"].values = {kl};
  }
  study.cells[4].status = CellStatus::diverged;
  const auto order = [&](const FigureSpec& spec, const RowOrder& rows) {
    const TemporaryFolder folder;
    draw_figure(study, spec, {.folder = folder.path(), .formats = {"svg"}, .rows = rows});
    std::vector<std::pair<std::size_t, std::string>> found;
    std::string text = read_file(folder.path() / (spec.kind + (is_table(spec.kind) ? ".md" : ".gp")));
    std::erase(text, '\\');  // Markdown's
    for (const char* row : {"vae", "bn_vae", "vae (seed=0)", "vae (seed=1)", "bn_vae (seed=0)", "bn_vae (seed=1)"}) {
      const std::string mark = is_table(spec.kind) ? fmt::format("\n| {} |", row) : fmt::format("kl of {}, ", row);
      if (const auto at = text.find(mark); at != std::string::npos) found.emplace_back(at, row);
    }
    std::sort(found.begin(), found.end());
    std::string rows_found;
    for (const auto& [at, row] : found) rows_found += std::string(rows_found.empty() ? "" : ", ") + row;
    return rows_found;
  };
  for (FigureSpec spec : {spec_for("curve"), spec_for("table")}) {
    spec.metrics = {"kl"};
    if (spec.kind == "curve") spec.split = "valid";
    INFO(spec.kind);
    CHECK(order(spec, {}) == "vae, bn_vae");
    CHECK(order(spec, {.sort = "kl"}) == "vae, bn_vae");  // means 3.5 and 3.5: as in the grid
    study.cells[2].final["test"]["kl"].values = {2.9};
    CHECK(order(spec, {.sort = "kl"}) == "bn_vae, vae");
    CHECK(order(spec, {.sort = "-kl"}) == "vae, bn_vae");
    CHECK(order(spec, {.sort = "-kl", .per_seed = true}) ==
          "vae (seed=1), bn_vae (seed=1), bn_vae (seed=0), vae (seed=0)");
    study.cells[2].final["test"]["kl"].values = {3};
  }
  for (const auto& kind : figure_kinds()) {  // any kind takes them
    const TemporaryFolder folder;
    INFO(kind);
    draw_figure(full_study(2), spec_for(kind), {folder.path(), {"svg"}, kGnuplotSeconds, {"-kl", true}});
    if (!is_table(kind) && kind != "mean_space")
      CHECK_THAT(read_file(folder.path() / (kind + ".gp")), ContainsSubstring("seed=1"));
  }
}

TEST_CASE("one cell is enough for the figures of one method") {
  StudyResult study;
  study.name = "one";
  study.cells = {full_cell("vae", 0, 1)};
  for (const char* kind : {"bars", "curve", "dynamics", "rate_distortion", "heatmap", "moments", "latent"}) {
    const TemporaryFolder folder;
    CHECK(draw_figure(study, spec_for(kind), {folder.path(), {"svg"}}).files.size() == 2);
  }
}

TEST_CASE("diverged and missing cells are said in every figure") {
  const TemporaryFolder folder;
  for (const auto& kind : figure_kinds()) {
    if (is_table(kind)) continue;
    FigureSpec spec = spec_for(kind);
    spec.only.clear();
    draw_figure(full_study(2), spec, {folder.path(), {"svg"}});
    const std::string svg = read_file(folder.path() / (kind + ".svg"));
    INFO(kind);
    CHECK_THAT(svg, ContainsSubstring("diverged, left out: free_bits (1 of 3)") && ContainsSubstring("1 cell missing"));
  }
}

TEST_CASE("rows of `only` that a study will have are left out with a note, wrong names of a whole one refused") {
  StudyResult study = full_study(2);  // which misses a cell
  FigureSpec spec = spec_for("bars");
  spec.only = {"vae", "geco", "sym_bn_vae tau=.9"};
  const TemporaryFolder folder;
  draw_figure(study, spec, {folder.path(), {"svg"}});
  CHECK_THAT(read_file(folder.path() / "bars.svg"), ContainsSubstring("not there yet: geco, sym_bn_vae tau=.9"));
  spec.kind = "table";
  draw_figure(study, spec, {folder.path()});
  CHECK_THAT(read_file(folder.path() / "bars.csv"), ContainsSubstring("# not there yet: geco, sym_bn_vae tau=.9."));
  spec.only = {"geco"};
  CHECK_THAT(refusal(study, spec), ContainsSubstring("no finished cell of geco to draw (1 diverged, 1 missing)"));
  study.missing.clear();
  CHECK_THAT(refusal(study, spec), ContainsSubstring("unknown method 'geco'"));
}

TEST_CASE("errors name the figure and what is valid") {
  StudyResult study = full_study(2);
  study.missing.clear();
  FigureSpec spec = spec_for("bars");
  spec.metrics = {"kll"};
  CHECK_THAT(refusal(study, spec), ContainsSubstring("figure 'bars': unknown metric on test 'kll'") &&
                                       ContainsSubstring("did you mean 'kl'?") && ContainsSubstring("nll, ppl, rec"));
  spec.kind = "bar";
  CHECK_THAT(refusal(study, spec), ContainsSubstring("unknown figure kind 'bar' (did you mean 'bars'?)"));
  spec = spec_for("bars");
  spec.split = "valid";
  CHECK_THAT(refusal(study, spec), ContainsSubstring("unknown split 'valid'; valid: test"));
  spec = spec_for("bars");
  spec.only = {"vaee"};
  CHECK_THAT(refusal(study, spec), ContainsSubstring("unknown method 'vaee' (did you mean 'vae'?)"));
  CHECK_THAT(refusal(study, spec_for("bars"), {"gif"}),
             ContainsSubstring("unknown format 'gif'; valid: png, svg, pdf"));
  spec = spec_for("sweep");
  spec.over = "regularizer.sym_bn_vae.tua";
  CHECK_THAT(refusal(study, spec), ContainsSubstring("did you mean 'regularizer.sym_bn_vae.tau'?"));
  spec.over = "";
  CHECK_THAT(refusal(study, spec), ContainsSubstring("name the swept option"));
  spec.over = "eval.nll_samples";
  CHECK(refusal(study, spec) ==
        "figure 'sweep': 'eval.nll_samples' is 100 in every cell drawn; options that vary: "
        "regularizer.sym_bn_vae.tau");
  spec.only = {"vae"};
  CHECK_THAT(refusal(study, spec), ContainsSubstring("options that vary: none"));
  spec = spec_for("curve");
  spec.metrics = {"pppl"};
  CHECK_THAT(refusal(study, spec), ContainsSubstring("unknown metric by epoch on valid 'pppl'") &&
                                       ContainsSubstring("valid: kl, marginal_kl_gaussian, mi"));
  spec.metrics = {};
  CHECK_THAT(refusal(study, spec), ContainsSubstring("name what to draw"));
  spec = spec_for("heatmap");
  spec.metrics = {"kl"};
  CHECK_THAT(refusal(study, spec), ContainsSubstring("no cell drawn has the metric 'kl' by dimension on test"));
}

TEST_CASE("a log axis over a value of 0 is refused, or the value named") {
  StudyResult study = full_study(2);
  for (auto& cell : study.cells) {
    if (option_number(cell, "regularizer.sym_bn_vae.tau") == 0.1) cell.config["regularizer.sym_bn_vae.tau"] = 0.0;
  }
  FigureSpec spec = spec_for("sweep");
  spec.log_x = true;
  CHECK_THAT(refusal(study, spec), ContainsSubstring("log_x needs values > 0"));
  study.cells[2].final["test"]["kl"].values = {0.0};
  spec = spec_for("bars");
  spec.log_y = true;
  const TemporaryFolder folder;
  draw_figure(study, spec, {folder.path(), {"svg"}});
  CHECK_THAT(read_file(folder.path() / "bars.svg"), ContainsSubstring("kl: 1 values &lt;= 0 are not on the log axis"));
}

TEST_CASE("missing arrays are an error that says how to get them") {
  StudyResult study;
  study.name = "bare";
  study.cells = {make_cell("vae", 0, {{"kl", 1}, {"rec", 2}})};
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"latent", "latent_points"},
      {"histogram", "posterior_histogram"},
      {"mean_space", "set eval.mean_space: true and model.latent_dim: 1"},
      {"moments", "mu_mean"},
      {"floor", "no cell drawn has an analytic floor"},
      {"curve", "eval.every"}};
  for (const auto& [kind, hint] : wanted) {
    FigureSpec bare = spec_for(kind);
    bare.only.clear();
    CHECK_THAT(refusal(study, bare), ContainsSubstring(hint));
  }
  study.cells[0].status = CellStatus::diverged;
  CHECK_THAT(refusal(study, spec_for("bars")), ContainsSubstring("no finished cell"));
}

TEST_CASE("the usual figures are those that the results have") {
  const auto names = [](const StudyResult& study) {
    std::vector<std::string> all;
    for (const auto& figure : default_figures(study)) {
      check_figure(study, figure);
      all.push_back(figure.name);
    }
    return all;
  };
  CHECK(names(full_study(2)) == std::vector<std::string>{"results", "kl", "rate_distortion", "kl_by_epoch",
                                                         "kl_by_dimension", "pictures", "kl_by_tau"});
  StudyResult language_model;
  language_model.name = "lm";
  language_model.cells = {full_cell("lstm_lm", 0, 0)};
  CHECK(names(language_model) == std::vector<std::string>{"results", "pictures"});
}

TEST_CASE("a figure that cannot be drawn does not stop the others") {
  const TemporaryFolder folder;
  FigureSpec bad = spec_for("bars");
  bad.metrics = {"nil"};
  FigureSpec table = spec_for("table");
  std::vector<std::string> problems;
  std::size_t files = 0;
  const auto report = [&](const Drawing& drawing) {
    files += drawing.files.size();
    problems.insert(problems.end(), drawing.problems.begin(), drawing.problems.end());
  };
  CHECK_FALSE(draw_all(full_study(1), {bad, spec_for("moments"), table}, {folder.path(), {"svg"}}, report));
  CHECK(files == 5);  // moments.svg, moments.gp, table.md, table.csv, table.tex
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], StartsWith("figure 'bars': unknown metric on test 'nil'"));
  problems.clear();
  CHECK(draw_all(full_study(1), {table}, {folder.path()}, report));
  CHECK(problems.empty());
}

TEST_CASE("a figure is refused where it stands, and the way to what it lacks is told") {
  StudyResult study = full_study(2);
  const auto message = [&](FigureSpec spec) {
    spec.places = {{"", "", {"s.yaml", 9, 3}}, {"metric", "", {"s.yaml", 9, 7}}, {"metric", "kl", {"s.yaml", 9, 8}}};
    for (const auto& metric : spec.metrics) {
      if (metric != "kl") spec.places.push_back({"metric", metric, {"s.yaml", 9, 12}});
    }
    spec.places.push_back({"only", "vaee", {"s.yaml", 9, 20}});
    spec.places.push_back({"over", "seed", {"s.yaml", 9, 30}});
    return usage_error([&] { check_figure(study, spec); });
  };
  FigureSpec spec = spec_for("bars");
  spec.metrics = {"kl", "probe_accuracy"};
  CHECK_THAT(message(spec), StartsWith("s.yaml:9:12: figure 'bars': no cell drawn has the metric 'probe_accuracy' on "
                                       "test; set eval.probe: true"));
  for (auto& cell : study.cells) cell.config["eval.probe"] = true;
  CHECK_THAT(message(spec), EndsWith("on test; the data has no labels, or too few"));
  spec.metrics = {"kl", "nll_50"};
  CHECK_THAT(message(spec), ContainsSubstring("; set eval.nll_check_examples, which measures nll_50"));
  spec.metrics = {"kl", "kl_running"};
  CHECK_THAT(message(spec), ContainsSubstring("; only remedies with batch statistics have it"));
  spec.metrics = {"kl_dim"};
  CHECK_THAT(message(spec), ContainsSubstring("; it is there by dimension on test"));
  study.missing.clear();
  spec.only = {"vaee"};
  CHECK_THAT(message(spec), StartsWith("s.yaml:9:20: figure 'bars': unknown method 'vaee'"));
  spec.only = {"lstm_lm"};
  spec.metrics = {"kl"};
  CHECK_THAT(message(spec), ContainsSubstring("; a language model has no latent variable"));
  spec = spec_for("sweep");
  spec.over = "eval.probe";
  CHECK_THAT(message(spec), StartsWith("s.yaml:9:30: figure 'sweep': 'eval.probe' is true in every cell drawn"));
  spec = spec_for("curve");
  spec.metrics = {"ppl"};
  CHECK_THAT(message(spec), StartsWith("s.yaml:9:12: figure 'curve': no cell drawn has the metric 'ppl' by epoch on "
                                       "valid; it is there as one number on test"));
  CHECK_THAT(message(spec_for("mean_space")), !StartsWith("s.yaml"));
}

TEST_CASE("a figure of what a posterior or prior does not have says so") {
  StudyResult study = full_study(2);
  for (auto& cell : study.cells) {
    for (const char* metric : {"mi", "kl_dim"}) cell.final["test"].erase(metric);
    for (auto& record : cell.epochs) record.metrics["valid"].erase("mi");
    cell.facts.clear();
  }
  const auto message = [&](const char* kind, const std::vector<std::string>& metrics = {}) {
    FigureSpec spec = spec_for(kind);
    spec.metrics = metrics;
    return usage_error([&] { check_figure(study, spec); });
  };
  const std::string no_mi = "no cell drawn has the metric 'mi' ";
  const std::string scored = "; it needs a posterior whose log q is known for every z";
  CHECK(message("bars", {"mi"}) == "figure 'bars': " + no_mi + "on test" + scored);
  CHECK(message("surgery") == "figure 'surgery': " + no_mi + "on test" + scored);
  CHECK(message("dynamics") == "figure 'dynamics': " + no_mi + "by epoch on valid" + scored);
  CHECK_THAT(message("bars", {"mi_last"}), EndsWith(scored));
  CHECK(
      message("heatmap") ==
      "figure 'heatmap': no cell drawn has the metric 'kl_dim' by dimension on test; it needs Gaussian posteriors and "
      "the prior N(0, I)");
  CHECK(message("floor") ==
        "figure 'floor': no cell drawn has an analytic floor; it is of remedies such as bn_vae, with Gaussian "
        "posteriors and the prior N(0, I)");
}

// Run with the tag to look at every kind: plotting_tests "[look]".
TEST_CASE("figures to look at", "[.look]") {
  const fs::path folder = fs::path(KLBENCH_BINARY_DIR) / "plots_look";
  for (const std::int64_t seeds : {1, 2, 5}) {
    for (const auto& kind : figure_kinds()) {
      CHECK(draw_figure(full_study(seeds), spec_for(kind), {folder / std::to_string(seeds), {"png", "pdf"}})
                .problems.empty());
    }
  }
  for (const auto& kind : figure_kinds()) {
    FigureSpec spec = spec_for(kind);
    spec.width = 7.7 / 2.54;
    spec.title = "none";
    spec.notes = "file";
    spec.names = {{"bn_vae", "BN-VAE"}, {"sym_bn_vae", "SymBN"}, {"vae", "VAE"}, {"lstm_lm", "LSTM LM"}};
    CHECK(draw_figure(full_study(5), spec, {folder / "column", {"png", "pdf"}}).problems.empty());
  }
  StudyResult many;
  many.name = "many";
  const std::vector<std::string> methods = {"lstm_lm",
                                            "vae",
                                            "kl_annealing",
                                            "free_bits",
                                            "bn_vae",
                                            "sym_bn_vae",
                                            "ln_vae",
                                            "beta_vae",
                                            "capacity",
                                            "control_vae",
                                            "geco",
                                            "soft_free_bits",
                                            "delta_vae",
                                            "du_vae",
                                            "mu_forcing",
                                            "info_vae",
                                            "aggressive",
                                            "pretrain_fb",
                                            "bn_vae+kl_annealing",
                                            "frozen_encoder"};
  for (std::size_t i = 0; i < methods.size(); ++i) {
    for (const std::int64_t seed : {0, 1, 2})
      many.cells.push_back(full_cell(methods[i], seed, 0.6 * static_cast<double>(i)));
  }
  for (const char* kind : {"bars", "curve", "dynamics", "rate_distortion", "heatmap", "moments"}) {
    CHECK(draw_figure(many, spec_for(kind), {folder / "many", {"png"}}).problems.empty());
  }
}
