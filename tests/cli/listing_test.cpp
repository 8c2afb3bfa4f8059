#include "cli/listing.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("listings are aligned text, quoted CSV or JSON") {
  const Listing listing{{"key", "text"}, {{"a", "says \"x\", y"}, {"long", "two\nlines"}}};
  CHECK(format_listing(listing, "text") == "a     says \"x\", y\nlong  two\\nlines\n");
  CHECK(format_listing(listing, "csv") == "key,text\na,\"says \"\"x\"\", y\"\nlong,\"two\nlines\"\n");
  CHECK_THAT(format_listing(listing, "json"), ContainsSubstring("\"text\": \"two\\nlines\""));
}
