#include "plotting/column_tests.h"

#include <cmath>

#include "catch.h"
#include "core/rng.h"
#include "plotting/fixture.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// A study of equal methods: values by seed are normal.
StudyResult equal_methods(Rng& rng, std::size_t rows, std::int64_t seeds) {
  StudyResult study;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::int64_t seed = 0; seed < seeds; ++seed) {
      study.cells.push_back(
          make_cell(std::string(1, static_cast<char>('a' + row)), seed, {{"nll", standard_normal(rng)}}));
    }
  }
  return study;
}

ColumnTests tests_of(const StudyResult& study, std::optional<std::size_t> baseline, const std::string& metric = "nll") {
  const auto groups = group_cells(study, {});
  return test_column(groups, "test", metric_info(metric), baseline, std::vector<double>(groups.size(), 0.0));
}

}  // namespace

TEST_CASE("3,000 tables of equal methods: told from the best or from the baseline in at most 6%") {
  for (const std::int64_t seeds : {3, 5, 10}) {
    Rng rng(derive_seed(3, "tables", static_cast<std::uint64_t>(seeds)));
    std::size_t from_best = 0, from_baseline = 0;
    constexpr std::size_t kStudies = 3000, kRows = 6;
    for (std::size_t study = 0; study < kStudies; ++study) {
      const ColumnTests tests = tests_of(equal_methods(rng, kRows, seeds), 0);
      from_best += tests.near_best.size() < kRows - 1;
      bool found = false;
      for (const auto& difference : tests.to_baseline) found = found || (difference && difference->p_value <= kLevel);
      from_baseline += found;
    }
    INFO(seeds << " seeds: from the best " << from_best << ", from the baseline " << from_baseline);
    CHECK(from_best <= 180);
    CHECK(from_baseline <= 180);
    CHECK(from_baseline >= 60);  // a test that finds nothing proves nothing
  }
}

TEST_CASE("a row that is better on the seeds that it shares with the best is not told from it") {
  StudyResult study;
  const std::vector<double> whole{10, 10.1, 10.3, 50, 50}, part{11, 11.2, 11.3};  // the other seeds diverged
  for (std::size_t seed = 0; seed < whole.size(); ++seed) {
    study.cells.push_back(make_cell("whole", static_cast<std::int64_t>(seed), {{"nll", whole[seed]}}));
    if (seed < part.size())
      study.cells.push_back(make_cell("part", static_cast<std::int64_t>(seed), {{"nll", part[seed]}}));
  }
  const ColumnTests tests = tests_of(study, std::nullopt);
  CHECK(tests.best == std::set<std::size_t>{1});
  CHECK(tests.near_best == std::set<std::size_t>{0});
}

TEST_CASE("the best, rows near it, and differences to the baseline") {
  StudyResult study;
  for (std::int64_t seed = 0; seed < 3; ++seed) {
    const double s = static_cast<double>(seed);
    study.cells.push_back(make_cell("base", seed, {{"nll", 10}, {"kl", 1}}));
    study.cells.push_back(make_cell("good", seed, {{"nll", 5 + s / 128}, {"kl", 2 + s}}));
    study.cells.push_back(make_cell("tied", seed, {{"nll", 5 + (2 - s) / 128}}));
    study.cells.push_back(make_cell("noisy", seed, {{"nll", 6 + s}}));
  }
  const ColumnTests nll = tests_of(study, 0);
  CHECK(nll.best.size() == 2);
  CHECK(nll.near_best == std::set<std::size_t>{3});
  REQUIRE(nll.to_baseline[1]);
  CHECK_FALSE(nll.to_baseline[0]);
  CHECK(nll.to_baseline[1]->mean == Approx(-5 + 1.0 / 128));
  // t = -(5 - 1/128) 128 sqrt 3; two degrees of freedom: p = 8.1635e-07, times 3 rows.
  CHECK(nll.to_baseline[1]->p_value == Approx(3 * 8.1635e-07).epsilon(1e-3));
  CHECK(nll.to_baseline[3]->p_value == Approx(0.035099).epsilon(1e-3));  // t = -3 sqrt 3, the last step
  const ColumnTests kl = tests_of(study, 0, "kl");                       // no better direction
  CHECK(kl.best.empty());
  CHECK(kl.to_baseline[1]->mean == Approx(2));
  CHECK(*kl.detectable == Approx(5.653489 / std::sqrt(3.0)).epsilon(1e-4));  // as in difference_test
  CHECK_FALSE(kl.to_baseline[2]);
}
