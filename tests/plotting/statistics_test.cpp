#include "plotting/statistics.h"

#include <cmath>

#include "catch.h"
#include "core/error.h"

using namespace klbench;

TEST_CASE("summary of a sample") {
  // sd = sqrt(10 / 4); t_{0.975, 4} = 2.776445
  const Summary five = summarise({1, 2, 3, 4, 5});
  CHECK(five.n == 5);
  CHECK(five.mean == Approx(3));
  CHECK(five.sd == Approx(1.5811388));
  CHECK(five.half_width == Approx(2.776445 * 1.5811388 / 2.2360680));
  // t_{0.975, 1} = tan(0.475 pi) = 12.7062
  CHECK(summarise({1, 3}).half_width == Approx(12.7062047 * std::sqrt(2.0) / std::sqrt(2.0)));
  const Summary one = summarise({7});
  CHECK(one.mean == 7);
  CHECK(one.sd == 0);
  CHECK(one.half_width == 0);
  REQUIRE_THROWS_AS(summarise({}), Error);
}

TEST_CASE("paired t-test by hand") {
  // Differences 1, 2, 3: t = 2 sqrt(3); with two degrees of freedom p = 1 - t / sqrt(t^2 + 2).
  CHECK(paired_t_test({11, 22, 33}, {10, 20, 30}) == Approx(1 - 2 * std::sqrt(3.0) / std::sqrt(14.0)));
  CHECK(paired_t_test({10, 20, 30}, {11, 22, 33}) == Approx(1 - 2 * std::sqrt(3.0) / std::sqrt(14.0)));
  CHECK(paired_t_test({1, 2, 3}, {1, 2, 3}) == 1);
  CHECK(paired_t_test({2, 3, 4}, {1, 2, 3}) == 0);
  REQUIRE_THROWS_AS(paired_t_test({1, 2}, {1}), Error);
  REQUIRE_THROWS_AS(paired_t_test({1}, {1}), Error);
}

TEST_CASE("Holm's adjustment by hand") {
  // Sorted .005 .01 .03 .04 times 4 3 2 1 = .02 .03 .06 .04; the last is raised to .06.
  const auto adjusted = holm({0.01, 0.04, 0.03, 0.005});
  REQUIRE(adjusted.size() == 4);
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[1] == Approx(0.06));
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[3] == Approx(0.02));
  CHECK(holm({0.6, 0.7})[0] == 1);
  CHECK(holm({}).empty());
}
