#include "regularizers/registry.h"

#include "catch.h"
#include "core/error.h"
#include "helpers.h"

using namespace klbench;

namespace {

RegularizerFactory none() {
  return [](const Options&, const ModelFacts&) { return std::make_shared<Regularizer>(); };
}

}  // namespace

TEST_CASE("an unknown key names the valid ones and the nearest") {
  const auto& registry = RegularizerRegistry::instance();
  CHECK_THROWS_WITH(registry.find("bn_vea"), ContainsSubstring("did you mean 'bn_vae'?") &&
                                                 ContainsSubstring("valid: bn_vae, ") && ContainsSubstring(" more"));
  CHECK_THROWS_AS(registry.find("bn_vea"), UsageError);
}

TEST_CASE("a duplicate key is an error that is reported, not thrown, by registration") {
  RegularizerRegistry registry;
  registry.add({.key = "one", .summary = "first"}, {}, none());
  REQUIRE(registry.entries().size() == 1);
  registry.add({.key = "one", .summary = "second"}, {}, none());
  CHECK_THROWS_AS(registry.entries(), UsageError);
  CHECK_THROWS_WITH(registry.entries(), ContainsSubstring("'one' is registered twice"));
  CHECK_THROWS_AS(registry.find("one"), UsageError);
}

TEST_CASE("every built-in describes itself") {
  for (const auto& [key, entry] : RegularizerRegistry::instance().entries()) {
    CAPTURE(key);
    CHECK(entry.spec.key == key);
    CHECK_FALSE(entry.spec.summary.empty());
    CHECK_FALSE(entry.spec.paper.empty());
    for (const auto& option : entry.spec.options) {
      CAPTURE(option.name);
      CHECK_FALSE(option.help.empty());
      CHECK(option.check(option.default_value) == option.default_value);
    }
  }
}
