// What figures once got wrong: each of these drew something that misleads.

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "core/error.h"
#include "plotting/fixture.h"
#include "plotting/kinds/spread.h"
#include "plotting/script_file.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

/// Five seeds of bn_vae whose KL ends at `last`.
StudyResult five_seeds(const std::vector<double>& last) {
  StudyResult study;
  study.name = "s";
  for (std::size_t seed = 0; seed < last.size(); ++seed) {
    CellResult cell = make_cell("bn_vae", static_cast<std::int64_t>(seed), {{"kl", last[seed]}});
    for (const int epoch : {1, 2}) {
      EpochRecord record;
      record.epoch = epoch;
      record.metrics["valid"]["kl"] = epoch == 1 ? 1.0 : last[seed];
      cell.epochs.push_back(record);
    }
    study.cells.push_back(cell);
  }
  return study;
}

StudyResult with_array(const std::string& metric, const std::vector<std::vector<double>>& values) {
  StudyResult study;
  study.name = "s";
  for (std::size_t i = 0; i < values.size(); ++i) {
    study.cells.push_back(make_cell("method_" + std::to_string(i), 0));
    study.cells.back().final["test"][metric].values = values[i];
  }
  return study;
}

}  // namespace

TEST_CASE("a band stays within the metric's range") {
  // Mean .18, sd .217 (a t interval down to -.09); one group: the gaps are no larger than twice the rest.
  const Drawn drawn(five_seeds({0.01, 0.02, 0.1, 0.25, 0.52}), make_spec("curve", {"kl"}));
  const Rows rows = drawn.block("kl of bn_vae, 5 seeds");
  CHECK(rows[1][2] == 0);
  CHECK(rows[1][3] > 0.4);
  const Drawn bars(five_seeds({0.01, 0.02, 0.1, 0.25, 0.52}), make_spec("bars", {"kl"}));
  CHECK(bars.block("kl of bn_vae: mean")[0][2] == 0);
}

TEST_CASE("one value is a bar from 0, not a dot on a cut axis") {
  StudyResult study;
  study.cells = {make_cell("vae", 0, {{"nll", 48}})};
  CHECK_THAT(Drawn(study, make_spec("bars", {"nll"})).text(), ContainsSubstring("boxxyerror"));
  study.cells.push_back(make_cell("bn_vae", 0, {{"nll", 47}}));
  CHECK_THAT(Drawn(study, make_spec("bars", {"nll"})).text(), !ContainsSubstring("boxxyerror"));
}

TEST_CASE("two dead seeds of five are drawn singly, not hidden in a band") {
  const Drawn drawn(five_seeds({0.001, 1.6, 0.002, 1.7, 1.8}), make_spec("curve", {"kl"}));
  CHECK_THAT(drawn.text(), !ContainsSubstring("filledcurves") && !ContainsSubstring("5 seeds: x, mean") &&
                               ContainsSubstring("seeds fall into two groups, and are drawn singly, in bn_vae"));
  check_rows(drawn.block("seed 0"), {{1, 1}, {2, 0.001}});
  check_rows(drawn.block("seed 4"), {{1, 1}, {2, 1.8}});
  const Drawn bars(five_seeds({0.001, 1.6, 0.002, 1.7, 1.8}), make_spec("bars", {"kl"}));
  CHECK_THAT(bars.text(), !ContainsSubstring("($4-$3)"));
  CHECK(fall_in_two({0, 0, 0, 0, 1}));
  CHECK_FALSE(fall_in_two({1, 1, 1, 1, 1}));
  CHECK_FALSE(fall_in_two({1, 2, 3, 4, 5}));
  CHECK_FALSE(fall_in_two({1, 1.01, 1.1, 1.11, 1.12}));  // by chance, and nobody is dead
  CHECK(fall_in_two({56, 56.1, 64, 64.2, 64.3}));
  CHECK_FALSE(fall_in_two({0, 0, 1, 1}));  // too few to tell
}

TEST_CASE("rate and distortion has isolines whatever the ranges, and explains them only where they are") {
  for (const auto& [kl, rec] : {std::pair{300.0, 2.0}, {2.0, 300.0}, {20.0, 20.0}}) {
    StudyResult study;
    study.cells = {make_cell("vae", 0, {{"kl", 0}, {"rec", 100 + rec}}),
                   make_cell("bn_vae", 0, {{"kl", kl}, {"rec", 100}})};
    INFO(kl << " " << rec);
    const std::string text = Drawn(study, make_spec("rate_distortion")).text();
    CHECK(count_of(text, "negative ELBO ") > 3);  // data blocks and the legend
    FigureSpec far = make_spec("rate_distortion");
    far.x_limits = {0, 1};
    far.y_limits = {100, 100.1};
    const std::string none = Drawn(study, far).text();
    CHECK((count_of(none, "# 'negative ELBO") > 0) == (count_of(none, "set label 'negative ELBO'") > 0));
    far.y_limits = {0.1, 0.2};
    CHECK_THAT(usage_error([&] { Drawn(study, far); }),
               ContainsSubstring("no value lies from 0.1 to 0.2; they lie from"));
  }
}

