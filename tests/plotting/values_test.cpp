// Numbers in the scripts' data blocks against numbers computed by hand.

#include <cmath>

#include "catch.h"
#include "plotting/fixture.h"
#include "plotting/kinds/floor_note.h"
#include "plotting/script_file.h"
#include "plotting/text_chart.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

CellResult with_epochs(CellResult cell, const std::vector<double>& kl) {
  for (std::size_t i = 0; i < kl.size(); ++i) {
    EpochRecord record;
    record.epoch = static_cast<std::int64_t>(i + 1);
    record.step = 10 * record.epoch;
    record.metrics["valid"]["kl"] = kl[i];
    cell.epochs.push_back(record);
  }
  return cell;
}

}  // namespace

TEST_CASE("curve: mean and 95% t band of five seeds") {
  StudyResult study;
  for (const std::int64_t seed : {0, 1, 2, 3, 4}) {
    study.cells.push_back(with_epochs(make_cell("vae", seed), {1.0 + static_cast<double>(seed), 7}));
  }
  const double half = 2.776445 * std::sqrt(2.5) / std::sqrt(5.0);  // t_{0.975, 4}; values 1 to 5
  const Drawn drawn(study, make_spec("curve", {"kl"}));
  check_rows(drawn.block("kl of vae, 5 seeds"), {{1, 3, 3 - half, 3 + half}, {2, 7, 7, 7}});
  CHECK_THAT(drawn.text(), ContainsSubstring("filledcurves") && !ContainsSubstring("seed 3"));
}

TEST_CASE("curve: below five seeds every seed and their mean, no band") {
  StudyResult study;
  study.cells = {with_epochs(make_cell("vae", 3), {1, 2}), with_epochs(make_cell("vae", 8), {3, 6}),
                 with_epochs(make_cell("vae", 9), {100, 100})};
  study.cells[2].status = CellStatus::diverged;
  const Drawn drawn(study, make_spec("curve", {"kl"}));
  check_rows(drawn.block("seed 3"), {{1, 1}, {2, 2}});
  check_rows(drawn.block("seed 8"), {{1, 3}, {2, 6}});
  check_rows(drawn.block("kl of vae, 2 seeds"), {{1, 2, 2, 2}, {2, 4, 4, 4}});
  CHECK_THAT(drawn.text(), !ContainsSubstring("filledcurves"));
}

TEST_CASE("curve: the floor of a method crosses the panel where it is asked for") {
  StudyResult study;
  study.cells = {with_epochs(make_cell("bn_vae", 0), {2, 3}), with_epochs(make_cell("vae", 0), {1, 1})};
  study.cells[0].facts["kl_floor_nominal"] = 1.44;
  FigureSpec spec = make_spec("curve", {"kl"});
  CHECK_THAT(Drawn(study, spec).text(), !ContainsSubstring("analytic floor"));
  spec.floor = true;
  const Drawn drawn(study, spec);
  check_rows(drawn.block("analytic floor of bn_vae"), {{1, 1.44}, {2, 1.44}});
  CHECK_THAT(drawn.text(), !ContainsSubstring("analytic floor of vae"));
}

