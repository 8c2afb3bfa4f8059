#include "config/spec_json.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "sample_schema.h"
#include "temporary_folder.h"

using namespace klbench;
using nlohmann::json;

namespace {

const char* const kGood = R"({"key": "my_vae", "summary": "s", "paper": "p", "replaces": ["posterior"],
  "needs_batch_statistics": true, "options": [{"name": "a", "help": "h", "type": "integer", "default": 3, "min": 1}]})";

std::string refusal(const json& in) {
  return usage_error([&] { in.get<ComponentSpec>(); });
}

}  // namespace

TEST_CASE("Every field of a spec survives JSON text") {
  const ComponentSpec spec{
      .key = "all",
      .summary = "a \"quoted\" summary",
      .paper = "P\xC3\xA9",
      .options =
          {{.name = "r", .default_value = 1.0, .help = "real", .min = 0, .max = 2, .min_open = true, .max_open = true},
           {.name = "i", .default_value = std::int64_t{4}, .help = "integer"},
           {.name = "b", .default_value = true, .help = "flag"},
           {.name = "t", .default_value = std::string("x"), .help = "text", .choices = {"x", "y"}},
           {.name = "p", .default_value = std::string(), .help = "path", .is_path = true},
           {.name = "d", .default_value = std::int64_t{2}, .help = "", .divides = "i", .max_where = "t=x"}},
      .replaces = {"posterior", "kl_weight"},
      .needs_batch_statistics = true,
      .needs = {kTwoExamples},
      .offers = {kWordStates},
      .every_epoch = true,
      .by_dimension = true,
      .without_latent = true};
  const auto back = json::parse(json(spec).dump()).get<ComponentSpec>();
  CHECK(back.key == spec.key);
  CHECK(back.summary == spec.summary);
  CHECK(back.paper == spec.paper);
  CHECK(back.replaces == spec.replaces);
  CHECK(back.needs_batch_statistics);
  CHECK(back.needs == spec.needs);
  CHECK(back.offers == spec.offers);
  CHECK((back.every_epoch && back.by_dimension && back.without_latent));
  REQUIRE(back.options.size() == spec.options.size());
  for (std::size_t i = 0; i < spec.options.size(); ++i) {
    const OptionSpec& a = spec.options[i];
    const OptionSpec& b = back.options[i];
    CHECK(b.name == a.name);
    CHECK(b.default_value == a.default_value);
    CHECK(b.help == a.help);
    CHECK(b.min == a.min);
    CHECK(b.max == a.max);
    CHECK(b.min_open == a.min_open);
    CHECK(b.max_open == a.max_open);
    CHECK(b.choices == a.choices);
    CHECK(b.is_path == a.is_path);
    CHECK(b.divides == a.divides);
    CHECK(b.max_where == a.max_where);
  }
}

TEST_CASE("Written-out JSON is read") {
  const auto spec = json::parse(kGood).get<ComponentSpec>();
  CHECK(spec.key == "my_vae");
  CHECK(spec.options.at(0).default_value == Value(std::int64_t{3}));
  CHECK(spec.options.at(0).describe_type() == "integer >= 1");
}

TEST_CASE("JSON that describes no component is refused") {
  json broken = json::parse(kGood);
  broken.erase("key");
  CHECK_THAT(refusal(broken), ContainsSubstring("key"));
  broken = json::parse(kGood);
  broken["replaces"] = 5;
  CHECK_THAT(refusal(broken), ContainsSubstring("not the description of a component"));
  broken = json::parse(kGood);
  broken["options"][0]["default"] = 3.5;
  CHECK_THAT(refusal(broken), ContainsSubstring("default 3.5 is not of type 'integer'"));
  broken = json::parse(kGood);
  broken["options"][0]["default"] = 0;
  CHECK_THAT(refusal(broken), ContainsSubstring("my_vae: default value: option 'a' wants an integer >= 1, got 0"));
  CHECK_THAT(refusal(json::array()), ContainsSubstring("not the description of a component"));
}
