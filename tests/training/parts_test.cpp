// Learning-rate decay, selection, floor check: the parts of training that are arithmetic; and what a card is asked for.
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "catch.h"
#include "cells.h"
#include "image_cells.h"
#include "models/precision.h"
#include "temporary_folder.h"
#include "training/device.h"
#include "training/floor_check.h"
#include "training/learning_rate.h"
#include "training/selection.h"
#include "training/trainer.h"

using namespace klbench;
using Action = PlateauDecay::Action;

namespace {

/// But for int64: lengths and seeds, which stay on the CPU.
int scalars_taken = 0;

std::unique_ptr<at::ObserverContext> count_scalars(const at::RecordFunction& function) {
  if (std::string_view(function.name()) == "aten::_local_scalar_dense")
    scalars_taken += function.inputs()[0].toTensor().scalar_type() != torch::kInt64;
  return nullptr;
}

}  // namespace

TEST_CASE("the rate decays after `patience` evaluations without gain and stops after max_decays") {
  PlateauDecay decay(2, 2);
  CHECK(decay.observe(10, true, 1) == Action::none);
  CHECK(decay.observe(11, true, 1) == Action::none);
  CHECK(decay.observe(10, true, 1) == Action::decay);  // equal is no gain: the second in a row
  CHECK(decay.state().decays == 1);
  // As in the public code the count starts anew from the loss of that moment.
  CHECK(decay.state().best_loss == 10);
  CHECK(decay.observe(9, true, 1) == Action::none);
  CHECK(decay.observe(9.5, true, 1) == Action::none);
  CHECK(decay.observe(9.5, true, 1) == Action::stop);
}

TEST_CASE("a gain resets the count of evaluations without one") {
  PlateauDecay decay(2, 5);
  decay.observe(10, true, 1);
  decay.observe(11, true, 1);
  CHECK(decay.observe(9, true, 1) == Action::none);
  CHECK(decay.observe(9, true, 1) == Action::none);
  CHECK(decay.observe(9, true, 1) == Action::decay);
}

TEST_CASE("nothing decays while a remedy's schedule runs, nor with max_decays 0") {
  PlateauDecay waiting(1, 5);
  for (int i = 0; i < 5; ++i) CHECK(waiting.observe(10 + i, false, 1) == Action::none);
  CHECK(waiting.state().without_gain == 0);
  PlateauDecay never(1, 0);
  for (int i = 0; i < 5; ++i) CHECK(never.observe(10 + i, true, 1) == Action::none);
}

TEST_CASE("before min_decay_epoch evaluations without gain count, but nothing is done") {
  PlateauDecay decay(2, 5, 4);
  CHECK(decay.observe(10, true, 1) == Action::none);
  CHECK(decay.observe(11, true, 2) == Action::none);
  CHECK(decay.observe(11, true, 3) == Action::none);  // the second without gain, too early
  CHECK(decay.observe(11, true, 4) == Action::decay);
  CHECK(decay.observe(12, true, 5) == Action::none);
}

TEST_CASE("selection keeps the weights of the best ELBO, the first of equals") {
  Selection selection;
  CHECK(selection.empty());
  const auto weights = [](double x) {
    return [x] { return std::map<std::string, torch::Tensor>{{"w", torch::full({2}, x)}}; };
  };
  selection.observe(3, -50, weights(3));
  selection.observe(4, -40, weights(4));
  selection.observe(5, -40, weights(5));
  selection.observe(6, -45, weights(6));
  CHECK(selection.epoch() == 4);
  CHECK(selection.elbo() == -40);
  CHECK(selection.weights().at("w")[1].item<double>() == 4);

  TensorFile file;
  selection.save(file);
  Selection loaded;
  loaded.load(file);
  CHECK(loaded.epoch() == 4);
  CHECK(loaded.elbo() == -40);
  CHECK(torch::equal(loaded.weights().at("w"), selection.weights().at("w")));
}

TEST_CASE("a cell without a floor has no count of violations") {
  CellResult result;
  result.facts["selected_epoch"] = std::int64_t{1};
  add_floor_facts({}, std::nan(""), result);
  CHECK(result.facts.size() == 1);
  add_floor_facts({.batches = 7, .violations = 0, .min_slack = 0.5}, 1.44, result);
  CHECK(std::get<std::int64_t>(result.facts.at("floor_violations")) == 0);
  CHECK(std::get<std::int64_t>(result.facts.at("floor_batches")) == 7);
}

