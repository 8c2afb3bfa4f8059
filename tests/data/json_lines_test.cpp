#include "data/text/json_lines.h"

#include "catch.h"
#include "data/helpers.h"

using namespace klbench;

TEST_CASE("JSON lines become lines of one column, or two, number by number") {
  const std::string text = "{\"text\": \"a b\\nc\", \"id\": 7}\n\n{\"label\": \"x\\ty\", \"text\": \" d \"}\n";
  CHECK(lines_of_json(text, "f", false) == "a b c\n\n d \n");
  CHECK(lines_of_json("{\"text\": \"a\", \"label\": 3}\n{\"text\": \"\\u00e9\", \"label\": true}", "f", true) ==
        "3\ta\ntrue\t\u00e9\n");
}

TEST_CASE("what is no JSON line is refused with its place") {
  const auto refusal = [](const std::string& line, bool labels = false) {
    return usage_error([&] { lines_of_json("{\"text\": \"a\", \"label\": 1}\n" + line, "f", labels); });
  };
  const std::string form = "; a line is {\"text\": \"...\", \"label\": ...}";
  CHECK(refusal("plain words") == "f:2: not a JSON object" + form);
  CHECK(refusal("[1]") == "f:2: not a JSON object" + form);
  CHECK(refusal("{\"txt\": \"a\"}") == "f:2: no field 'text'" + form);
  CHECK(refusal("{\"text\": 3}") == "f:2: 'text' is a number, a text is wanted");
  CHECK(refusal("{\"text\": \"a\"}", true) == "f:2: no field 'label', which data.label: field wants");
  CHECK(refusal("{\"text\": \"a\", \"label\": []}", true) == "f:2: 'label' is an array; a text or a number is wanted");
}

TEST_CASE("a data set of JSON lines is that of the lines they stand for") {
  const FolderWithCache scratch;
  const std::string json = "{\"text\": \"a b a\", \"label\": \"x\"}\n{\"text\": \"b\", \"label\": \"y\"}\n",
                    plain = "x\ta b a\ny\tb\n";
  std::map<std::string, Value> of_json{{"label", std::string("field")}},
      of_plain{{"label", std::string("first_column")}};
  for (const char* split : {"train", "valid", "test"}) {
    of_json[split] = scratch.write(std::string(split) + ".jsonl", json);
    of_plain[split] = scratch.write(std::string(split) + ".txt", plain);
  }
  CHECK(load_text("text_lines", of_json)->hash == load_text("text_lines", of_plain)->hash);
  of_json["label"] = std::string("first_column");
  CHECK_THAT(usage_error([&] { load_text("text_lines", of_json); }), ContainsSubstring("set data.label: field"));
  of_plain["label"] = std::string("field");
  CHECK_THAT(usage_error([&] { load_text("text_lines", of_plain); }),
             ContainsSubstring("set data.label: first_column"));
  of_plain["format"] = std::string("json_lines");
  CHECK_THAT(usage_error([&] { load_text("text_lines", of_plain); }), ContainsSubstring("not a JSON object"));
}
