#include "core/csv.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("fields with commas, quotes or line ends are quoted") {
  CHECK(csv_field("plain text; 1.5") == "plain text; 1.5");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"a\"") == "\"say \"\"a\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
}

TEST_CASE("fields are joined by commas") {
  CHECK(csv_line({}).empty());
  CHECK(csv_line({"a"}) == "a");
  CHECK(csv_line({"a", "", "b,c"}) == "a,,\"b,c\"");
}