TEST_CASE("the floor check counts batches below their floor and keeps the smallest slack") {
  FloorCheck check;
  const auto observe = [&check](const torch::Tensor& kl, const torch::Tensor& floor) {
    const auto measured = FloorCheck::measure(kl, floor);
    check.count(measured[0].item<double>(), measured[1].item<double>());
    return measured[2].item<double>();
  };
  // mean_B KL = (2, 3); floor (1.5, 3): slack 0.5, touched but not broken.
  CHECK(observe(torch::tensor({{1.0F, 3.0F}, {3.0F, 3.0F}}), torch::tensor({1.5F, 3.0F})) == 4.5);
  CHECK(check.state().violations == 0);
  CHECK(check.state().min_slack == Approx(0.5));
  // Within the relative tolerance of 1e-4: 3.0002 against 3.
  observe(torch::tensor({{2.0F, 3.0F}}), torch::tensor({1.5F, 3.0002F}));
  CHECK(check.state().violations == 0);
  // One dimension 1% below its floor, although the sum is above.
  observe(torch::tensor({{20.0F, 2.97F}}), torch::tensor({1.5F, 3.0F}));
  CHECK(check.state().violations == 1);
  CHECK(check.state().batches == 3);
}

// Trainer::read brings all numbers of a step from the device at once; every further one would be a wait for the card.
TEST_CASE("a training step takes no number alone from the device") {
  const FolderWithCache scratch;
  const auto scalars_of_one_step = [](const CellConfig& config) {
    Trainer trainer(config, load_dataset(config));
    nn::set_fused(false);  // as on a card
    scalars_taken = 0;
    const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(count_scalars).needsInputs(true));
    trainer.train_epoch([] { return false; });
    at::removeCallback(handle);
    nn::set_fused(true);
    CHECK(trainer.progress().step == 1);
    return scalars_taken;
  };
  const test::Changes adam = {{"trainer.optimizer", std::string("adam")}};
  for (const auto& [key, entry] : RegularizerRegistry::instance().entries()) {
    if (key.starts_with("x_")) continue;  // of other tests
    INFO(key);
    const bool image = entry.spec.domain == kImage;
    CHECK(scalars_of_one_step(image ? test::image_cell({{key, {}}}, "mlp", adam)
                                    : test::small_cell({{key, {}}}, adam)) == 0);
  }
  const auto parts = [&](const std::string& encoder, const std::string& decoder, const std::string& posterior,
                         const std::string& prior) {
    INFO(encoder << ", " << decoder << ", " << posterior << ", " << prior);
    auto config = test::small_cell({{"vae", {}}}, adam);
    std::erase_if(config.values, [](const auto& value) {
      return value.first.starts_with("model.encoder.") || value.first.starts_with("model.decoder.");
    });
    klbench::testing::set_components(config, encoder, decoder, {});
    klbench::testing::set_latent(config, posterior, prior);
    CHECK(scalars_of_one_step(config) == 0);
  };
  for (const auto& [key, entry] : EncoderRegistry::instance().entries())
    if (entry.spec.domain != kImage) parts(key, "lstm", "gaussian", "standard");
  for (const auto& [key, entry] : DecoderRegistry::instance().entries())
    if (entry.spec.domain != kImage) parts("lstm", key, "gaussian", "standard");
  for (const auto& [key, entry] : FamilyRegistry::instance().entries())
    parts("lstm", "lstm", key, entry.spec.domain == kSphere ? "sphere" : "standard");
  for (const auto& [key, entry] : PriorRegistry::instance().entries())
    if (entry.spec.domain != kSphere) parts("lstm", "lstm", "gaussian", key);
}

TEST_CASE("a card is asked for algorithms that give the same numbers again, in full single precision") {
  auto& context = at::globalContext();
  reproducible_algorithms();
  CHECK(context.deterministicAlgorithms());
  CHECK(context.deterministicAlgorithmsWarnOnly());
  CHECK(context.deterministicCuDNN());
  CHECK_FALSE(context.allowTF32CuBLAS());
  CHECK_FALSE(context.allowTF32CuDNN());
  CHECK(std::string(std::getenv("CUBLAS_WORKSPACE_CONFIG")) == ":4096:8");
  context.setDeterministicAlgorithms(false, false);
  CHECK_THROWS_AS(use_device("cuda:7"), UsageError);
}

TEST_CASE("cards that are not there, or more than there are, are refused") {
  CHECK_NOTHROW(check_device("cpu", 0, 0));
  CHECK_NOTHROW(check_device("cuda", 2, 2));
  CHECK_NOTHROW(check_device("cuda:1", 0, 2));
  CHECK_THROWS_WITH(check_device("cuda", 2, 0),
                    "trainer.device is cuda, but this LibTorch sees no CUDA device; valid here: cpu");
  CHECK_THROWS_WITH(check_device("cuda:2", 0, 2),
                    "trainer.device is cuda:2, but this LibTorch sees 2 CUDA devices; "
                    "valid here: cpu, cuda, cuda:0 to cuda:1");
  CHECK_THROWS_WITH(check_device("cuda", 8, 2), "gpus=8 deals more cards than the 2 that this LibTorch sees");
}
