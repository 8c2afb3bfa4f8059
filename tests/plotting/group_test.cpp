#include "plotting/group.h"

#include <set>

#include "catch.h"
#include "plotting/fixture.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

CellResult with(CellResult cell, const std::map<std::string, Value>& options) {
  for (const auto& [name, value] : options) cell.config[name] = value;
  return cell;
}

std::vector<std::string> labels(const std::vector<Group>& groups) {
  std::vector<std::string> out;
  for (const auto& group : groups) out.push_back(group.label);
  return out;
}

}  // namespace

TEST_CASE("cells that differ in their seed alone are one group") {
  StudyResult study;
  for (const std::int64_t seed : {3, 1, 2})
    study.cells.push_back(make_cell("vae", seed, {{"kl", 10 + static_cast<double>(seed)}}));
  study.cells.push_back(make_cell("bn_vae", 1, {{"kl", 5.0}}));
  const auto groups = group_cells(study, {});
  REQUIRE(labels(groups) == std::vector<std::string>{"vae", "bn_vae"});
  CHECK(groups[0].cells.size() == 3);
  CHECK(final_by_seed(groups[0], "test", "kl") == std::map<std::int64_t, double>{{1, 11}, {2, 12}, {3, 13}});
  CHECK(labels(group_cells(study, {"bn_vae"})) == std::vector<std::string>{"bn_vae"});
}

TEST_CASE("groups stand in the order of their selected cells") {
  StudyResult study;
  for (const auto& [seed, taus] : {std::pair{100, std::vector{0.5}}, {0, std::vector{0.2, 0.5}}}) {
    for (const double tau : taus)
      study.cells.push_back(with(make_cell("sym_bn_vae", seed), {{"regularizer.sym_bn_vae.tau", tau}}));
  }
  using Labels = std::vector<std::string>;
  CHECK(labels(group_cells(study, {})) == Labels{"sym_bn_vae tau=.5", "sym_bn_vae tau=.2"});
  CHECK(labels(group_cells(study, {"seed=0"})) == Labels{"sym_bn_vae tau=.2", "sym_bn_vae tau=.5"});
  study.cells[1].status = CellStatus::diverged;
  CHECK(labels(group_cells(study, {"seed=0"})) == Labels{"sym_bn_vae tau=.2", "sym_bn_vae tau=.5"});
}

TEST_CASE("labels name the options in which groups of a method differ") {
  StudyResult study;
  for (const double tau : {0.5, 0.25}) {
    for (const char* input : {"raw", "log_var"}) {
      study.cells.push_back(
          with(make_cell("sym_bn_vae", 0), {{"regularizer.sym_bn_vae.tau", tau},
                                            {"regularizer.sym_bn_vae.sigma_input", std::string(input)},
                                            {"regularizer.sym_bn_vae.eps", 1e-8}}));
    }
  }
  study.cells.push_back(make_cell("vae", 0));
  CHECK(labels(group_cells(study, {})) == std::vector<std::string>{"sym_bn_vae raw tau=.5", "sym_bn_vae log_var tau=.5",
                                                                   "sym_bn_vae raw tau=.25",
                                                                   "sym_bn_vae log_var tau=.25", "vae"});
  CHECK(labels(group_cells(study, {}, {"regularizer.sym_bn_vae.tau"})) ==
        std::vector<std::string>{"sym_bn_vae raw", "sym_bn_vae log_var", "vae"});
}

TEST_CASE("two components that share an option's name keep their keys") {
  StudyResult study;
  for (const double gamma : {0.3, 0.6}) {
    for (const double other : {1.0, -0.5}) {
      study.cells.push_back(
          with(make_cell("bn_vae+x", 0), {{"regularizer.bn_vae.gamma", gamma}, {"regularizer.x.gamma", other}}));
    }
  }
  CHECK(labels(group_cells(study, {}))[3] == "bn_vae+x bn_vae.gamma=.6 x.gamma=-.5");
}

TEST_CASE("values as labels show them") {
  CHECK(short_value(0.5) == ".5");
  CHECK(short_value(-0.25) == "-.25");
  CHECK(short_value(10.5) == "10.5");
  CHECK(short_value(0.0) == "0");
  CHECK(short_value(10.0) == "10");
  CHECK(short_value(std::int64_t{32}) == "32");
  CHECK(short_value(true) == "true");
  CHECK(short_value(std::string("/data/a/b/sentences_of_the_train_split.txt")) == "...f_the_train_split.txt");
}

TEST_CASE("a method looks the same in every study") {
  const auto few = method_styles({"sym_bn_vae", "vae"});
  const auto many = method_styles({"lstm_lm", "zzz", "vae", "free_bits", "aaa", "bn_vae", "sym_bn_vae"});
  CHECK(few.at("vae").colour == many.at("vae").colour);
  CHECK(few.at("sym_bn_vae").colour == many.at("sym_bn_vae").colour);
  std::set<std::string> colours;
  std::set<int> points;
  for (const char* method : {"lstm_lm", "vae", "kl_annealing", "free_bits", "bn_vae", "sym_bn_vae", "ln_vae"}) {
    const Style style = method_styles({method}).at(method);
    colours.insert(style.colour);
    points.insert(style.point);
  }
  CHECK(colours.size() == 7);
  CHECK(points.size() == 7);
  CHECK(many.at("aaa").marker() != many.at("zzz").marker());
  for (const char* method : {"aaa", "bn_vae+kl_annealing", "geco"}) {
    const auto among_others = method_styles({"vae", "aggressive", "0", "zzz", method});
    CHECK(among_others.at(method).marker() == method_styles({method}).at(method).marker());
    CHECK(among_others.at(method).dash == method_styles({method}).at(method).dash);
  }
}

