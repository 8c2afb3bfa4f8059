#include "plotting/rows.h"

#include "catch.h"
#include "core/error.h"
#include "plotting/fixture.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

StudyResult some_rows() {
  StudyResult study;
  study.cells = {make_cell("vae", 0), make_cell("bn_vae", 0), make_cell("bn_vae", 0),
                 make_cell("free_bits+kl_annealing", 0)};
  study.cells[1].config["regularizer.bn_vae.gamma"] = 0.6;
  study.cells[2].config["regularizer.bn_vae.gamma"] = 0.8;
  return study;
}

std::string message(const StudyResult& study, const std::string& selector) {
  try {
    find_row(study, group_cells(study, {}), selector, "row");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a row is found by its label, by its method where that is enough, or by what tells it from others") {
  StudyResult study = some_rows();
  study.cells[2].config["model.decoder.name"] = std::string("mlp");
  study.cells[1].config["model.decoder.name"] = std::string("pixelcnn");
  const auto row = [&](const std::string& selector) {
    return find_row(study, group_cells(study, {}), selector, "row");
  };
  CHECK(row("vae") == 0);
  CHECK(row("bn_vae gamma=.8 mlp") == 2);
  CHECK(row("bn_vae gamma=.8") == 2);
  CHECK(row("bn_vae pixelcnn") == 1);
  CHECK(row("bn_vae model.decoder=mlp") == 2);
  CHECK(row("kl_annealing+free_bits") == 3);
  CHECK(message(study, "bn_vae") ==
        "row 'bn_vae' may be any of 2 rows; write one of 'bn_vae pixelcnn gamma=.6', 'bn_vae mlp gamma=.8'");
  CHECK_THAT(message(study, "bn_vae gamma=.9"),
             ContainsSubstring("unknown row 'bn_vae gamma=.9'") &&
                 ContainsSubstring("valid: bn_vae mlp gamma=.8, bn_vae pixelcnn gamma=.6"));
  CHECK(message(study, "va") == "unknown row 'va' (did you mean 'vae'?); valid: bn_vae, free_bits+kl_annealing, vae");
}

TEST_CASE("the baseline is the declared row, else the one plain vae, else none") {
  StudyResult study = some_rows();
  const auto baseline = [&](const std::string& declared, const std::vector<std::string>& only = {}) {
    study.baseline = declared;
    return baseline_row(study, group_cells(study, only));
  };
  CHECK(baseline("") == 0);
  CHECK(baseline("bn_vae gamma=.6") == 1);
  CHECK_FALSE(baseline("bn_vae"));
  CHECK_FALSE(baseline("gone"));
  CHECK_FALSE(baseline("", {"bn_vae"}));
  study.cells.push_back(make_cell("vae", 0));
  study.cells[0].config["model.latent_dim"] = std::int64_t{4};
  study.cells.back().config["model.latent_dim"] = std::int64_t{8};
  CHECK_FALSE(baseline(""));
  set_baseline(study, "kl_annealing+free_bits");
  CHECK(study.baseline == "free_bits+kl_annealing");
  REQUIRE_THROWS_AS(set_baseline(study, "gone"), UsageError);
}
