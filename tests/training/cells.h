// Small cells for tests: the synthetic data set, a model of a few hundred weights.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "core/files.h"
#include "data/dataset.h"
#include "models/components.h"
#include "regularizers/registry.h"
#include "training/run_cell.h"

namespace klbench::test {

using Changes = std::map<std::string, Value>;
/// The keys of a composition with the options that each is given.
using Parts = std::vector<std::pair<std::string, Changes>>;

inline CellConfig small_cell(const Parts& parts, const Changes& changes = {}) {
  CellConfig config = testing::default_config();
  const auto& data = DatasetRegistry::instance().entries().at("synthetic").spec;
  const Options options(data, {{"train_size", std::int64_t{400}},
                               {"valid_size", std::int64_t{80}},
                               {"test_size", std::int64_t{80}},
                               {"vocabulary_size", std::int64_t{60}}});
  config.values["data.name"] = std::string("synthetic");
  for (const auto& [name, value] : options.values()) config.values["data." + name] = value;
  const std::map<std::string, Value> sizes{{"model.latent_dim", std::int64_t{4}},
                                           {"trainer.epochs", std::int64_t{3}},
                                           {"trainer.precision", std::string("f32")},
                                           {"eval.nll_samples", std::int64_t{10}}};
  for (const auto& [name, value] : sizes) config.values[name] = value;
  testing::add_lstm(config, 8, 12);
  for (const auto& [name, value] : changes) config.values.at(name) = value;
  for (const auto& [key, given] : parts) {
    config.regularizer.push_back({key, Options(RegularizerRegistry::instance().find(key).spec, given)});
  }
  return config;
}

/// Runs a cell without a stop; returns the published bytes.
inline std::string train(const CellConfig& config, const std::filesystem::path& folder, const std::string& id,
                         CellStatus expected = CellStatus::done) {
  const std::atomic<bool> stop{false};
  const CellJob job{config, id, folder, {}};
  REQUIRE(run_cell(job, stop, [](const CellProgress&) {}) == expected);
  return read_file(folder / (id + ".h5"));
}

/// Runs a cell that is stopped again and again, after one step and at the end of an epoch in turn; returns the
/// published bytes.
inline std::string train_in_pieces(const CellConfig& config, const std::filesystem::path& folder,
                                   const std::string& id) {
  int interruptions = 0;
  for (;; ++interruptions) {
    REQUIRE(interruptions < 100);
    std::atomic<bool> stop{interruptions % 2 == 0};
    const CellJob job{config, id, folder, {}};
    const auto stop_at_end = [&](const CellProgress& progress) {
      if (progress.stage == CellProgress::Stage::epoch_ended) stop = true;
    };
    if (run_cell(job, stop, stop_at_end) == CellStatus::done) break;
  }
  CHECK(interruptions >= 3);
  return read_file(folder / (id + ".h5"));
}

}  // namespace klbench::test

/// How Catch2 prints what GENERATE chose; torch's operator<< for vectors does not compile for these.
template <>
struct Catch::StringMaker<klbench::test::Parts> {
  static std::string convert(const klbench::test::Parts& parts) {
    std::string keys;
    for (const auto& [key, options] : parts) keys += (keys.empty() ? "" : "+") + key;
    return keys;
  }
};
