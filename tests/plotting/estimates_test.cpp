#include "plotting/estimates.h"

#include "catch.h"
#include "plotting/fixture.h"
#include "plotting/report.h"
#include "plotting/table.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

using Notes = std::vector<TableNote::Part>;

/// best 100, near 100.3 with a gap of .4 that K leaves, far 102: the differences are the same in all three seeds, so
/// that a t-test alone would tell every row apart.
StudyResult gap_study() {
  StudyResult study;
  study.name = "s";
  for (std::int64_t seed = 0; seed < 3; ++seed) {
    const double shift = static_cast<double>(seed);
    study.cells.push_back(make_cell("best", seed, {{"nll", 100 + shift}, {"nll_50", 90}, {"nll_5000", 90}}));
    study.cells.push_back(make_cell(
        "near", seed, {{"nll", 100.3 + 1.001 * shift}, {"nll_50", 90.5}, {"nll_500", 90.4}, {"nll_5000", 90.1}}));
    study.cells.push_back(make_cell("far", seed, {{"nll", 102 + 1.001 * shift}, {"nll_50", 91}, {"nll_5000", 90.6}}));
  }
  for (auto& cell : study.cells) cell.config["eval.nll_samples"] = std::int64_t{100};
  return study;
}

}  // namespace

TEST_CASE("the gap that K leaves, from the largest count up to the study's own") {
  StudyResult study = gap_study();
  auto groups = group_cells(study, {});
  CHECK(nll_gaps(groups, "test")[0] == 0);
  CHECK(nll_gaps(groups, "test")[1] == Approx(0.4));
  for (auto& cell : study.cells) cell.config["eval.nll_samples"] = std::int64_t{500};
  groups = group_cells(study, {});
  CHECK(nll_gaps(groups, "test")[1] == Approx(0.3));
  CHECK(nll_gaps(groups, "valid")[1] == 0);
}

TEST_CASE("there is no ranking inside the gap") {
  const std::string text = print_table(gap_study(), {.metrics = {"nll"}});
  CHECK_THAT(text, ContainsSubstring("101.3 ± 1.0†") && ContainsSubstring("103.0 ± 1.0\n"));
  CHECK_THAT(text,
             ContainsSubstring("nll lies 0.40 nats above its value with K = 5000 in near, on average over seeds"));
  StudyResult broken = gap_study();  // one cell's check ended in no number
  for (const char* name : {"nll_50", "nll_500", "nll_5000"}) broken.cells[1].final["test"][name].values = {NAN};
  CHECK_THAT(print_table(broken, {.metrics = {"nll"}}), ContainsSubstring("with K = 5000 in near"));
  StudyResult unmeasured = gap_study();
  for (auto& cell : unmeasured.cells) {
    for (const char* name : {"nll_50", "nll_500", "nll_5000"}) cell.final["test"].erase(name);
  }
  CHECK_THAT(print_table(unmeasured, {.metrics = {"nll"}}),
             ContainsSubstring("101.3 ± 1.0\n") && !ContainsSubstring("K = 5000"));
}

TEST_CASE("a table says why rows have none of a metric") {
  StudyResult study;
  study.cells = {make_cell("vae", 0, {{"kl", 1}, {"mi", 1}}), make_cell("bn_vae", 0, {{"kl", 1}}),
                 make_cell("lstm_lm", 0, {{"nll", 1}})};
  const std::string note = "mi: only with a posterior whose log q is known for every z, hence not of bn_vae.";
  CHECK_THAT(print_table(study, {.metrics = {"kl", "mi"}}), ContainsSubstring(note));
  study.cells[1].final["test"]["mi"].values = {2};
  CHECK_THAT(print_table(study, {.metrics = {"kl", "mi"}}), !ContainsSubstring("only with"));
}