TEST_CASE("held-out KL below a drawn floor is explained in the figure's note") {
  StudyResult study;
  study.cells = {with_epochs(make_cell("bn_vae", 0, {{"kl", 1.4}}), {1.34, 3}), make_cell("vae", 0, {{"kl", 0}})};
  study.cells[0].facts["kl_floor_nominal"] = 1.44;
  for (const char* option : {"a", "b"}) {
    study.cells[0].config["regularizer.bn_vae.gamma"] = option[0] == 'a' ? 0.6 : 0.7;
    study.cells.push_back(study.cells[0]);
  }
  for (const auto& [kind, split] :
       {std::pair{"curve", "valid"}, {"bars", "test"}, {"sweep", "test"}, {"floor", "test"}}) {
    INFO(kind);
    FigureSpec spec = make_spec(kind, {"kl"});
    spec.floor = true;
    spec.over = kind == std::string("sweep") || kind == std::string("floor") ? "regularizer.bn_vae.gamma" : "";
    CHECK_THAT(Drawn(study, spec).text(), ContainsSubstring(std::string("KL on ") + split + " lies below"));
    for (auto& cell : study.cells) cell.facts.erase("kl_floor_nominal");
    if (kind != std::string("floor")) CHECK_THAT(Drawn(study, spec).text(), !ContainsSubstring("lies below"));
    for (auto& cell : study.cells) {
      if (cell.method == "bn_vae") cell.facts["kl_floor_nominal"] = 1.44;
    }
  }
  FloorNote note;
  note.see("bn_vae", 1.4399, 1.44);  // by less than 0.1%
  note.see("vae", 0, std::nullopt);
  CHECK(note.text("test").empty());
  note.see("bn_vae", 1.4, 1.44);
  note.see("bn_vae", 1.34, 1.44);
  CHECK(
      note.text("test") ==
      "KL on test lies below its floor in bn_vae (by up to 0.1 nats): a floor holds on every training batch with that "
      "batch's statistics, not on other examples");
  CHECK_THAT(note.text("train"), ContainsSubstring("leaves out eps"));
  FloorNote vanished;
  vanished.see("bn_vae", 0.002, 1.44, 0.001);
  CHECK(vanished.text("test").empty());  // status_notes says it
  vanished.see("sym_bn_vae", 1.4, 1.44, 1.43);
  CHECK_THAT(vanished.text("test"), ContainsSubstring("KL on test lies below its floor in sym_bn_vae"));
}

TEST_CASE("curve: epochs have whole ticks") {
  StudyResult study;
  study.cells = {with_epochs(make_cell("vae", 0), {1, 2})};
  for (const char* kind : {"curve", "dynamics"}) {
    CHECK_THAT(Drawn(study, make_spec(kind, {"kl"})).text(),
               ContainsSubstring("set xtics scale 0.5 nomirror out ('' 1, '' 2)"));
  }
}

TEST_CASE("bars: mean, interval, seeds and floor") {
  StudyResult study;
  for (const std::int64_t seed : {0, 1, 2}) {
    study.cells.push_back(make_cell("bn_vae", seed, {{"kl", 6.0 + static_cast<double>(seed)}}));
    study.cells.back().facts["kl_floor_nominal"] = 5.76;
    study.cells.push_back(make_cell("vae", seed, {{"kl", 1}}));
  }
  FigureSpec spec = make_spec("bars", {"kl"});
  spec.floor = true;
  const Drawn drawn(study, spec);
  // The first group is on top.
  check_rows(drawn.block("kl of bn_vae: mean"), {{7, 2, 7, 7, 3}});  // three seeds: no interval
  const Rows seeds = drawn.block("kl of bn_vae by seed");
  REQUIRE(seeds.size() == 3);
  CHECK(seeds[2][0] == Approx(8));
  CHECK(seeds[2][2] == 2);
  check_rows(drawn.block("analytic floor"), {{5.76, 2 - 0.42, 0, 0.84}});
  spec.floor = false;
  CHECK_THAT(Drawn(study, spec).text(), !ContainsSubstring("analytic floor"));
}

