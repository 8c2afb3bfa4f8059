#include "statistics/difference.h"

#include <cmath>

#include "catch.h"
#include "core/error.h"

using namespace klbench;

namespace {

Difference by_seed(const std::vector<double>& values) { return Difference({values.size(), 1, values}); }

}  // namespace

TEST_CASE("by seed alone a difference is Student's paired t-test") {
  // 1, 2, 3: D.. = 2, S_u = 1, t = 2 sqrt(3). With two degrees of freedom P(|T| > t) = 1 - t / sqrt(t^2 + 2).
  const Difference difference = by_seed({1, 2, 3});
  const double scale = 1 / std::sqrt(3.0);
  CHECK(difference.mean() == Approx(2));
  CHECK(difference.standard_error() == Approx(scale));
  CHECK(difference.p_value() == Approx(1 - 2 * std::sqrt(3.0) / std::sqrt(14.0)));
  CHECK(by_seed({-1, -2, -3}).p_value() == Approx(difference.p_value()));
  CHECK(difference.interval().low == Approx(2 - 4.3026527297 * scale));  // t_{0.975, 2}
  CHECK(difference.interval().high == Approx(2 + 4.3026527297 * scale));
  CHECK(difference.interval(0.9).high == Approx(2 + 2.9199855804 * scale));
}

TEST_CASE("equivalence is two one-sided tests") {
  // Within 5: the near side is 5 - 2 = 3 away, t = 3 sqrt(3), P(T > t) = (1 - t / sqrt(t^2 + 2)) / 2, t^2 = 27.
  const Difference difference = by_seed({1, 2, 3});
  CHECK(difference.equivalence_p_value(5) == Approx((1 - std::sqrt(27.0 / 29.0)) / 2));
  CHECK(difference.equivalence_p_value(2) == Approx(0.5));
  CHECK(difference.equivalence_p_value(1) > 0.5);
  CHECK(by_seed({-1, -2, -3}).equivalence_p_value(5) == Approx(difference.equivalence_p_value(5)));
  REQUIRE_THROWS_AS(difference.equivalence_p_value(0), Error);
}

TEST_CASE("the smallest difference that can be found") {
  // SciPy: nct.sf(t.ppf(1 - level / 2, 2), 2, lambda) = 0.8 at lambda = 5.653489 and, at level 0.005, 17.935699.
  const Difference difference = by_seed({1, 2, 3});
  CHECK(difference.detectable(0.05) == Approx(5.653489 / std::sqrt(3.0)).epsilon(1e-4));
  CHECK(difference.detectable(0.005) == Approx(17.935699 / std::sqrt(3.0)).epsilon(1e-4));
  // With two degrees of freedom the level is 1 / t^2 for large t, and lambda = t sqrt(ln 5): chi-squared is
  // exponential.
  for (const double t : {900.0, 1100.0, 2000.0})
    CHECK(difference.detectable(1 / (t * t)) == Approx(t * std::sqrt(std::log(5.0)) / std::sqrt(3.0)).epsilon(1e-3));
}

TEST_CASE("without spread all mass is at the mean") {
  CHECK(by_seed({2, 2, 2}).p_value() == 0);
  CHECK(by_seed({0, 0, 0}).p_value() == 1);
  CHECK(by_seed({2, 2, 2}).interval().high == 2);
  CHECK(by_seed({2, 2, 2}).detectable(0.05) == 0);
  CHECK(by_seed({2, 2, 2}).equivalence_p_value(3) == 0);
  CHECK(Difference({2, 4, std::vector<double>(8, 1.5)}).interval().low == 1.5);
}

TEST_CASE("components of the variance by hand") {
  // D_s. = 3, 5; D_.i = 1, 4, 7; D.. = 4. S_u^2 = 2, S_v^2 = 9. Residuals 0 1 -1 / 0 -1 1: S_w^2 = 4 / 2 = 2.
  // E_u = 2/2, E_v = (9 - 2/2) / 3. t_{0.975, 1} = 12.7062047, t_{0.975, 2} = 4.3026527.
  const Difference difference({2, 3, {0, 4, 5, 2, 4, 9}});
  CHECK(difference.mean() == Approx(4));
  CHECK(difference.standard_error() == Approx(std::sqrt(11.0 / 3.0)));
  const double half = std::sqrt(12.7062047 * 12.7062047 + 4.3026527 * 4.3026527 * 8 / 3);
  CHECK(difference.interval().low == Approx(4 - half));
  CHECK(difference.interval().high == Approx(4 + half));
  // p is the level whose interval ends at 0, and within a half width the truth is at 2.5%.
  CHECK(difference.interval(1 - difference.p_value()).low == Approx(0).margin(1e-9));
  CHECK(difference.equivalence_p_value(4 + half) == Approx(0.025));
  // S_v^2 below S_w^2 / S counts as none: every example's mean is 1, both seeds' too.
  CHECK(Difference({2, 3, {0, 1, 2, 2, 1, 0}}).standard_error() == Approx(0).margin(1e-12));
}

TEST_CASE("where seeds agree the interval is that of the examples") {
  // D_i = 0 ... 99 for both: S_v^2 = 100 101 / 12, t_{0.975, 99} = 1.984217.
  std::vector<double> values;
  for (int s = 0; s < 2; ++s) {
    for (int i = 0; i < 100; ++i) values.push_back(i);
  }
  const Difference difference({2, 100, values});
  CHECK(difference.interval().low == Approx(49.5 - 1.984217 * std::sqrt(101.0 / 12)));
}

TEST_CASE("no difference is too large, no spread too small or too large to be tested") {
  for (std::size_t seeds = 2; seeds <= 12; ++seeds) {
    for (const std::size_t examples : {1, 2, 50, 1128}) {
      for (const auto& [of_seeds, of_examples] : {std::pair{1.0, 1.0}, {1e-3, 1.0}, {1e-9, 1e-3}, {1.0, 1e-9}}) {
        for (const double mean : {0.0, 1e-9, 7.0, 1e6}) {
          INFO(seeds << " seeds, " << examples << " examples, " << of_seeds << ", " << of_examples << ", " << mean);
          PairedDifferences data{seeds, examples, {}};
          for (std::size_t s = 0; s < seeds; ++s) {
            for (std::size_t i = 0; i < examples; ++i) {
              const auto a = static_cast<double>(s), b = static_cast<double>(i);
              data.values.push_back(mean + of_seeds * std::sin(a + 1) + of_examples * std::sin(b + 7 * a * b + 2));
            }
          }
          const Difference difference(data);
          const double p = difference.p_value();
          CHECK((p >= 0 && p <= 1));
          CHECK((p < 0.05) == (std::abs(difference.mean()) > difference.mean() - difference.interval().low));
          CHECK(difference.equivalence_p_value(1e-3) >= 0);
          for (const double level : {0.05, 1e-6}) CHECK(difference.detectable(level) > 0);
        }
      }
    }
  }
}

TEST_CASE("what cannot be compared is refused") {
  REQUIRE_THROWS_AS(by_seed({1}), Error);
  REQUIRE_THROWS_AS(Difference({2, 2, {1, 2, 3}}), Error);
  REQUIRE_THROWS_AS(Difference({2, 0, {}}), Error);
}
