// bf16 products change what a trained model is worth by less than a hundredth of a nat.
#include <cmath>

#include "catch.h"
#include "cells.h"
#include "core/cpu_precision.h"
#include "metrics/importance_nll.h"
#include "models/precision.h"
#include "temporary_folder.h"
#include "training/sidecars.h"

using namespace klbench;
using namespace klbench::test;

TEST_CASE("importance-weighted nll in bf16 is within 0.01 nats of f32 on average", "[bf16]") {
  if (!cpu_has_avx512()) return;
  const FolderWithCache scratch;
  const auto config = small_cell({{"bn_vae", {{"gamma", 0.8}}}}, {{"model.encoder.embedding_dim", std::int64_t{32}},
                                                                  {"model.decoder.embedding_dim", std::int64_t{32}},
                                                                  {"model.encoder.hidden_dim", std::int64_t{64}},
                                                                  {"model.decoder.hidden_dim", std::int64_t{64}},
                                                                  {"trainer.epochs", std::int64_t{6}},
                                                                  {"trainer.precision", std::string("bf16")},
                                                                  {"keep.model", true}});
  train(config, scratch.path(), "a");
  const auto corpus = load_dataset(config);
  auto model = load_model(scratch / "a.model", config, *corpus);
  const auto rows = fixed_subset(corpus->split("test").size(), 0);
  const auto nll = [&](const char* precision) {
    nn::set_precision(precision);
    const auto found = importance_nll(model, corpus->split("test"), rows, {50}, EvaluationOptions{});
    nn::set_precision("f32");
    return found.nll;
  };
  const auto f32 = nll("f32"), bf16 = nll("bf16");
  CHECK_FALSE(torch::equal(f32, bf16));
  CHECK(std::abs((bf16 - f32).mean().item<double>()) < 0.01);
}
