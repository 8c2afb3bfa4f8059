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

std::string message(const std::vector<Group>& groups, const std::string& selector) {
  try {
    find_row(groups, selector, "row");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a row is found by its label, or by its method where that is enough") {
  const StudyResult study = some_rows();
  const auto groups = group_cells(study, {});
  CHECK(find_row(groups, "vae", "row") == 0);
  CHECK(find_row(groups, "bn_vae gamma=.8", "row") == 2);
  CHECK(find_row(groups, "kl_annealing+free_bits", "row") == 3);
  CHECK(message(groups, "bn_vae") ==
        "row 'bn_vae' may be any of 2 rows; write one of 'bn_vae gamma=.6', 'bn_vae gamma=.8'");
  CHECK_THAT(message(groups, "bn_vae gamma=.9"),
             ContainsSubstring("unknown row 'bn_vae gamma=.9' (did you mean 'bn_vae gamma=.") &&
                 ContainsSubstring("valid: vae, "));
  CHECK_THAT(message(groups, "va"), ContainsSubstring("did you mean 'vae'?"));
}

TEST_CASE("the baseline is the declared row, else the one plain vae, else none") {
  StudyResult study = some_rows();
  CHECK(baseline_row(group_cells(study, {}), "") == 0);
  CHECK(baseline_row(group_cells(study, {}), "bn_vae gamma=.6") == 1);
  CHECK_FALSE(baseline_row(group_cells(study, {}), "bn_vae"));
  CHECK_FALSE(baseline_row(group_cells(study, {}), "gone"));
  CHECK_FALSE(baseline_row(group_cells(study, {"bn_vae"}), ""));
  study.cells.push_back(make_cell("vae", 0));
  study.cells[0].config["model.latent_dim"] = std::int64_t{4};
  study.cells.back().config["model.latent_dim"] = std::int64_t{8};
  CHECK_FALSE(baseline_row(group_cells(study, {}), ""));
  set_baseline(study, "kl_annealing+free_bits");
  CHECK(study.baseline == "free_bits+kl_annealing");
  REQUIRE_THROWS_AS(set_baseline(study, "gone"), UsageError);
}
