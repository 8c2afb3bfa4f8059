#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("pooling_encoder names its pooling; the default is the last state") {
  CHECK(make("pooling_encoder")->encoder_pooling() == "max");
  CHECK(make("pooling_encoder", {{"pooling", "mean"}})->encoder_pooling() == "mean");
  CHECK(make("vae")->encoder_pooling() == "last");
}
