#include "plotting/pairing.h"

#include <cmath>
#include <limits>

#include "catch.h"
#include "plotting/fixture.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// Three seeds of a and b with two sentences each; by sentence b is 1 + seed and 3 + seed above a.
StudyResult paired_rows() {
  StudyResult study;
  for (std::int64_t seed = 0; seed < 3; ++seed) {
    const auto shift = static_cast<float>(seed);
    study.cells.push_back(make_cell("a", seed, {{"rec", 15}, {"kl", 1}, {"elbo", -16}, {"mi", 1}}));
    study.cells.push_back(
        make_cell("b", seed, {{"rec", 17 + shift}, {"kl", 2}, {"elbo", -19 - shift}, {"mi", 2 + shift}}));
    auto& a = (study.cells.end() - 2)->final["test"];
    auto& b = (study.cells.end() - 1)->final["test"];
    a["rec"].examples = {10, 20};
    b["rec"].examples = {11 + shift, 23 + shift};
    a["kl"].examples = {1, 1};
    b["kl"].examples = {1, 3};
  }
  for (auto& cell : study.cells) cell.facts["test_sentences"] = std::string("hash");
  return study;
}

Pairing pair(const StudyResult& study, const std::string& metric) {
  const auto groups = group_cells(study, {});
  return pair_rows(groups[0], groups[1], "test", metric);
}

}  // namespace

TEST_CASE("rows are paired by seed and by sentence") {
  const Pairing rec = pair(paired_rows(), "rec");
  CHECK(rec.a == std::vector<double>{15, 15, 15});
  CHECK(rec.b == std::vector<double>{17, 18, 19});
  CHECK(rec.examples == 2);
  // D_s. = -2 -3 -4, D_.i = -2 -4, no noise: se^2 = 1/3 + 2/2.
  CHECK(rec.difference->mean() == Approx(-3));
  CHECK(rec.difference->standard_error() == Approx(std::sqrt(4.0 / 3)));
  // elbo = -(rec + kl): sentence by sentence 1 + s and 5 + s.
  const Pairing elbo = pair(paired_rows(), "elbo");
  CHECK(elbo.difference->mean() == Approx(4));
  CHECK(elbo.difference->standard_error() == Approx(std::sqrt(1.0 / 3 + 4)));
}

TEST_CASE("a metric of a plugin that keeps its values by sentence is paired by them") {
  StudyResult study = paired_rows();
  for (auto& cell : study.cells) {
    auto& test = cell.final["test"];
    test["of_a_plugin"] = test["rec"];
  }
  const Pairing own = pair(study, "of_a_plugin");
  CHECK(own.examples == 2);
  CHECK(own.difference->standard_error() == Approx(std::sqrt(4.0 / 3)));  // as of rec, above
}

TEST_CASE("what has no values by sentence is paired by seed alone, and says why") {
  const Pairing mi = pair(paired_rows(), "mi");
  CHECK(mi.examples == 0);
  CHECK(mi.by_seed_reason == "the results keep no value of it by example");
  CHECK(mi.difference->mean() == Approx(-2));
  CHECK(mi.difference->standard_error() == Approx(std::sqrt(1.0 / 3)));
  StudyResult old = paired_rows();
  old.cells[3].final["test"]["rec"].examples.clear();
  CHECK(pair(old, "rec").by_seed_reason == "the results keep no value of it by example");
  CHECK(pair(old, "rec").difference->standard_error() == Approx(std::sqrt(1.0 / 3)));
  CHECK(pair(old, "elbo").examples == 0);
  old = paired_rows();
  for (auto& cell : old.cells) cell.facts.clear();
  CHECK(pair(old, "rec").examples == 0);
  CHECK(pair(old, "rec").difference);
}

TEST_CASE("rows that were measured on other examples are not tested") {
  StudyResult other = paired_rows();
  other.cells[3].facts["test_sentences"] = std::string("another");
  for (const char* metric : {"rec", "mi"}) {
    CHECK_FALSE(pair(other, metric).difference);
    CHECK(pair(other, metric).no_test_reason == "they were not measured on the same data");
  }
  other = paired_rows();
  for (std::size_t i = 0; i < other.cells.size(); ++i)
    other.cells[i].final["test"]["mi"].attributes["examples"] = std::int64_t{i % 2 == 0 ? 300 : 100};
  CHECK(pair(other, "mi").no_test_reason == "they were not measured on the same examples");
  CHECK(pair(other, "rec").difference);
}

TEST_CASE("a difference that is the same for all seeds is not tested") {
  StudyResult study = paired_rows();
  for (auto& cell : study.cells) cell.final["test"]["au"] = {{cell.method == "a" ? 0.0 : 8.0}, {}};
  const Pairing au = pair(study, "au");
  CHECK(au.a == std::vector<double>{0, 0, 0});
  CHECK_FALSE(au.difference);
  CHECK_THAT(au.no_test_reason, ContainsSubstring("the same for all seeds"));
}

TEST_CASE("sentences that some cell did not measure are left out") {
  StudyResult study = paired_rows();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (auto& cell : study.cells)
    cell.final["test"]["rec"].examples.insert(cell.final["test"]["rec"].examples.begin(), nan);
  CHECK(pair(study, "rec").examples == 2);
  CHECK(pair(study, "rec").difference->mean() == Approx(-3));
  // Where only some cells measured an example, the means are without it: here of 10 and 20, not of 7, 10 and 20.
  study.cells[0].final["test"]["rec"].examples[0] = 7;
  study.cells[0].final["test"]["rec"].values[0] = 37.0 / 3;
  CHECK(pair(study, "rec").a == std::vector<double>{15, 15, 15});
  study.cells[0].final["test"]["rec"].examples[1] = nan;
  CHECK(pair(study, "rec").by_seed_reason == "they share fewer than two examples");
}

TEST_CASE("only seeds that both rows finished count, and two are too few") {
  StudyResult study = paired_rows();
  study.cells[4].status = CellStatus::diverged;
  const Pairing rec = pair(study, "rec");
  CHECK(rec.a.size() == 2);
  CHECK_FALSE(rec.difference);
  CHECK(rec.no_test_reason == "2 shared seeds, and it takes 3");
}
