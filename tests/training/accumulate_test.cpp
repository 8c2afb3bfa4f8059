// Exact accumulation: micro-batches make the step of the joined batch.
#include "catch.h"
#include "cells.h"
#include "core/error.h"
#include "image_cells.h"
#include "temporary_folder.h"
#include "training/trainer.h"

using namespace klbench;
using namespace klbench::test;

namespace {

/// Seed 1, by which no signed sigma is near 0: 1/sigma multiplies what single precision rounds (seed 6: to 4e-4).
CellConfig cell_of(const std::string& remedy, const Changes& options, std::int64_t batch, std::int64_t accumulate) {
  return small_cell({{remedy, options}}, {{"trainer.batch_size", batch},
                                          {"trainer.accumulate", accumulate},
                                          {"trainer.clip", 0.0},
                                          {"trainer.lr", 0.1},
                                          {"seed", std::int64_t{1}},
                                          {"model.decoder.dropout_in", 0.0},
                                          {"model.decoder.dropout_out", 0.0},
                                          {"data.min_length", std::int64_t{2}},
                                          {"data.max_length", std::int64_t{15}}});
}

/// Gradients of the first step.
std::map<std::string, torch::Tensor> first_gradients(const CellConfig& config) {
  Trainer trainer(config, load_dataset(config));
  trainer.train_epoch([] { return false; });
  std::map<std::string, torch::Tensor> gradients;
  for (const auto& parameter : trainer.model()->named_parameters()) {
    const auto& grad = parameter.value().grad();
    REQUIRE(grad.defined());
    gradients[parameter.key()] = (grad.is_sparse() ? grad.to_dense() : grad).to(torch::kDouble);
  }
  return gradients;
}

double relative_distance(const torch::Tensor& a, const torch::Tensor& b) {
  const double size = b.norm().item<double>();
  return (a - b).norm().item<double>() / (size > 0 ? size : 1);
}

/// A remedy whose loss looks at the reconstruction of each example.
struct RecSpread : Regularizer {
  RecSpread(const Options& /*options*/, const ModelFacts& /*model*/) {}
  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    return terms.rec.var(0, false);
  }
};
KLBENCH_REGULARIZER(RecSpread, {.key = "x_rec_spread", .summary = "test", .paper = "none"});

/// Normalises over the batch, as an encoder of a plugin may.
struct NormalisedGrey : Encoder {
  NormalisedGrey(const Options& /*options*/, const EncoderRequest& request) {
    norm_ = register_module("norm", torch::nn::BatchNorm1d(1));
    out_ = register_module("out", torch::nn::Linear(1, 2 * request.model.latent_dim));
  }
  RawPosterior forward(const Batch& batch) override {
    const auto halves = out_->forward(norm_->forward(batch.x.flatten(1).mean(1, true))).chunk(2, 1);
    return {halves[0], halves[1]};
  }
  torch::nn::BatchNorm1d norm_{nullptr};
  torch::nn::Linear out_{nullptr};
};
KLBENCH_ENCODER(NormalisedGrey, {.key = "x_normalised_grey", .domain = kImage});

CellConfig normalised_cell(std::int64_t accumulate) {
  auto config = image_cell({{"vae", {}}}, "mlp", {{"trainer.accumulate", accumulate}});
  std::erase_if(config.values, [](const auto& value) { return value.first.starts_with("model.encoder."); });
  klbench::testing::set_component(config, "model.encoder", EncoderRegistry::instance().find("x_normalised_grey").spec,
                                  {});
  return config;
}

}  // namespace

