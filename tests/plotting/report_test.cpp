#include "plotting/report.h"

#include <algorithm>

#include "catch.h"
#include "core/error.h"
#include "plotting/fixture.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// Two seeds of bn_vae, a vae that diverged, two cells missing; two violations of the floor.
StudyResult small_study() {
  StudyResult study;
  study.name = "hand made";
  study.cells = {make_cell("bn_vae", 0, {{"kl", 1}}), make_cell("bn_vae", 1, {{"kl", 2}}), make_cell("vae", 0)};
  for (auto& cell : study.cells) {
    cell.facts["floor_violations"] = std::int64_t{0};
    cell.facts["floor_batches"] = std::int64_t{cell.method == "vae" ? 0 : 50};  // vae has no floor
  }
  study.cells[0].facts["floor_violations"] = std::int64_t{2};
  study.cells[0].cost["train_seconds"] = 30;
  study.cells[1].cost["train_seconds"] = 40;
  study.cells[2].status = CellStatus::diverged;
  study.missing = {"c4", "c5"};
  study.provenance["c4"] = R"({"state": "failed", "reason": "exited with code 7"})";
  return study;
}

}  // namespace

TEST_CASE("show: statuses, table, floors, what diverged and what is missing") {
  const std::string text = show_text(small_study());
  CHECK(text.substr(0, text.find("Mean")) ==
        "hand made: 5 cells, 1 diverged, 2 done, 2 missing\n"
        "\n"
        "hand made, test\n"
        "method           kl\n"
        "--------------------\n"
        "bn_vae  1.50 ± 0.71\n"
        "vae        diverged\n");
  CHECK_THAT(text, ContainsSubstring("\nanalytic floors: 2 violations in 2 of 3 cells\n"
                                     "diverged: vae-0 (vae)\n"
                                     "failed: c4 (exited with code 7)\n"
                                     "missing: c5\n"));
}

TEST_CASE("show: what is alarming about the data stands once, with the number of cells") {
  StudyResult study = small_study();
  for (auto& cell : study.cells) cell.facts["valid_test_unk_share"] = 0.5;
  study.cells[2].facts["valid_test_unk_share"] = 0.1;
  CHECK_THAT(show_text(study), ContainsSubstring("data of 2 cells: 50% of the words of valid and test are <unk>: "));
  CHECK_THAT(show_text(small_study()), !ContainsSubstring("data of"));
}

TEST_CASE("show: a study without results, and one that was never tested") {
  CHECK(show_text({}) == ": 0 cells\n");
  StudyResult valid;
  valid.name = "s";
  valid.cells = {make_cell("vae", 0)};
  valid.cells[0].final["valid"]["kl"].values = {3};
  CHECK_THAT(show_text(valid), ContainsSubstring("s, valid\n") && ContainsSubstring("3.00"));
}

TEST_CASE("cost stands beside metrics where it is asked for") {
  CHECK_THAT(show_text(small_study(), {.metrics = {"kl", "train_seconds"}}),
             ContainsSubstring("1.50 ± 0.71      35.0 ± 7.1"));
  REQUIRE_THROWS_AS(show_text(small_study(), {.metrics = {"train_second"}}), UsageError);
}

TEST_CASE("show: rows of several CPU types or precisions are named") {
  StudyResult study;
  study.name = "s";
  for (const char* method : {"vae", "bn_vae", "ln_vae"}) {
    for (const std::int64_t seed : {0, 1, 2}) {
      study.cells.push_back(make_cell(method, seed, {{"kl", 1}}));
      study.cells.back().config["trainer.precision"] = std::string("f32");
      study.provenance[study.cells.back().id] = R"({"cpu": "AMD EPYC"})";
    }
  }
  const auto has = [&](const std::string& note) {
    std::string text = show_text(study);
    std::replace(text.begin(), text.end(), '\n', ' ');  // long notes are wrapped
    return text.find(note) != std::string::npos;
  };
  CHECK_FALSE(has("CPU"));
  CHECK_FALSE(has("precision"));
  study.provenance["bn_vae-1"] = R"({"cpu": "Intel Xeon"})";
  study.provenance.erase("vae-0");  // unknown: no word about it
  for (std::size_t i = 6; i < 9; ++i) {
    study.provenance[study.cells[i].id] = R"({"cpu": "Intel Xeon"})";
    study.cells[i].config["trainer.precision"] = std::string("bf16");
  }
  CHECK(
      has("trained on different CPU types, which round differently: AMD EPYC (vae; 2 of 3 seeds of bn_vae), "
          "Intel Xeon (ln_vae; 1 of 3 seeds of bn_vae)."));
  CHECK(has("trained in different precisions: bf16 (ln_vae), f32 (vae; bn_vae)."));
  study.provenance["bn_vae-1"] = "damaged";
  CHECK(has("AMD EPYC (vae; bn_vae), Intel Xeon (ln_vae)."));
  for (const auto& cell : study.cells) {
    const bool first = std::get<std::int64_t>(cell.config.at("seed")) == 0;
    study.provenance[cell.id] = first ? R"({"cpu": "Intel Xeon"})" : R"({"cpu": "AMD EPYC"})";
  }
  CHECK(has("AMD EPYC (2 of 3 seeds of every row), Intel Xeon (1 of 3 seeds of every row)."));
}
