#include "core/utf8.h"

#include <string>

#include "catch.h"

using namespace klbench;

TEST_CASE("Well-formed UTF-8 of one to four bytes is accepted") {
  CHECK(find_invalid_utf8("") == std::string_view::npos);
  CHECK(find_invalid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == std::string_view::npos);
}

TEST_CASE("The first bad byte is found") {
  CHECK(find_invalid_utf8("ab\xFF") == 2);
  CHECK(find_invalid_utf8("ab\xC3") == 2);            // cut off
  CHECK(find_invalid_utf8("\xC0\xAF") == 0);          // overlong '/'
  CHECK(find_invalid_utf8("a\xED\xA0\x80") == 1);     // a surrogate
  CHECK(find_invalid_utf8("\x80") == 0);              // a continuation byte alone
  CHECK(find_invalid_utf8("\xF4\x90\x80\x80") == 0);  // above U+10FFFF
}
