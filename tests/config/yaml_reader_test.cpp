#include "config/yaml_reader.h"

#include <fmt/format.h>

#include "catch.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

std::string yaml_refusal(const std::string& text) {
  return usage_error([&] { parse_yaml(text, "f.yaml"); });
}

Value value_of_scalar(const std::string& text) { return scalar_value(parse_yaml(text, "f.yaml")); }

}  // namespace

TEST_CASE("Maps, lists and scalars become nodes with their places") {
  const YamlNode root = parse_yaml("a: 1\nb:\n  - x\n  - {c: 'y'}\n", "f.yaml");
  REQUIRE(root.is_map());
  REQUIRE(root.keys.size() == 2);
  CHECK(root.find("a")->text == "1");
  CHECK(root.find("a")->place.str() == "f.yaml:1:4");
  const YamlNode& list = *root.find("b");
  REQUIRE(list.is_sequence());
  CHECK(list.items[0].place.str() == "f.yaml:3:5");
  CHECK_FALSE(list.items[0].quoted);
  CHECK(list.items[1].find("c")->quoted);
  CHECK(list.items[1].find("c")->place.str() == "f.yaml:4:9");
  CHECK(list.items[1].keys[0].place.str() == "f.yaml:4:6");
  CHECK(root.find("z") == nullptr);
}

TEST_CASE("Columns count characters, lines survive CRLF and a byte order mark") {
  const YamlNode root = parse_yaml("\xEF\xBB\xBF\xC3\xA9\xC3\xA9: 1\r\nb: 2\r\n", "f.yaml");
  CHECK(root.items[0].place.str() == "f.yaml:1:5");
  CHECK(root.find("b")->place.str() == "f.yaml:2:4");
}

TEST_CASE("An empty file is a null node") {
  CHECK(parse_yaml("", "f.yaml").kind == YamlNode::Kind::null);
  CHECK(parse_yaml("# nothing\n", "f.yaml").kind == YamlNode::Kind::null);
  CHECK(parse_yaml("", "f.yaml").place.str() == "f.yaml:1:1");
}

TEST_CASE("A missing value stands at its key") {
  const YamlNode root = parse_yaml("a:\nb: 1\n", "f.yaml");
  CHECK(root.find("a")->kind == YamlNode::Kind::null);
  CHECK(root.find("a")->place.str() == "f.yaml:1:1");
}

TEST_CASE("Duplicate keys are refused at the second one, also in flow maps") {
  CHECK(yaml_refusal("a: 1\nb: 2\na: 3\n") == "f.yaml:3:1: duplicate key 'a' (first in line 1)");
  CHECK(yaml_refusal("x: {a: 1, 'a': 2}\n") == "f.yaml:1:11: duplicate key 'a' (first in line 1)");
}

TEST_CASE("Aliases are refused: a bomb at its first anchor, a recursive one, a stray one") {
  const std::string message =
      "anchors and aliases (&name, *name) are not supported; write the value out, or include a "
      "file";
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 30; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  }
  CHECK(yaml_refusal(bomb) == "f.yaml:1:5: " + message);
  CHECK(yaml_refusal("a: 1\nb: &b [*b]\n") == "f.yaml:2:4: " + message);
  CHECK(yaml_refusal("a: 1\nb: &b {c: *b}\n") == "f.yaml:2:4: " + message);
  CHECK(yaml_refusal("a: &a 1\n") == "f.yaml:1:4: " + message);
  CHECK(yaml_refusal("a: &a\nb: 1\n") == "f.yaml:1:4: " + message);
  CHECK_THAT(yaml_refusal("a: *nothing\n"), ContainsSubstring("f.yaml:1:"));
}

TEST_CASE("Unterminated quotes are refused where they begin") {
  for (const std::string end : {"", "\n"}) {
    CHECK(yaml_refusal("a: 1\nb: \"xyz" + end) == "f.yaml:2:4: unterminated quote");
    CHECK(yaml_refusal("a: 'xyz" + end) == "f.yaml:1:4: unterminated quote");
    CHECK(yaml_refusal("a: 'it''s" + end) == "f.yaml:1:4: unterminated quote");
    CHECK(yaml_refusal("a: \"x\\\"" + end) == "f.yaml:1:4: unterminated quote");
    CHECK(yaml_refusal("--- \"abc" + end) == "f.yaml:1:5: unterminated quote");
  }
  CHECK(yaml_refusal("a: \"x\nb: 2\n") == "f.yaml:1:4: unterminated quote");
  CHECK(yaml_refusal("a: !!str \"x\n") == "f.yaml:1:4: unterminated quote");
}