TEST_CASE("a language model is a line of equal cost in rate and distortion") {
  StudyResult study;
  study.cells = {make_cell("vae", 0, {{"kl", 0}, {"rec", 104}}), make_cell("bn_vae", 0, {{"kl", 10}, {"rec", 98}}),
                 make_cell("lstm_lm", 0, {{"rec", 102}}), make_cell("lstm_lm", 1, {{"rec", 104}})};
  const Drawn drawn(study, make_spec("rate_distortion"));
  const Rows line = drawn.block("lstm_lm: negative ELBO 103");
  REQUIRE(line.size() == 2);
  for (const auto& point : line) CHECK(point[0] + point[1] == Approx(103));
  CHECK(count_of(drawn.text(), "set label 'lstm_lm'") == 1);
}

TEST_CASE("heatmap: arrays that have no value of each dimension are refused, with the kind that draws them") {
  for (const auto& [metric, kind] :
       {std::pair{"latent_points", "latent"}, {"posterior_histogram", "histogram"}, {"image_grid", "images"}}) {
    FigureSpec spec = make_spec("heatmap", {metric});
    CHECK(usage_error([&] { check_figure(full_study(1), spec); }) ==
          std::string("figure 'figure': ") + metric + " has no value of each dimension; kind: " + kind + " draws it");
  }
}

TEST_CASE("a mean whose end some seeds do not reach says so") {
  StudyResult study = five_seeds({0.1, 0.2, 0.3, 0.4, 0.5});
  CHECK(count_of(Drawn(study, make_spec("curve", {"kl"})).text(), "stop early") == 0);
  study.cells[3].epochs.pop_back();
  CHECK(count_of(Drawn(study, make_spec("curve", {"kl"})).text(), "bn_vae (4 of 5 seeds)") == 1);
}

TEST_CASE("only values of cells are counted as not on a log axis") {
  StudyResult study = five_seeds({0, 0, 0.3});
  for (auto& cell : study.cells) cell.facts["kl_floor_nominal"] = 0.0;
  FigureSpec spec = make_spec("bars", {"kl"});
  spec.log_y = spec.floor = true;
  CHECK(count_of(Drawn(study, spec).text(), "kl: 2 values <= 0") == 1);
}

TEST_CASE("heatmap: values below 0 are said to have the colour of 0") {
  const auto drawn = [](const std::vector<double>& values) {
    return Drawn(with_array("mu_mean", {values}), make_spec("heatmap", {"mu_mean"})).text();
  };
  CHECK(count_of(drawn({1.5, -2, -0.1}), "2 values below 0 have the colour of 0") == 1);
  CHECK(count_of(drawn({1.5, 2}), "below 0") == 0);
}

TEST_CASE("heatmap: one dimension is drawn as one") {
  const Drawn drawn(with_array("kl_dim", {{1.5}, {0.5}}), make_spec("heatmap"));
  check_rows(drawn.block("kl_dim:"), {{1, 2, 1.5}, {1, 1, 0.5}});
}

TEST_CASE("heatmap: dimensions that a model does not have are no KL of 0") {
  const Drawn drawn(with_array("kl_dim", {{1, 2}, {3, 1, 2, 0.5}}), make_spec("heatmap"));
  check_rows(drawn.block("kl_dim:"), {{1, 2, 2}, {2, 2, 1}, {1, 1, 3}, {2, 1, 2}, {3, 1, 1}, {4, 1, 0.5}});
  check_rows(drawn.block("dimensions that are not there"), {{2.5, 4.5, 2}});
  CHECK_THAT(drawn.text(), ContainsSubstring("hatched: the model has no such dimension"));
}

TEST_CASE("latent: one dimension is a strip a label, not itself against itself") {
  StudyResult study;
  study.cells = {make_cell("vae", 0)};
  FinalMetric& metric = study.cells[0].final["test"]["latent_points"];
  metric.values = {1, 1, 0, 2, 2, 1, 3, 3, 0};
  metric.attributes = {
      {"dim_a", std::int64_t{0}}, {"dim_b", std::int64_t{0}}, {"label_names", std::string("verb\nnoun")}};
  const Drawn drawn(study, make_spec("latent"));
  check_rows(drawn.block("label 0: mu, place"), {{1, 1.7}, {3, 1.8}});
  check_rows(drawn.block("label 1: mu, place"), {{2, 0.7}});
  CHECK_THAT(drawn.text(), ContainsSubstring("'μ₀'") && ContainsSubstring("'verb'") && ContainsSubstring("'noun'"));
}

TEST_CASE("latent: labels have their names, of the figure or of the data") {
  StudyResult study = full_study(1);
  FigureSpec spec = make_spec("latent");
  spec.names = {{"label 2", "sandal"}};
  const char* unnamed = "these results do not say what labels are called; names: {label 0: ...} does";
  CHECK_THAT(Drawn(study, spec).text(), ContainsSubstring("'label 3'") && ContainsSubstring("'sandal'") &&
                                            ContainsSubstring("'μ₃'") && ContainsSubstring(unnamed));
  for (auto& cell : study.cells) {
    auto& final = cell.final["test"];
    if (final.contains("latent_points"))
      final["latent_points"].attributes["label_names"] = std::string("a\nb\nc\nboot");
  }
  CHECK_THAT(Drawn(study, spec).text(),
             ContainsSubstring("'boot'") && ContainsSubstring("'sandal'") && !ContainsSubstring("do not say"));
}

