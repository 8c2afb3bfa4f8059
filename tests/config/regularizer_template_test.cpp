#include "config/regularizer_template.h"

#include "catch.h"
#include "core/error.h"

using namespace klbench;

TEST_CASE("the template of a remedy has its key and class throughout") {
  const auto source = regularizer_source("my_remedy2");
  CHECK_THAT(source, ContainsSubstring("class MyRemedy2Remedy : public Regularizer") &&
                         ContainsSubstring(".key = \"my_remedy2\"") &&
                         ContainsSubstring("#include \"regularizers/registry.h\"") && !ContainsSubstring("@") &&
                         !ContainsSubstring("KLBENCH_PLUGIN"));
  CHECK_THAT(regularizer_source("my_remedy2", true), ContainsSubstring("#include \"regularizers/api.h\"") &&
                                                         ContainsSubstring("\nKLBENCH_PLUGIN\n") &&
                                                         !ContainsSubstring("@"));
  CHECK_THAT(regularizer_test("my_remedy2"), ContainsSubstring("make(\"my_remedy2\")") && !ContainsSubstring("@"));
  CHECK(regularizer_yaml("my_remedy2") == "    - {name: my_remedy2, weight: [0.25, 0.5]}\n");
  CHECK_THAT(regularizer_cmake("my_remedy2"), ContainsSubstring("add_library(my_remedy2 MODULE my_remedy2.cpp)"));
}

TEST_CASE("the template refuses keys that are no snake_case") {
  for (const auto* key : {"", "2fast", "Bn", "a-b", "../x", "a b", "_x", "x\n", "\"); system(\"",
                          "a1234567890123456789012345678901234567890"}) {
    CAPTURE(key);
    CHECK_THROWS_AS(regularizer_source(key), UsageError);
    CHECK_THROWS_AS(regularizer_test(key), UsageError);
    CHECK_THROWS_AS(regularizer_yaml(key), UsageError);
    CHECK_THROWS_AS(regularizer_cmake(key), UsageError);
  }
}