TEST_CASE("cheaper estimates are said below the table") {
  StudyResult study;
  study.name = "s";
  study.cells = {make_cell("vae", 0, {{"nll", 100}, {"kl", 1}}), make_cell("lstm_lm", 0, {{"nll", 99}})};
  CHECK(estimate_notes(group_cells(study, {}), {"nll", "kl"}, "test").empty());
  for (auto& cell : study.cells) cell.config["eval.nll_samples"] = std::int64_t{50};
  study.cells[0].config["eval.nll_examples"] = std::int64_t{200};
  study.cells[0].config["eval.nll_tolerance"] = 0.1;
  CHECK(estimate_notes(group_cells(study, {}), {"nll", "kl"}, "test") ==
        Notes{{"{}: importance-weighted bound with only 50 samples an example (default 500), on 200 examples of the "
               "split, stopped at a standard error of 0.1 nats.",
               {"nll"}}});
  CHECK(estimate_notes(group_cells(study, {}), {"kl", "nll_5000"}, "test").empty());

  study.cells = {make_cell("vae", 0, {{"nll", 100}}), make_cell("bn_vae", 0, {{"nll", 99}})};
  study.cells[1].config["eval.nll_samples"] = std::int64_t{5000};
  CHECK(estimate_notes(group_cells(study, {}), {"nll"}, "test")[0].text ==
        "{}: importance-weighted bound with 500 or 5000 samples in its rows, of which fewer give higher values.");
}

TEST_CASE("a bound that claims a use of z that the decoder does not show is said below the table") {
  StudyResult study;
  study.cells = {make_cell("vae", 0, {{"nll", 100}, {"rate_used", 2}, {"swap_gap", 1.5}}),
                 make_cell("capacity", 0, {{"nll", 100}, {"rate_used", 24.5}, {"swap_gap", 0}})};
  const auto notes = estimate_notes(group_cells(study, {}), {"nll", "kl"}, "test");
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].columns == std::vector<std::string>{"nll"});
  CHECK_THAT(notes[0].text, ContainsSubstring("in capacity (by 24.5 nats)"));
}

TEST_CASE("mutual information near its cap is said below the table") {
  StudyResult study;
  study.cells = {make_cell("vae", 0, {{"mi", 1}}), make_cell("bn_vae", 0, {{"mi", 6}})};
  study.cells[0].final["test"]["mi"].attributes["mi_near_cap"] = false;
  study.cells[1].final["test"]["mi"].attributes["mi_near_cap"] = true;
  const auto notes = estimate_notes(group_cells(study, {}), {"mi"}, "test");
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].columns == std::vector<std::string>{"mi"});
  CHECK_THAT(notes[0].text,
             ContainsSubstring("hence possibly too low by") && ContainsSubstring("too high), in bn_vae."));
}

TEST_CASE("a table of probes names the baselines that it has no column for") {
  StudyResult study;
  study.cells = {make_cell("vae", 0, {{"probe_accuracy", 0.5}, {"probe_accuracy_majority", 0.25}}),
                 make_cell("bn_vae", 0, {{"probe_accuracy", 0.75}, {"probe_accuracy_majority", 0.25}})};
  study.cells[0].final["test"]["probe_accuracy_length"].values = {0.3};
  study.cells[1].final["test"]["probe_accuracy_length"].values = {0.3125};
  const auto groups = group_cells(study, {});
  CHECK(estimate_notes(groups, {"nll", "probe_accuracy"}, "test") ==
        Notes{{"Probes, with all labels: against 0.250 of the majority class and 0.300 to 0.312 of the length alone.",
               {"probe_accuracy"}}});
  CHECK(estimate_notes(groups, {"probe_accuracy", "probe_accuracy_majority"}, "test").empty());
  CHECK(estimate_notes(groups, {"nll"}, "test").empty());
  const auto usual = default_table_metrics(groups, "test");
  CHECK(usual == std::vector<std::string>{"probe_accuracy", "probe_accuracy_length", "probe_accuracy_majority"});
}
