#include "config/number_forms.h"

#include <deque>

#include "catch.h"
#include "config/axis_values.h"
#include "config/yaml_reader.h"

using namespace klbench;

TEST_CASE("A number is decimal, and a leading zero makes it none") {
  CHECK(number_value("12") == Value(std::int64_t{12}));
  CHECK(number_value("-.5") == Value(-0.5));
  CHECK(number_value("1.0e-310") == Value(1.0e-310));
  CHECK(number_value("0") == Value(std::int64_t{0}));
  CHECK(number_value("0.5") == Value(0.5));
  for (const std::string text : {"012", "-01", "00.5", "0x10", "1_000", "inf", "1e999", "", "+"}) {
    INFO(text);
    CHECK_FALSE(number_value(text));
  }
}

TEST_CASE("What an axis computes is a number all the way, and its text spells it") {
  const OptionSpec real{.name = "x", .default_value = 0.5, .help = ""};
  for (const char* form : {"{range: [3, 6]}", "{linspace: [0, 1, 4]}", "{geomspace: [0.001, 7, 9]}"}) {
    const YamlNode node = parse_yaml(form, "f");
    std::deque<YamlNode> made;
    for (const YamlNode* value : axis_nodes(node, &real, made)) {
      REQUIRE(value->number);
      CHECK(*value->number == *number_value(value->text));
      YamlNode misspelt = *value;
      misspelt.text = "none";
      CHECK(option_value(real, misspelt) == option_value(real, *value));
      CHECK(scalar_value(misspelt) == *value->number);
    }
  }
}

TEST_CASE("Numbers of other languages are known for what they mean") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"012", "12"},     {"-007", "-7"},     {"00.5", "0.5"}, {"1_000", "1000"}, {"1 000 000", "1000000"},
      {"1'000", "1000"}, {"1_0.5", "10.5"},  {"5k", "5000"},  {"1.5K", "1500"},  {"2M", "2000000"},
      {"50%", "0.5"},    {"0x10", "16"},     {"0X1f", "31"},  {"0o12", "10"},    {"0b101", "5"},
      {"0,4", "0.4"},    {"-1,25", "-1.25"}, {"0.1f", "0.1"}, {"1d-3", "0.001"}, {"10^-3", "0.001"},
      {"10**3", "1000"}, {"5 epochs", ""},   {"1,000", ""},   {"abc", ""},       {"1.2.3", ""},
      {"", ""},          {"0x", ""},         {"1/2", ""},     {"5", ""},
  };
  for (const auto& [text, number] : table) {
    INFO(text);
    CHECK(meant_number(text) == number);
  }
  CHECK(meant_number(std::string(100000, '1') + "k").empty());
}

TEST_CASE("Lists of other languages are known for what they mean") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"0,1,2", "[0, 1, 2]"},
      {"0, 1 ,2", "[0, 1, 2]"},
      {"0 1 2", "[0, 1, 2]"},
      {"(0, 1)", "[0, 1]"},
      {"0,4; 0,8", "[0.4, 0.8]"},
      {"0-2", "{range: [0, 3]}"},
      {"0..2", "{range: [0, 3]}"},
      {"0:2", "{range: [0, 3]}"},
      {"range(3)", "{range: [0, 3]}"},
      {"range(1, 7, 2)", "{range: [1, 7, 2]}"},
      {"linspace(0, 1, 5)", "{linspace: [0, 1, 5]}"},
      {"range(a)", ""},
      {"7", ""},
      {"a,b", ""},
      {"0,a", ""},
      {"1e-3", ""},
  };
  for (const auto& [text, list] : table) {
    INFO(text);
    CHECK(meant_list(text) == list);
  }
}

TEST_CASE("A comma that may be a decimal or a thousands one has its readings") {
  CHECK(comma_readings("0,5", true) == "0.5 for one value, [0, 5] for two");
  CHECK(comma_readings("0,5", false).empty());
  CHECK(comma_readings("1,500", false) == "1500 for one value, [1, 500] for several");
  CHECK(comma_readings("1,000", true) == "1000");
  CHECK(comma_readings("0,001", true) == "0.001 for one value, [0, 1] for two");
  CHECK(comma_readings("0,001", false).empty());
  CHECK(comma_readings("0.1,0.2", true).empty());
  CHECK(comma_readings("0,1,2", true).empty());
}