TEST_CASE("batch normalisation of any encoder is refused with accumulation, and a remedy's pass leaves it alone") {
  const FolderWithCache scratch;
  const auto config = normalised_cell(1);
  Trainer trainer(config, load_dataset(config));
  auto& model = trainer.model();
  const auto statistics = [&] { return model->batch_norms().at(0)->named_buffers()["running_var"].clone(); };
  model->train();
  const auto batch = make_batch(load_dataset(config)->split("train"), {0, 1, 2, 3});
  const auto before = statistics();
  const auto z = torch::randn({4, 4}).requires_grad_();
  model->asked(batch, {})->encode_expected(z).mu.sum().backward();
  CHECK(torch::equal(statistics(), before));
  model->encode(batch);
  CHECK_FALSE(torch::equal(statistics(), before));
  const auto accumulated = normalised_cell(2);
  CHECK_THROWS_WITH(Trainer(accumulated, load_dataset(accumulated)), ContainsSubstring("batch normalisation inside"));
}

TEST_CASE("batch_size 1 x accumulate 32 has the gradients of batch_size 32") {
  const FolderWithCache scratch;
  const auto [remedy, options] =
      GENERATE(table<std::string, Changes>({{"vae", {}},
                                            {"bn_vae", {}},
                                            {"sym_bn_vae", {}},
                                            {"sym_bn_vae", {{"sigma_input", std::string("log_var")}}},
                                            {"free_bits", {{"per", std::string("total_batch")}}},
                                            {"free_bits", {{"per", std::string("dim_batch")}}},
                                            {"info_vae", {{"lambda", 10.0}}}}));
  for (const auto& [batch, accumulate] : {std::pair<std::int64_t, std::int64_t>{1, 32}, {8, 4}}) {
    INFO(remedy << ", " << batch << " x " << accumulate);
    const auto joined = first_gradients(cell_of(remedy, options, 32, 1));
    const auto parts = first_gradients(cell_of(remedy, options, batch, accumulate));
    REQUIRE(joined.size() == parts.size());
    for (const auto& [name, move] : joined) {
      INFO(name);
      CHECK(relative_distance(parts.at(name), move) < 1e-5);
    }
  }
}

TEST_CASE("the language model accumulates too") {
  const FolderWithCache scratch;
  const auto cell = [](std::int64_t batch, std::int64_t accumulate) {
    auto config = cell_of("vae", {}, batch, accumulate);
    config.values["model.latent_dim"] = std::int64_t{0};
    config.regularizer.clear();
    return config;
  };
  const auto joined = first_gradients(cell(32, 1)), parts = first_gradients(cell(1, 32));
  for (const auto& [name, move] : joined) CHECK(relative_distance(parts.at(name), move) < 1e-5);
}

TEST_CASE("accumulated steps go on bit for bit after interruptions") {
  const FolderWithCache scratch;
  auto config = cell_of("bn_vae", {}, 4, 4);
  const std::string whole = train(config, scratch / "whole", "c");
  CHECK(train_in_pieces(config, scratch / "pieces", "c") == whole);
}

TEST_CASE("a loss that cannot be split is refused with the reason") {
  const FolderWithCache scratch;
  CHECK_NOTHROW(first_gradients(cell_of("x_rec_spread", {}, 32, 1)));
  CHECK_THROWS_WITH(first_gradients(cell_of("x_rec_spread", {}, 8, 4)),
                    ContainsSubstring("trainer.accumulate") && ContainsSubstring("reconstruction"));
}

TEST_CASE("an encoder's dropout is the same when it encodes again for its gradient") {
  const FolderWithCache scratch;
  const auto cell = [](std::int64_t accumulate) {
    auto config = cell_of("bn_vae", {}, 32, accumulate);
    config.values.at("data.train_size") = std::int64_t{32};  // one batch, which both encode with the same draws
    std::erase_if(config.values, [](const auto& entry) { return entry.first.starts_with("model.encoder."); });
    testing::set_component(config, "model.encoder", EncoderRegistry::instance().find("transformer").spec,
                           {{"hidden_dim", std::int64_t{8}}, {"heads", std::int64_t{2}}});
    return config;
  };
  REQUIRE(cell(1).real("model.encoder.dropout") > 0);
  const auto joined = first_gradients(cell(1)), parts = first_gradients(cell(2));
  for (const auto& [name, move] : joined) {
    INFO(name);
    CHECK(relative_distance(parts.at(name), move) < 1e-5);
  }
}