TEST_CASE("Closed quotes of every kind are taken") {
  const YamlNode root = parse_yaml("a: 'it''s'\nb: \"x\\\"y\\\\\"\n\"c\": !!str 'd'\n", "f.yaml");
  CHECK(root.find("a")->text == "it's");
  CHECK(root.find("b")->text == "x\"y\\");
  CHECK(root.find("c")->text == "d");
}

TEST_CASE("A second document is refused where it begins") {
  CHECK_THAT(yaml_refusal("a: 1\n---\nb: 2\n"), ContainsSubstring("f.yaml:2:1: a second document"));
  CHECK_THAT(yaml_refusal("- a\n-b\n"), ContainsSubstring("f.yaml:2:1: a second document"));
  CHECK(parse_yaml("---\na: 1\n...\n", "f.yaml").find("a")->text == "1");
}

TEST_CASE("Tags outside the core schema are refused") {
  CHECK(yaml_refusal("a: !foo 1\n") == "f.yaml:1:4: tag '!foo' is not supported");
  CHECK(yaml_refusal("a: !!binary x\n") == "f.yaml:1:4: tag 'tag:yaml.org,2002:binary' is not supported");
  CHECK(yaml_refusal("a: !!python/object x\n") == "f.yaml:1:4: tag 'tag:yaml.org,2002:python/object' is not supported");
  const YamlNode root = parse_yaml("a: !!str 5\nb: !!int 5\nc: !!map {d: 1}\n", "f.yaml");
  CHECK(scalar_value(*root.find("a")) == Value(std::string("5")));
  CHECK(scalar_value(*root.find("b")) == Value(std::int64_t{5}));
}

TEST_CASE("Bytes that are not UTF-8 and control characters are refused") {
  CHECK(yaml_refusal("a: 1\nb: x\xFFy\n") ==
        "f.yaml:2:5: not valid UTF-8; iconv -f LATIN1 -t UTF-8 OLD > NEW converts it");
  CHECK(yaml_refusal(std::string("a: \0b\n", 6)) == "f.yaml:1:4: control character \\x00");
  CHECK(yaml_refusal("a: 1\n\x04"
                     "b: 2\n") == "f.yaml:2:1: control character \\x04");
}

TEST_CASE("Syntax errors of the library come with their place") {
  CHECK(yaml_refusal("a: [1]]\n") == "f.yaml:1:7: illegal flow end");
  CHECK(yaml_refusal("a: 1\n- b\n") == "f.yaml:2:1: end of map not found");
  CHECK_THAT(yaml_refusal("a: \"\\q\"\n"), ContainsSubstring("f.yaml:1:7: unknown escape character"));
}

TEST_CASE("A bracket that is not closed is named where it began") {
  CHECK(yaml_refusal("a: 1\nb: [1, 2\n") == "f.yaml:2:4: '[' without its ']'");
  CHECK(yaml_refusal("x:\n  {b: 1\n") == "f.yaml:2:3: '{' without its '}'");
  for (const char* next : {"model: {d: 8}\nseed: 1\n", "model:\n  d: 8\n", "seed: 1\n", "list:\n  - {a: 1}\n"}) {
    CHECK(yaml_refusal(std::string("a: 1\ndata: {name: b\n") + next) == "f.yaml:2:7: '{' without its '}'");
    CHECK(yaml_refusal(std::string("a: 1\ndata: {name: b,\n") + next) == "f.yaml:2:7: '{' without its '}'");
    CHECK(yaml_refusal(std::string("a: 1\ndata: [b, c\n") + next) == "f.yaml:2:7: '[' without its ']'");
  }
  CHECK(yaml_refusal("sweep:\n  a: [1, 2\n  seed: [1]\n") == "f.yaml:2:6: '[' without its ']'");
  CHECK(yaml_refusal("figures:\n  - {name: a\n  - {name: b}\n") == "f.yaml:2:5: '{' without its '}'");
  CHECK(yaml_refusal("figures: [\n  {name: a}\n  {name: b}\n]\n") == "f.yaml:3:3: ',' or ']' is wanted here");
  CHECK(yaml_refusal("a: {b: [1] c: 2}\n") == "f.yaml:1:12: ',' or '}' is wanted here");
}

