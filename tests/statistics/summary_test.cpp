#include "statistics/summary.h"

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