TEST_CASE("sweep: means by option, floor, and methods without the option as lines") {
  StudyResult study;
  for (const double tau : {0.5, 0.1}) {
    for (const std::int64_t seed : {0, 1}) {
      CellResult cell = make_cell("sym_bn_vae", seed, {{"kl", 10 * tau + static_cast<double>(seed)}});
      cell.config["regularizer.sym_bn_vae.tau"] = tau;
      cell.facts["kl_floor_nominal"] = -4 * std::log(1 - tau);
      study.cells.push_back(cell);
    }
  }
  study.cells.push_back(make_cell("vae", 0, {{"kl", 0.25}}));
  study.cells.push_back(make_cell("vae", 1, {{"kl", 0.75}}));
  FigureSpec spec = make_spec("sweep", {"kl"});
  spec.over = "regularizer.sym_bn_vae.tau";
  spec.floor = true;
  const Drawn drawn(study, spec);
  check_rows(drawn.block("kl of sym_bn_vae: "), {{0.1, 1.5, 1.5, 1.5, 2}, {0.5, 5.5, 5.5, 5.5, 2}});
  check_rows(drawn.block("kl of sym_bn_vae by seed"), {{0.1, 1, 0}, {0.1, 2, 1}, {0.5, 5, 0}, {0.5, 6, 1}});
  check_rows(drawn.block("analytic floor of sym_bn_vae"), {{0.1, 0.4214421}, {0.5, 2.7725887}});
  const Rows line = drawn.block("kl of vae, without");
  REQUIRE(line.size() == 2);
  CHECK(line[0][1] == Approx(0.5));
  CHECK(line[1][1] == Approx(0.5));
  CHECK(line[0][0] < 0.1);
  CHECK(line[1][0] > 0.5);
  const Rows spread = drawn.block("spread of vae");  // below 5 seeds the range
  CHECK(spread[0][1] == Approx(0.25));
  CHECK(spread[0][3] == Approx(0.5));
}

TEST_CASE("sweep: a text option stands at 1, 2, ...") {
  StudyResult study;
  for (const char* schedule : {"linear", "cyclical"}) {
    CellResult cell = make_cell("kl_annealing", 0, {{"kl", schedule[0] == 'l' ? 2.0 : 3.0}});
    cell.config["regularizer.kl_annealing.schedule"] = std::string(schedule);
    study.cells.push_back(cell);
  }
  FigureSpec spec = make_spec("sweep", {"kl"});
  spec.over = "regularizer.kl_annealing.schedule";
  const Drawn drawn(study, spec);
  check_rows(drawn.block("kl of kl_annealing: "), {{1, 2, 2, 2, 1}, {2, 3, 3, 3, 1}});
  CHECK_THAT(drawn.text(), ContainsSubstring("'cyclical'") && ContainsSubstring("set xrange [0.5:2.5]") &&
                               !ContainsSubstring("rotate by 35"));
}

TEST_CASE("sweep: an integer option has whole ticks") {
  StudyResult study;
  for (const std::int64_t dims : {1, 2, 3}) {
    study.cells.push_back(make_cell("vae", 0, {{"kl", 0.5}}));
    study.cells.back().config["model.latent_dim"] = dims;
  }
  FigureSpec spec = make_spec("sweep", {"kl"});
  spec.over = "model.latent_dim";
  CHECK_THAT(Drawn(study, spec).text(), ContainsSubstring("set xtics scale 0.5 nomirror out ('' 1, '' 2, '' 3)"));
}

TEST_CASE("sweep: long texts of an option stand diagonally") {
  StudyResult study;
  for (const char* value : {"a", "b", "c"}) {
    study.cells.push_back(make_cell("vae", 0, {{"kl", 0.5}}));
    study.cells.back().config["data.path"] = std::string(40, value[0]);
  }
  FigureSpec spec = make_spec("sweep", {"kl"});
  spec.over = "data.path";
  CHECK_THAT(Drawn(study, spec).text(), ContainsSubstring("right rotate by 35"));
}

TEST_CASE("rate and distortion: means, and isolines of kl + rec") {
  StudyResult study;
  study.cells = {make_cell("vae", 0, {{"kl", 0}, {"rec", 104}}), make_cell("vae", 1, {{"kl", 2}, {"rec", 100}}),
                 make_cell("bn_vae", 0, {{"kl", 10}, {"rec", 98}}), make_cell("lstm_lm", 0, {{"rec", 99}})};
  const Drawn drawn(study, make_spec("rate_distortion"));
  check_rows(drawn.block("vae: mean kl"), {{1, 102}});
  const Rows line = drawn.block("negative ELBO 104");
  REQUIRE(line.size() == 2);
  CHECK(line[0][0] + line[0][1] == Approx(104));
  CHECK(line[1][0] + line[1][1] == Approx(104));
}

