#include "statistics/holm.h"

#include "catch.h"

using namespace klbench;

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
