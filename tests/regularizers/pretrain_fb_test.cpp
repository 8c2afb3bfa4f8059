#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("pretrain_fb goes from autoencoder to a new decoder with annealing") {
  const auto remedy = make("pretrain_fb", {{"pretrain_epochs", 2}, {"warmup_epochs", 4.0}, {"start", 0.1}});
  CHECK(remedy->kl_weight(at_step(0), {}) == 0.0);
  CHECK(remedy->kl_weight(at_step(199), {}) == 0.0);
  CHECK(remedy->kl_weight(at_step(200), {}) == Approx(0.10225));  // .1 + .9 / 400
  CHECK(remedy->kl_weight(at_step(399), {}) == Approx(0.55));     // half of the warm-up
  CHECK(remedy->kl_weight(at_step(700), {}) == 1.0);
  CHECK(remedy->schedule_epochs(at_step(0)) == 6.0);
  // free bits: .1 is below .25
  CHECK(remedy->kl_penalty(of_kl(matrix({{0.1F, 0.6F}})), at_step(0)).item<double>() == Approx(0.6));
  // 1.5 nats in all are .75 for each of two dimensions
  CHECK(make("pretrain_fb", {{"total", 1.5}})->kl_penalty(of_kl(matrix({{0.8F, 0.6F}})), at_step(0)).item<double>() ==
        Approx(0.8));
}

TEST_CASE("pretrain_fb resets the decoder once") {
  const auto remedy = make("pretrain_fb", {{"pretrain_epochs", 2}});
  FakeContext context;
  for (const std::int64_t step : {0, 100, 200, 200, 300}) {
    context.now = at_step(step);
    remedy->on_epoch_begin(context);
    CHECK(context.events.size() == (step < 200 ? 0U : 1U));
  }
  CHECK(context.events.front() == "reset " + std::to_string(kDecoder));
}
