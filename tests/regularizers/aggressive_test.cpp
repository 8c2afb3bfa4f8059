#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

using Update = std::pair<std::int64_t, unsigned>;

TEST_CASE("aggressive trains the encoder until the loss of a window rises, then the decoder once") {
  const auto remedy = make("aggressive", {{"window", 2}});
  FakeContext context;  // windows: (8, 6), (4, 4), (5, 5): the third is worse
  context.losses = {8, 6, 4, 4, 5, 5, 1};
  REQUIRE(remedy->train_step(context));
  REQUIRE(context.updates.size() == 7);
  CHECK(context.updates[0] == Update{7, kEncoder | kOwn});    // the batch under way first
  CHECK(context.updates[1] == Update{101, kEncoder | kOwn});  // then random ones
  CHECK(context.updates[5] == Update{105, kEncoder | kOwn});
  CHECK(context.updates[6] == Update{7, kDecoder});
}

TEST_CASE("aggressive's inner loop is bounded") {
  const auto remedy = make("aggressive");
  FakeContext context;
  for (int i = 0; i < 200; ++i) context.losses.push_back(-i);  // always improving
  REQUIRE(remedy->train_step(context));
  CHECK(context.updates.size() == 100);  // 99 of the encoder, 1 of the decoder
}

TEST_CASE("aggressive ends once the mutual information falls") {
  const auto remedy = make("aggressive");
  FakeContext context;
  context.mi = 2.0;
  remedy->on_epoch_end(context, {});
  CHECK(remedy->diagnostics().at("active").item<double>() == 1);
  remedy->on_epoch_end(context, {{"valid/mi", 2.5}});
  CHECK(remedy->diagnostics().at("active").item<double>() == 1);
  context.mi = 2.4;
  remedy->on_epoch_end(context, {});
  CHECK(remedy->diagnostics().at("active").item<double>() == 0);
  CHECK_FALSE(remedy->train_step(context));
  CHECK(context.updates.empty());
  context.mi = 9.0;  // for good
  remedy->on_epoch_end(context, {});
  CHECK_FALSE(remedy->train_step(context));
}

TEST_CASE("aggressive looks at the information by batches where asked to, once it is there") {
  const auto remedy = make("aggressive", {{"information", "batches"}});
  FakeContext context;
  const auto active = [&] { return remedy->diagnostics().at("active").item<double>() == 1; };
  remedy->on_epoch_end(context, {{"valid/mi", 9.0}});
  remedy->on_epoch_end(context, {{"valid/mi", 1.0}});
  CHECK(active());
  remedy->on_epoch_end(context, {{"valid/mi_batch", 2.0}});
  CHECK(active());
  remedy->on_epoch_end(context, {{"valid/mi_batch", 1.9}});
  CHECK_FALSE(active());
}