TEST_CASE("methods of a study are told apart") {
  std::vector<std::string> methods = {"aggressive", "beta_vae",        "capacity",    "control_vae",  "delta_vae",
                                      "du_vae",     "frozen_encoder",  "geco",        "info_vae",     "mu_forcing",
                                      "bn_vae",     "pooling_encoder", "pretrain_fb", "skip_decoder", "vae",
                                      "lstm_lm",    "soft_free_bits",  "sym_bn_vae",  "word_dropout", "ln_vae",
                                      "free_bits",  "kl_annealing"};
  for (int i = 0; i < 40; ++i) methods.push_back("plugin_" + std::to_string(i));
  std::set<std::string> markers;
  for (const auto& [method, style] : method_styles(methods)) markers.insert(style.marker());
  CHECK(markers.size() == methods.size());
}

TEST_CASE("a style does not change with the methods that are drawn") {
  StudyResult study;
  for (const char* method : {"aaa", "bbb"}) study.cells.push_back(make_cell(method, 0));
  CHECK(group_cells(study, {"bbb"})[0].style.colour == group_cells(study, {})[1].style.colour);
}

TEST_CASE("variants of a method get lighter") {
  CHECK(lighten("#000000", 0.6) == "#999999");
  CHECK(lighten("#0072B2", 0) == "#0072B2");
  CHECK(lighten("#0072B2", 1) == "#FFFFFF");
  CHECK(variant({"#000000", 7, "solid"}, 0, 1).colour == "#000000");
  CHECK(variant({"#000000", 7, "solid"}, 0, 2).colour == "#000000");
  CHECK(variant({"#000000", 7, "solid"}, 1, 2).colour == "#808080");
}

TEST_CASE("diverged, failed and missing cells are named") {
  StudyResult study;
  study.cells = {make_cell("vae", 0), make_cell("vae", 1), make_cell("bn_vae", 0)};
  CHECK(status_notes(study, group_cells(study, {})).empty());
  study.cells[1].status = CellStatus::diverged;
  study.missing = {"a", "b", "c"};
  study.provenance["b"] = R"({"state": "failed", "reason": "x"})";
  study.provenance["c"] = "not json";
  const auto groups = group_cells(study, {});
  CHECK(groups[0].cells.size() == 1);
  CHECK(status_notes(study, groups) ==
        std::vector<std::string>{"diverged, left out: vae (1 of 2)", "1 cell failed", "2 cells missing"});
}

TEST_CASE("cells that end before their remedy's schedule are named") {
  StudyResult study;
  study.cells = {make_cell("vae", 0), make_cell("kl_annealing", 0), make_cell("kl_annealing", 1),
                 make_cell("pretrain_fb", 0), make_cell("pretrain_fb", 1)};
  for (auto& cell : study.cells) cell.facts["schedule_complete"] = cell.method != "kl_annealing";
  study.cells[4].facts["schedule_complete"] = false;
  CHECK(status_notes(study, group_cells(study, {})) ==
        std::vector<std::string>{"schedule not complete: kl_annealing (2 of 2), pretrain_fb (1 of 2)"});
}

TEST_CASE("a table says whose weights are of an early epoch") {
  StudyResult study;
  for (std::int64_t seed = 0; seed < 2; ++seed) {
    for (const auto& [method, first] : {std::pair<std::string, std::int64_t>("geco", 2), {"mdr", 3}, {"vae", 4}}) {
      study.cells.push_back(make_cell(method, seed, {{"nll", 1}}));
      study.cells.back().facts["selected_epoch"] = method == "mdr" ? 3 : first + 6 * seed;
      study.cells.back().facts["last_epoch"] = std::int64_t{10};
    }
  }
  CHECK(status_notes(study, group_cells(study, {})) ==
        std::vector<std::string>{
            "the best ELBO is that of an early epoch: geco (epochs 2 to 8 of 10), mdr (epoch 3 of 10)"});
}

TEST_CASE("a nominal floor that is not in force is said, whether eps takes it at the first steps or later") {
  StudyResult study;
  study.cells = {make_cell("bn_vae", 0), make_cell("bn_vae", 1)};
  const auto notes = [&](double r, double measured) {
    study.cells[1].facts = {{"floor_r", r}, {"kl_floor_nominal", 1.44}, {"kl_floor_measured", measured}};
    return status_notes(study, group_cells(study, {}));
  };
  CHECK(notes(0.95, 1.4).empty());
  CHECK(notes(0.0002, 1.4) == std::vector<std::string>{"floor not in force: bn_vae (r = 0.0002)"});
  CHECK(notes(0.896, 1.4) == std::vector<std::string>{"floor not in force: bn_vae (r = 0.896)"});  // not "r = 0.9"
  CHECK(notes(0.95, 0.001) == std::vector<std::string>{"floor not in force: bn_vae (0.001 of 1.44 nats in training)"});
}

TEST_CASE("only finite scalars count") {
  CellResult cell = make_cell("vae", 0, {{"kl", std::nan("")}, {"rec", 2}});
  cell.final["test"]["kl_dim"].values = {1, 2};
  CHECK_FALSE(final_scalar(cell, "test", "kl"));
  CHECK_FALSE(final_scalar(cell, "test", "kl_dim"));
  CHECK_FALSE(final_scalar(cell, "valid", "rec"));
  CHECK(final_scalar(cell, "test", "rec") == 2);
  cell.facts["kl_floor_nominal"] = std::nan("");
  CHECK_FALSE(fact_number(cell, "kl_floor_nominal"));
}