TEST_CASE("heatmap: sorted within a cell, then averaged") {
  StudyResult study;
  study.cells = {make_cell("vae", 0), make_cell("vae", 1)};
  study.cells[0].final["test"]["kl_dim"].values = {1, 5, 3};
  study.cells[1].final["test"]["kl_dim"].values = {4, 0, 9};
  check_rows(Drawn(study, make_spec("heatmap")).block("kl_dim:"), {{1, 1, 7}, {2, 1, 3.5}, {3, 1, 0.5}});
}

TEST_CASE("heatmap: every method is named") {
  StudyResult study;
  for (int i = 0; i < 25; ++i) {
    study.cells.push_back(make_cell("method_" + std::to_string(i), 0));
    study.cells.back().final["test"]["kl_dim"].values = {1, 0};
  }
  const std::string text = Drawn(study, make_spec("heatmap")).text();
  for (const auto& cell : study.cells) CHECK_THAT(text, ContainsSubstring(quote(cell.method)));
}

TEST_CASE("moments: mean squared plus variance plus posterior variance") {
  StudyResult study;
  study.cells = {make_cell("vae", 0)};
  auto& final = study.cells[0].final["test"];
  final["mu_mean"].values = {0.5, 0};
  final["mu_var"].values = {0.25, 0.1};
  final["sigma2_mean"].values = {0.5, 0.9};
  check_rows(Drawn(study, make_spec("moments")).block("vae: moment"), {{1, 1, 0}, {1, 1, 0}});
  final["mu_mean"].values = {1, 0};
  check_rows(Drawn(study, make_spec("moments")).block("vae: moment"), {{1.75, 1, 0}, {1, 1, 0}});
}

TEST_CASE("moments and histogram: what is drawn of the prior is that of the cells") {
  StudyResult study;
  for (const char* prior : {"standard", "standard", "sphere", "vamp"}) {
    auto& cell = study.cells.emplace_back(make_cell("vae", 0));
    cell.config["model.prior.name"] = std::string(prior);
    cell.config["trainer.lr"] = static_cast<double>(study.cells.size());
    for (const char* part : {"mu_mean", "mu_var", "sigma2_mean"})
      cell.final["test"][part].values = {0.5, 0.1, 0.1, 0.1};
    cell.final["test"]["posterior_histogram"] = {
        {0.1, 0.4}, {{"dims", std::int64_t{1}}, {"bins", std::int64_t{2}}, {"low", -1.0}, {"high", 1.0}}};
  }
  // From below: vamp has none, the sphere in four dimensions 1/4, and two rows share a line at 1.
  check_rows(Drawn(study, make_spec("moments")).block("prior: moment"), {{0.25, 1.5, 0, 1}, {1, 2.5, 0, 2}});
  const std::string text = Drawn(study, make_spec("histogram")).text();
  std::size_t normal = 0;
  for (auto at = text.find("exp(-x*x/2)"); at != std::string::npos; at = text.find("exp(-x*x/2)", at + 1)) ++normal;
  CHECK(normal == 2);
  CHECK_THAT(text, ContainsSubstring("not drawn: priors sphere, vamp"));
  study.cells.erase(study.cells.begin(), study.cells.begin() + 2);
  CHECK_THAT(Drawn(study, make_spec("histogram")).text(), !ContainsSubstring("N(0, 1)"));
}

TEST_CASE("histogram: densities at the middle of their bins") {
  StudyResult study;
  study.cells = {make_cell("vae", 0)};
  FinalMetric& metric = study.cells[0].final["test"]["posterior_histogram"];
  metric.values = {0.1, 0.4, 0.3, 0.2};
  metric.attributes = {{"dims", std::int64_t{2}}, {"bins", std::int64_t{2}}, {"low", -1.0}, {"high", 1.0}};
  const Drawn drawn(study, make_spec("histogram"));
  check_rows(drawn.block("dimension 1"), {{-0.5, 0.3}, {0.5, 0.2}});
  check_rows(drawn.block("mean over dimensions"), {{-0.5, 0.2}, {0.5, 0.3}});
  CHECK_THAT(drawn.text(), ContainsSubstring("plot exp(-x*x/2)"));  // first: below the others
}

