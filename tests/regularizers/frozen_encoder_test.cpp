#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("frozen_encoder stops the encoder's gradient and nothing else") {
  const auto remedy = make("frozen_encoder");
  FakeContext context;
  remedy->on_epoch_begin(context);
  CHECK(context.events == std::vector<std::string>{"freeze " + std::to_string(kEncoder)});
  CHECK_FALSE(remedy->train_step(context));
}
