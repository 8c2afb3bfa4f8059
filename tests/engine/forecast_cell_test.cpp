#include "sweep/forecast_cell.h"

#include <nlohmann/json.hpp>
#include <set>

#include "catch.h"
#include "core/files.h"
#include "storage/cell_file.h"
#include "temporary_folder.h"
#include "training/image_cells.h"

using namespace klbench;
using namespace klbench::test;

namespace {

/// "test kl_dim 4": split, name and size of every final metric.
std::set<std::string> finals(const CellResult& cell) {
  std::set<std::string> all;
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [name, metric] : metrics) {
      // How many points are kept depends on the data.
      const auto size = name == "latent_points" ? 3 : metric.values.size();
      all.insert(split + " " + name + " " + std::to_string(size));
    }
  }
  return all;
}

std::set<std::string> by_epoch(const CellResult& cell) {
  std::set<std::string> all;
  for (const auto& record : cell.epochs) {
    for (const auto& [split, metrics] : record.metrics) {
      for (const auto& [name, value] : metrics) all.insert(split + " " + name);
    }
    for (const auto& [name, values] : record.diagnostics) all.insert("diagnostic " + name);
  }
  return all;
}

std::set<std::string> floors(const CellResult& cell) {
  std::set<std::string> all;
  for (const auto& [name, value] : cell.facts) {
    if (name.starts_with("kl_floor")) all.insert(name);
  }
  return all;
}

}  // namespace

TEST_CASE("a forecast has the metrics that training leaves") {
  const FolderWithCache scratch;
  const Value one = std::int64_t{1}, none = std::int64_t{0};
  auto language_model = small_cell(
      {}, {{"model.latent_dim", none}, {"trainer.epochs", one}, {"eval.nll_check_examples", std::int64_t{2}}});
  const auto latent_cell = [&](const char* remedy, const char* posterior, const char* prior) {
    auto config = small_cell({{remedy, {}}}, {{"trainer.epochs", one}, {"data.train_size", std::int64_t{80}}});
    klbench::testing::set_latent(config, posterior, prior);
    return config;
  };
  const std::vector<CellConfig> configs = {
      small_cell({{"vae", {}}}, {{"trainer.epochs", one}}),
      small_cell({{"bn_vae", {}}, {"kl_annealing", {}}},
                 {{"trainer.epochs", one}, {"eval.probe", true}, {"eval.generation", true}}),
      small_cell({{"ln_vae", {}}}, {{"trainer.epochs", one},
                                    {"model.latent_dim", one},
                                    {"eval.mean_space", true},
                                    {"eval.nll_check_examples", std::int64_t{2}}}),
      language_model,
      image_cell({{"bn_vae", {}}}, "mlp", {{"trainer.epochs", one}, {"eval.probe", true}}),
      image_cell({}, "pixelcnn", {{"trainer.epochs", one}, {"model.latent_dim", none}}),
      latent_cell("vae", "iaf", "standard"),
      latent_cell("vae", "vmf", "sphere"),
      latent_cell("bn_vae", "gaussian", "mixture")};  // whose floor is that of N(0, I)
  for (std::size_t i = 0; i < configs.size(); ++i) {
    const std::string id = "cell" + std::to_string(i);
    INFO(configs[i].method());
    train(configs[i], scratch.path(), id);
    const CellResult result = read_cell(scratch.path() / (id + ".h5"));
    const CellResult forecast = forecast_cell(configs[i], data_facts(*load_dataset(configs[i])));
    CHECK(forecast.method == result.method);
    CHECK((forecast.config == result.config));
    CHECK(finals(forecast) == finals(result));
    CHECK(by_epoch(forecast) == by_epoch(result));
    CHECK(floors(forecast) == floors(result));
    const auto run = nlohmann::json::parse(read_file(scratch.path() / (id + ".run.json")));
    for (const auto& [name, value] : run.items()) {
      if (value.is_number()) CHECK(forecast.cost.count(name) == 1);
    }
  }
}

TEST_CASE("a forecast knows what data without labels, or of one sentence, will lack") {
  const auto config = small_cell({{"vae", {}}}, {{"eval.probe", true}});
  const auto test = [&](const DataFacts& corpus) { return forecast_cell(config, corpus).final.at("test"); };
  CHECK(test({700, 10, 10, true}).count("probe_accuracy_500") == 1);
  CHECK(test({700, 10, 10, true}).count("probe_accuracy_1k") == 0);
  CHECK(test({700, 10, 10, false}).count("probe_accuracy") == 0);
  CHECK(test({700, 10, 10, true}).count("probe_accuracy_length") == 1);
  CHECK(test({700, 10, 10, true, {1, 4, 4}}).count("probe_accuracy_length") == 0);  // images have no length
  CHECK(test({700, 10, 10, false}).count("swap_gap") == 1);
  CHECK(test({700, 10, 1, false}).count("swap_gap") == 0);
}

TEST_CASE("a forecast assumes the most of a remedy that is not loaded") {
  auto config = small_cell({{"vae", {}}});
  config.regularizer[0].key = "of_a_plugin";
  const auto forecast = forecast_cell(config, {10, 10, 10, false});
  CHECK(forecast.final.at("test").count("kl_running") == 1);
  CHECK(forecast.facts.count("kl_floor_nominal") == 1);
}
