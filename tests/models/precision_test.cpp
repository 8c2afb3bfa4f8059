#include "models/precision.h"

#include "catch.h"
#include "core/cpu_precision.h"
#include "models/small_model.h"
#include "nn_support.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

struct Counts {
  std::int64_t blas, onednn, bf16;
};

std::int64_t made(nn::Backend backend) { return nn::products(backend); }

/// Products that one training step of a small VAE asks of each back end.
Counts products_of_a_step() {
  auto model = small_model(4);
  const auto tokens = torch::randint(4, kVocabulary, {7, 6}, torch::kInt64);
  const Batch batch{tokens, torch::full({6}, 6, torch::kInt64), torch::arange(6)};
  const auto counts = [] {
    return Counts{made(nn::Backend::blas), made(nn::Backend::onednn) + made(nn::Backend::onednn_packed),
                  made(nn::Backend::onednn_bf16) + made(nn::Backend::onednn_bf16_packed)};
  };
  const auto before = counts();
  const auto posterior = model->posterior(batch, {});
  model->reconstruct(batch, posterior.for_decoder().mu, {}).sum().backward();
  const auto after = counts();
  return {after.blas - before.blas, after.onednn - before.onednn, after.bf16 - before.bf16};
}

}  // namespace

TEST_CASE("precisions have names; auto never asks for what the CPU lacks") {
  CHECK(resolve_precision("f32") == "f32");
  CHECK(usage_error([] { resolve_precision("f16"); }) ==
        "unknown precision 'f16' (did you mean 'bf16'?); valid: f32, bf16, auto");
  const auto resolved = resolve_precision("auto");
  CHECK((resolved == "f32" || resolved == "bf16"));
  CHECK(resolve_precision(resolved) == resolved);
  if (!cpu_has_avx512()) CHECK_THROWS_AS(resolve_precision("bf16"), UsageError);
  CHECK(usage_error([] { nn::set_precision("auto"); }) == "unknown precision 'auto'; valid: f32, bf16");
}

TEST_CASE("the back end that was chosen makes the products of a training step, and no other", "[nn]") {
  const nn::ChoicesGuard guard;
  CHECK(nn::f32_backend() == (cpu_has_avx512() ? nn::Backend::onednn : nn::Backend::blas));
  nn::set_f32_backend(nn::Backend::blas);
  auto counts = products_of_a_step();
  CHECK(counts.blas > 10);
  CHECK(counts.onednn == 0);
  CHECK(counts.bf16 == 0);
  nn::set_f32_backend(nn::Backend::onednn);
  counts = products_of_a_step();
  CHECK(counts.onednn > 10);
  CHECK(counts.blas == 0);
  CHECK(counts.bf16 == 0);
  nn::set_fused(false);
  counts = products_of_a_step();
  CHECK(counts.blas + counts.onednn + counts.bf16 == 0);
  if (!cpu_has_avx512()) return;
  nn::set_fused(true);
  nn::set_precision("bf16");
  counts = products_of_a_step();
  CHECK(counts.bf16 > 10);
  CHECK(counts.blas + counts.onednn == 3);  // of z and its weights: once a sentence, forward and two gradients
}
