#include "plotting/figure.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("ranges hold their values with some room") {
  const Range range = range_of({1, 3}, false);
  CHECK(range.low == Approx(0.88));
  CHECK(range.high == Approx(3.12));
  CHECK(range_of({1, 3}, false, true).low == 0);
  CHECK(range_of({-1, -3}, false, true).high == 0);
  CHECK(range_of({5}, false).low < 5);
  CHECK(range_of({5}, false).high > 5);
  CHECK(range_of({0}, false).high > 0);
  CHECK(range_of({}, false).high > range_of({}, false).low);
  const Range log = range_of({-1, 0, 0.01, 100}, true);
  CHECK(log.low > 0);
  CHECK(log.low < 0.01);
  CHECK(log.high > 100);
}

TEST_CASE("ticks are round and within the range") {
  CHECK(nice_ticks({0, 10}, false, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(nice_ticks({-1, 1}, false, 4) == std::vector<double>{-1, -0.5, 0, 0.5, 1});
  CHECK(nice_ticks({103.6, 105.2}, false, 2) == std::vector<double>{104, 105});
  const auto decades = nice_ticks({0.5, 2000}, true, 4);
  REQUIRE(decades.size() == 4);
  CHECK(decades[0] == Approx(1));
  CHECK(decades[3] == Approx(1000));
  const auto parts = nice_ticks({1, 10}, true, 4);
  REQUIRE(parts.size() == 4);
  CHECK(parts[1] == Approx(2));
}

TEST_CASE("text is broken at spaces") {
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("short", 20) == std::vector<std::string>{"short"});
  CHECK(wrap("unbreakable", 4) == std::vector<std::string>{"unbreakable"});
  CHECK(text_width("µµ", 8) == Approx(text_width("mm", 8)));
}

TEST_CASE("no text of a figure overlaps another") {
  // The layout grows with its legend and notes instead of drawing over them.
  Figure small;
  small.panels.resize(1);
  small.panels[0].plots = {"x"};
  Figure large = small;
  for (int i = 0; i < 20; ++i) large.legend.push_back({"a method with a rather long name", "lw 1", ""});
  large.notes = {"a note"};
  CHECK(layout(large).height > layout(small).height + 20 * 0.1);
  CHECK(layout(large).width >= layout(small).width);
}
