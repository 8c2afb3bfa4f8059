#include "plotting/figure.h"

#include <algorithm>

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
  const Range narrow = range_of({42.9, 43.1}, true);  // no wider than on a linear axis
  CHECK(narrow.low > 42.8);
  CHECK(narrow.high < 43.2);
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

TEST_CASE("an axis has two ticks at least") {
  CHECK(nice_ticks({-0.9, 0.9}, false, 2).size() >= 2);
  CHECK(nice_ticks({-0.0046, 0.0046}, false, 4).size() >= 2);
  CHECK(nice_ticks({-0.05, 0.95}, false, 5).size() == 5);  // 0, 0.2, ..., 0.8
  for (const double high : {0.43, 0.8, 1.5, 5.0, 30.0, 45.0, 99.0, 5e3, 5e9}) {
    INFO("log axis from 0.4 to " << high);
    for (const int count : {2, 3, 5}) CHECK(nice_ticks({0.4, high}, true, count).size() >= 2);
  }
}

TEST_CASE("a log axis over less than a decade has round ticks") {
  const auto ticks = nice_ticks({0.38, 0.84}, true, 5);
  REQUIRE(ticks.size() == 5);
  for (std::size_t i = 0; i < ticks.size(); ++i) CHECK(ticks[i] == Approx(0.4 + 0.1 * static_cast<double>(i)));
}

TEST_CASE("what is counted has whole ticks") {
  CHECK(nice_ticks({0.94, 2.06}, false, 5, true) == std::vector<double>{1, 2});
  CHECK(nice_ticks({0.9, 1.1}, false, 5, true) == std::vector<double>{1});
  CHECK(nice_ticks({0.8, 4.2}, false, 7, true) == std::vector<double>{1, 2, 3, 4});
  CHECK(nice_ticks({0.9, 3.2}, true, 7, true) == std::vector<double>{1, 2, 3});
  CHECK(nice_ticks({0.4, 12}, false, 5, true) == std::vector<double>{2, 4, 6, 8, 10, 12});
}

TEST_CASE("text is broken at spaces") {
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("short", 20) == std::vector<std::string>{"short"});
  CHECK(wrap("unbreakable", 4) == std::vector<std::string>{"unbreakable"});
}

TEST_CASE("the width of a text is that of its characters") {
  CHECK(text_width("bn_vae gamma=.4", 8) == Approx(9.49 * 8 / 72));
  CHECK(text_width("mm", 8) > 3 * text_width("ll", 8));
  CHECK(text_width("µµ", 8) == Approx(2 * text_width("µ", 8)));
  CHECK(text_width("µ", 8) < text_width("m", 8));
}

TEST_CASE("no text of a figure overlaps another") {
  // The layout grows with its legend and notes instead of drawing over them.
  Figure small;
  small.panels.resize(1);
  small.panels[0].plots = {"x"};
  Figure large = small;
  for (int i = 0; i < 20; ++i) large.legend.push_back({"a method with a rather long name", "lw 1", ""});
  large.notes = {"a note"};
  CHECK(layout(large).height > layout(small).height + 10 * 0.1);
  CHECK(layout(large).width >= layout(small).width);
}

TEST_CASE("the texts of a legend end before the next key") {
  Figure figure;
  figure.panel_width = 8;
  figure.panels.resize(1);
  figure.panels[0].plots = {"x"};
  figure.legend = {{"sym_bn_vae gamma=.4", "lw 1", ""}, {"MMMMMMMMMM", "lw 2", ""}, {"last", "lw 3", ""}};
  const Script script = layout(figure);
  const auto left = [&](const std::string& what) {
    for (const auto& command : script.commands) {
      if (command.find(what) == std::string::npos) continue;
      return std::stod(command.substr(command.find("screen ") + 7)) * script.width;
    }
    FAIL(what << " is not drawn");
    return 0.0;
  };
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string& text = figure.legend[i].text;
    CHECK(left("nohead " + figure.legend[i + 1].line) > left(quote(text)) + text_width(text, 8) + 0.15);
  }
}

TEST_CASE("a long title of a panel stands in lines above it") {
  Figure figure;
  figure.panel_width = 1.4;
  figure.panels.resize(1);
  figure.panels[0].plots = {"x"};
  figure.panels[0].title = "sym_bn_vae log_var tau=.5, epoch 12";
  const Script script = layout(figure);
  const auto drawn = [&](const std::string& line) {
    return std::any_of(script.commands.begin(), script.commands.end(),
                       [&](const std::string& command) { return command.find(quote(line)) != std::string::npos; });
  };
  CHECK(drawn("sym_bn_vae log_var"));
  CHECK(drawn("tau=.5, epoch 12"));
}

TEST_CASE("a long legend widens the figure instead of running down the page") {
  Figure figure;
  figure.panels.resize(1);
  figure.panels[0].plots = {"x"};
  for (int i = 0; i < 20; ++i) figure.legend.push_back({"bn_vae train_gamma=false", "lw 1", ""});
  const Script script = layout(figure);
  CHECK(script.width > 4.5);
  CHECK(script.width < 7);
  CHECK(script.height < 5);
}
