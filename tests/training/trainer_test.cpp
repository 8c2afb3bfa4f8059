#include "training/trainer.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <set>
#include <sstream>

#include "catch.h"
#include "cells.h"
#include "storage/cell_file.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::test;

namespace {

/// The sentences of a step or an epoch, in no order.
using Bag = std::multiset<std::vector<std::int64_t>>;
using Steps = std::vector<Bag>;

/// A remedy that notes the sentences of every step (and counts rec twice: every remedy takes some effect).
struct Noting : Regularizer {
  static inline Steps steps;

  Noting(const Options& /*options*/, const ModelFacts& /*model*/) {}
  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    Bag& step = steps.emplace_back();
    for (const auto& words : terms.x.t().contiguous().unbind()) {
      step.emplace(words.data_ptr<std::int64_t>(), words.data_ptr<std::int64_t>() + words.numel());
    }
    return terms.rec.mean();
  }
};
KLBENCH_REGULARIZER(Noting, {.key = "x_noting", .summary = "test", .paper = "none"});

/// What the steps of the first two epochs are made of. All sentences have one length: no padding.
std::pair<Steps, Steps> two_epochs(const std::string& batching) {
  const FolderWithCache scratch;
  const auto config = small_cell({{"x_noting", {}}}, {{"trainer.batching", batching},
                                                      {"trainer.batch_size", std::int64_t{16}},
                                                      {"data.min_length", std::int64_t{6}},
                                                      {"data.max_length", std::int64_t{6}}});
  Trainer trainer(config, load_dataset(config));
  Noting::steps.clear();
  trainer.train_epoch([] { return true; });
  Steps first = std::exchange(Noting::steps, {});
  trainer.train_epoch([] { return true; });
  return {first, std::exchange(Noting::steps, {})};
}

Bag all_of(const Steps& steps) {
  Bag all;
  for (const auto& step : steps) all.insert(step.begin(), step.end());
  return all;
}

/// The fact floor_r and the log of a cell of one dimension whose batch is the whole split and whose weights stay.
std::pair<double, std::string> floor_r(double eps) {
  const FolderWithCache scratch;
  const auto config = small_cell(
      {{"bn_vae", {{"eps", eps}}}},
      {{"model.latent_dim", std::int64_t{1}}, {"trainer.batch_size", std::int64_t{400}}, {"trainer.lr", 0.0}});
  std::ostringstream log;
  const auto logger = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  train(config, scratch.path(), "r");
  spdlog::set_default_logger(logger);
  return {std::get<double>(read_cell(scratch / "r.h5").facts.at("floor_r")), log.str()};
}

}  // namespace

TEST_CASE("every epoch trains on every sentence once; iid batches are drawn anew, those of one length stand") {
  const auto [iid_first, iid_second] = two_epochs("iid");
  REQUIRE(iid_first.size() == 25);
  CHECK((all_of(iid_first) == all_of(iid_second)));
  CHECK((std::set<Bag>(iid_first.begin(), iid_first.end()) != std::set<Bag>(iid_second.begin(), iid_second.end())));

  const auto [first, second] = two_epochs("equal_length");
  CHECK((first != second));  // another order
  CHECK((std::set<Bag>(first.begin(), first.end()) == std::set<Bag>(second.begin(), second.end())));
  CHECK((all_of(first) == all_of(iid_first)));
}

TEST_CASE("the share of a floor that eps leaves at the first steps is a fact of the cell, and a warning below 0.9") {
  const auto [r, warning] = floor_r(1e-3);
  REQUIRE((r > 0 && r < 0.9));
  CHECK_THAT(warning, ContainsSubstring(fmt::format("floor not in force: r = {:.3g}", r)));
  // r = v / (v + eps) tells v, the variance of the batch, and with it r for any eps.
  const double v = 1e-3 * r / (1 - r);
  const auto [larger, silence] = floor_r(v / 99);
  CHECK(larger == Approx(0.99).epsilon(1e-4));
  CHECK_THAT(silence, !ContainsSubstring("floor not in force"));
}

TEST_CASE("a schedule over the whole training wants whole epochs: trainer.steps between them are refused") {
  const FolderWithCache scratch;
  const auto made = [](const std::string& schedule, std::int64_t steps) {
    const auto config = small_cell({{"kl_annealing", {{"schedule", schedule}}}},
                                   {{"trainer.batch_size", std::int64_t{20}}, {"trainer.steps", steps}});
    Trainer(config, load_dataset(config));
  };
  CHECK_THROWS_WITH(made("cyclical", 50),
                    "trainer.steps: the schedule of kl_annealing spans the whole training in epochs, of 20 steps each "
                    "here, and 50 are no whole epochs; set it to a multiple of 20, or set trainer.epochs");
  made("cyclical", 60);
  made("linear", 50);
}
