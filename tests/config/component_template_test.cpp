#include "config/component_template.h"

#include <filesystem>

#include "catch.h"
#include "core/error.h"
#include "temporary_folder.h"

using namespace klbench;
using Catch::Matchers::StartsWith;

TEST_CASE("the template of a remedy has its key and class throughout") {
  const auto& remedy = component_template("regularizer");
  const auto source = template_source(remedy, "my_remedy2");
  CHECK_THAT(source, ContainsSubstring("class MyRemedy2Regularizer : public Regularizer") &&
                         ContainsSubstring(".key = \"my_remedy2\"") &&
                         ContainsSubstring("#include \"regularizers/registry.h\"") && !ContainsSubstring("@") &&
                         !ContainsSubstring("KLBENCH_PLUGIN"));
  CHECK_THAT(template_source(remedy, "my_remedy2", true), ContainsSubstring("#include \"engine/plugin_api.h\"") &&
                                                              ContainsSubstring("\nKLBENCH_PLUGIN\n") &&
                                                              !ContainsSubstring("@"));
  CHECK_THAT(template_test(remedy, "my_remedy2"), ContainsSubstring("make(\"my_remedy2\")"));
  CHECK(template_yaml(remedy, "my_remedy2") == "sweep: {regularizer: [vae, {name: my_remedy2, weight: [0.25, 0.5]}]}");
  CHECK_THAT(template_cmake("my_remedy2"), ContainsSubstring("add_library(my_remedy2 MODULE my_remedy2.cpp)"));
}

TEST_CASE("the template of a study has its name and, where there is a schema, the line for editors") {
  const auto text = template_study("my_study", "../build/study.schema.json");
  CHECK_THAT(text, StartsWith("# yaml-language-server: $schema=../build/study.schema.json\n# What is asked?") &&
                       ContainsSubstring("\nstudy: my_study\n") && !ContainsSubstring("@"));
  CHECK_THAT(template_study("my_study", ""), StartsWith("# What is asked?"));
  CHECK_THAT(usage_error([] { template_study("my study", ""); }), ContainsSubstring("got 'my study'; write my_study"));
  CHECK_THAT(template_study("my-study.2", ""), ContainsSubstring("\nstudy: my-study.2\n"));
}

TEST_CASE("every kind has a template without gaps, in tree and as a plugin") {
  REQUIRE(!component_templates().empty());
  for (const auto& kind : component_templates()) {
    INFO(kind.what);
    for (const bool plugin : {false, true}) {
      CHECK_THAT(template_source(kind, "some_key", plugin), ContainsSubstring("some_key") && !ContainsSubstring("@"));
      CHECK_THAT(template_test(kind, "some_key", plugin), ContainsSubstring("some_key") && !ContainsSubstring("@"));
    }
    CHECK_THAT(template_yaml(kind, "some_key"), ContainsSubstring("some_key"));
    CHECK(std::filesystem::is_directory(std::filesystem::path(KLBENCH_SOURCE_DIR) / kind.folder));
    CHECK(std::filesystem::is_directory(std::filesystem::path(KLBENCH_SOURCE_DIR) / kind.tests));
  }
  CHECK_THAT(usage_error([] { component_template("encodr"); }), ContainsSubstring("did you mean 'encoder'?"));
}

TEST_CASE("templates refuse keys that are no snake_case") {
  const auto& kind = component_template("prior");
  for (const auto* key : {"", "2fast", "Bn", "a-b", "../x", "a b", "_x", "x\n", "\"); system(\"",
                          "a1234567890123456789012345678901234567890"}) {
    CAPTURE(key);
    CHECK_THROWS_AS(template_source(kind, key), UsageError);
    CHECK_THROWS_AS(template_test(kind, key), UsageError);
    CHECK_THROWS_AS(template_yaml(kind, key), UsageError);
    CHECK_THROWS_AS(template_cmake(key), UsageError);
  }
}