TEST_CASE("latent: points by label") {
  StudyResult study;
  study.cells = {make_cell("vae", 0)};
  study.cells[0].final["test"]["latent_points"].values = {1, 2, 7, 3, 4, 0, 5, 6, 7};
  const Drawn drawn(study, make_spec("latent"));
  check_rows(drawn.block("label 7"), {{1, 2}, {5, 6}});
  check_rows(drawn.block("label 0"), {{3, 4}});
}

TEST_CASE("mean space: first and last of the recorded moments among the four") {
  StudyResult study;
  study.cells = {with_epochs(make_cell("vae", 0), {1, 1, 1, 1, 1, 1, 1, 1})};
  for (auto& record : study.cells[0].epochs) {
    record.diagnostics["valid.mean_space"] = {0.5, static_cast<double>(record.epoch), -0.5, 2};
  }
  const Drawn drawn(study, make_spec("mean_space"));
  check_rows(drawn.block("vae, epoch 1:"), {{0.5, 1}, {-0.5, 2}});
  check_rows(drawn.block("vae, epoch 8:"), {{0.5, 8}, {-0.5, 2}});
  CHECK_THAT(drawn.text(),
             ContainsSubstring("epoch 3:") && ContainsSubstring("epoch 5:") && !ContainsSubstring("epoch 4:"));
}

TEST_CASE("floor: KL, nominal and measured floor, and what lies between") {
  StudyResult study;
  for (const double gamma : {0.5, 1.0}) {
    for (const std::int64_t seed : {0, 1}) {
      CellResult cell = make_cell("bn_vae", seed, {{"kl", 16 * gamma * gamma + 1 + 2.0 * static_cast<double>(seed)}});
      cell.config["regularizer.bn_vae.gamma"] = gamma;
      cell.facts["kl_floor_nominal"] = 16 * gamma * gamma;
      cell.facts["kl_floor_measured"] = 16 * gamma * gamma + 0.5;
      study.cells.push_back(cell);
    }
  }
  study.cells.push_back(make_cell("vae", 0, {{"kl", 0.1}}));
  const Drawn drawn(study, make_spec("floor"));
  check_rows(drawn.block("bn_vae: regularizer.bn_vae.gamma, mean kl"), {{0.5, 6, 4, 2}, {1, 18, 16, 2}});
  check_rows(drawn.block("floor measured over"), {{0.5, 4.5}, {1, 16.5}});
}

TEST_CASE("curves in text: letters, or braille dots and markers") {
  const std::vector<TextCurve> one = {{"a", "", {{1, 0}, {3, 1}}}};
  CHECK(text_chart(one, 3, 14, 7, false) ==
        std::vector<std::string>{"  1 |        a", "    |      aa ", "0.5 |    aa   ", "    |  aa     ",
                                 "  0 |aa       ", "    +---------", "     epoch 1 3"});
  const auto dots = text_chart({{"●", "", {{1, 0}, {2, 0}, {3, 1}}}, {"■", "", {}}}, 5, 30, 6, true);
  CHECK(dots.size() == 6);
  CHECK_THAT(dots[0], ContainsSubstring("●") && !ContainsSubstring("■"));
  CHECK_THAT(dots[3], ContainsSubstring("│⣀⣀"));
  CHECK(terminal_colour("#000000", true).empty());
  CHECK(terminal_colour("#D55E00", true) == "\x1b[38;2;213;94;0m");
  CHECK(terminal_colour("#FF0000", false) == "\x1b[38;5;196m");
  CHECK(text_marker({"#000000", 7, ""}, 27, true) == "●");
  CHECK(text_marker({"#000000", 7, ""}, 27, false) == "B");
}
