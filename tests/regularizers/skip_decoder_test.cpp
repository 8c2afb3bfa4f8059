#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("skip_decoder asks for z at the softmax; others do not") {
  CHECK(make("skip_decoder")->skip_decoder());
  CHECK_FALSE(make("vae")->skip_decoder());
}