TEST_CASE("latent: of many labels the most frequent are named, the others grey") {
  StudyResult study;
  study.cells = {make_cell("vae", 0)};
  FinalMetric& metric = study.cells[0].final["test"]["latent_points"];
  for (int label = 0; label < 12; ++label) {  // label 11 has 12 points, label 0 has one
    for (int i = 0; i <= label; ++i) metric.values.insert(metric.values.end(), {0.1 * i, 0.2, 1.0 * label});
  }
  const Drawn drawn(study, make_spec("latent"));
  CHECK(drawn.block("other labels: mu_a, mu_b").size() == 1 + 2 + 3);
  CHECK(drawn.block("label 3: mu_a, mu_b").size() == 4);
  CHECK_THAT(drawn.text(), ContainsSubstring("'3 other labels'") && ContainsSubstring("'label 3'") &&
                               ContainsSubstring("'label 11'") && !ContainsSubstring("'label 2'"));
}

TEST_CASE("the titles of long compositions stay within their panels") {
  StudyResult study;
  study.name = "s";
  for (const char* method : {"free_bits+kl_annealing+pooling_encoder+word_dropout", "vae", "bn_vae"}) {
    study.cells.push_back(full_cell(method, 0, 2));
  }
  const std::string text = Drawn(study, make_spec("histogram")).text();
  CHECK_THAT(text, !ContainsSubstring("'free_bits + kl_annealing + pooling_encoder + word_dropout' at screen"));
  CHECK_THAT(text, ContainsSubstring("'free_bits + kl_annealing +' at screen") ||
                       ContainsSubstring("'free_bits + kl_annealing' at screen"));
}

TEST_CASE("a floor is explained once, however many panels it crosses") {
  StudyResult study = full_study(2);
  for (auto& cell : study.cells) {
    auto& final = cell.final["test"];
    if (final.contains("kl")) final["kl_last"] = final["kl_running"] = final["kl"];
  }
  FigureSpec spec = make_spec("bars", {"kl", "kl_last", "kl_running"});
  spec.floor = true;
  CHECK(count_of(Drawn(study, spec).text(), "set label 'analytic floor (nominal)'") == 1);
}

TEST_CASE("a sweep over seeds is no interval") {
  StudyResult study = five_seeds({1, 1.1, 1.2, 1.3, 1.5});
  FigureSpec spec = make_spec("sweep", {"kl"});
  spec.over = "seed";
  CHECK_THAT(Drawn(study, spec).text(), !ContainsSubstring("interval") && !ContainsSubstring("one seed") &&
                                            ContainsSubstring("one run at each seed"));
}

TEST_CASE("the legend of a sweep has the rows that are drawn") {
  StudyResult study = full_study(1);
  FigureSpec spec = spec_for("sweep");
  spec.metrics = {"kl"};
  CHECK_THAT(Drawn(study, spec).text(), !ContainsSubstring("'lstm_lm'"));
  spec.metrics = {"kl", "nll"};
  CHECK_THAT(Drawn(study, spec).text(), ContainsSubstring("'lstm_lm'"));
}

TEST_CASE("ticks of small numbers have powers of ten, as the legend has") {
  StudyResult study;
  study.name = "s";
  for (const double eps : {1e-8, 1e-7, 1e-6, 1e-5}) {
    study.cells.push_back(make_cell("bn_vae", 0, {{"kl", 3}}));
    study.cells.back().config["regularizer.bn_vae.eps"] = eps;
    study.cells.back().facts["kl_floor_nominal"] = 2.0;
  }
  for (const char* kind : {"sweep", "floor"}) {
    FigureSpec spec = make_spec(kind, {"kl"});
    spec.over = "regularizer.bn_vae.eps";
    spec.log_x = true;
    CHECK_THAT(Drawn(study, spec).text(), ContainsSubstring("'10⁻⁸' at screen") && ContainsSubstring("'10⁻⁵' at"));
    spec.log_x = false;
    CHECK_THAT(Drawn(study, spec).text(), ContainsSubstring("·10⁻⁶' at screen") && !ContainsSubstring("e-06' at"));
  }
}

TEST_CASE("a table says which rows lie below their floor") {
  StudyResult study;
  study.name = "s";
  study.cells = {make_cell("bn_vae", 0, {{"kl", 1.34}}), make_cell("vae", 0, {{"kl", 0}})};
  study.cells[0].facts["kl_floor_nominal"] = 1.44;
  const TemporaryFolder folder;
  draw_figure(study, make_spec("table", {"kl"}), {folder.path()});
  CHECK_THAT(read_file(folder.path() / "figure.md"),
             ContainsSubstring("KL on test lies below its floor in bn\\_vae (by "
                               "up to 0.1 nats)"));
}