TEST_CASE("A key must be a scalar") {
  CHECK(yaml_refusal("? [a]\n: 1\n") == "f.yaml:1:3: a key must be plain text");
  CHECK_THAT(yaml_refusal("{a: 1, : 2}\n"), ContainsSubstring("a key must be plain text"));
}

TEST_CASE("Depth, nodes and bytes are capped") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
  CHECK(parse_yaml(nested(kMaxYamlDepth), "f.yaml").is_sequence());
  CHECK(yaml_refusal(nested(kMaxYamlDepth + 1)) == "f.yaml:1:33: nested deeper than 32 levels");
  CHECK_THAT(yaml_refusal(std::string(100000, '[')), ContainsSubstring("nested deeper than 32 levels"));

  std::string many = "[";
  for (std::size_t i = 0; i < kMaxYamlNodes; ++i) many += "1,";
  CHECK_THAT(yaml_refusal(many + "]"), ContainsSubstring("more than 100000 values"));
  CHECK(yaml_refusal(std::string(kMaxYamlBytes + 1, '#')) == "f.yaml: larger than 1048576 bytes");
}

TEST_CASE("Plain scalars are typed by the core schema") {
  CHECK(value_of_scalar("true") == Value(true));
  CHECK(value_of_scalar("False") == Value(false));
  CHECK(value_of_scalar("12") == Value(std::int64_t{12}));
  CHECK(value_of_scalar("-12") == Value(std::int64_t{-12}));
  CHECK(value_of_scalar("+12") == Value(std::int64_t{12}));
  CHECK(value_of_scalar("0.5") == Value(0.5));
  CHECK(value_of_scalar(".5") == Value(0.5));
  CHECK(value_of_scalar("1e-3") == Value(0.001));
  CHECK(value_of_scalar("9223372036854775807") == Value(std::int64_t{9223372036854775807}));
  CHECK(value_of_scalar("9223372036854775808") == Value(9223372036854775808.0));
  CHECK(value_of_scalar("abc") == Value(std::string("abc")));
}

TEST_CASE("What only looks like a number or a flag is text") {
  for (const std::string text : {"yes", "no", "on", "0x10", "1_000", "1e999", ".inf", "inf", "nan", "+", ".", "1.2.3",
                                 "+-1", "2020-01-01", "tRUE"}) {
    CHECK(value_of_scalar(text) == Value(text));
  }
  CHECK(value_of_scalar("'12'") == Value(std::string("12")));
  CHECK(value_of_scalar("\"true\"") == Value(std::string("true")));
}

TEST_CASE("A scalar is checked against its option at its own place") {
  const OptionSpec epochs{.name = "epochs", .default_value = std::int64_t{1}, .help = "", .min = 1};
  const OptionSpec name{.name = "name", .default_value = std::string(), .help = ""};
  const YamlNode root = parse_yaml("a: 5\nb: '5'\nc: [5]\nd:\ne: 0\n", "f.yaml");
  CHECK(option_value(epochs, *root.find("a")) == Value(std::int64_t{5}));
  CHECK(option_value(name, *root.find("a")) == Value(std::string("5")));
  const auto error = [&](const char* key) { return usage_error([&] { option_value(epochs, *root.find(key)); }); };
  CHECK(option_value(epochs, *root.find("b")) == Value(std::int64_t{5}));
  CHECK(
      error("c") ==
      "f.yaml:3:4: option 'epochs' wants one value (integer >= 1), got a list; lists of values belong under 'sweep:'");
  CHECK(error("d") == "f.yaml:4:1: option 'epochs' wants one value (integer >= 1), got nothing");
  CHECK(error("e") == "f.yaml:5:4: option 'epochs' wants an integer >= 1, got 0");
}

TEST_CASE("A file that cannot be read is reported, with the place that names it") {
  const TemporaryFolder folder;
  const std::string missing = folder.file("none.yaml");
  CHECK(usage_error([&] { read_yaml_text(missing); }) == missing + ": no such file");
  CHECK(usage_error([&] { read_yaml_text(folder.path()); }) ==
        folder.path().string() + ": a folder, where a file is wanted");
  CHECK(usage_error([&] {
          read_yaml_text(missing, {"f.yaml", 2, 3});
        }) == "f.yaml:2:3: cannot include '" + missing + "': no such file");
  const std::string large = folder.write("large.yaml", std::string(kMaxYamlBytes + 1, ' '));
  CHECK(usage_error([&] { read_yaml_text(large); }) == large + ": larger than 1048576 bytes");
}
