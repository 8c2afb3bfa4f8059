// Stand-in results for a study of many cells: what workers would publish, with numbers that mean nothing.
//   klbench_scale_cells STUDY.yaml FOLDER [EPOCHS]     (FOLDER: results/<study>)
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>

#include "core/files.h"
#include "storage/cell_file.h"
#include "storage/manifest.h"
#include "sweep/forecast_cell.h"
#include "sweep/open_study.h"

using namespace klbench;

namespace {

/// Digits that no compression shortens, as measured numbers have.
class Noise {
 public:
  double operator()() { return 40 + static_cast<double>(generator_()) / static_cast<double>(generator_.max()); }

 private:
  std::mt19937 generator_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: klbench_scale_cells STUDY.yaml FOLDER [EPOCHS]\n");
    return 2;
  }
  const std::filesystem::path folder = argv[2];
  const std::int64_t epochs = argc > 3 ? std::atol(argv[3]) : 10;
  const Plan plan = plan_study(read_source(argv[1], {}, {}));
  std::filesystem::create_directories(folder);
  std::map<std::string, CellResult> by_method;
  std::optional<DataFacts> facts;
  Noise noise;
  Manifest manifest(folder / "manifest.tsv");
  for (const auto& [id, config, identity, tags] : plan.cells) {
    auto [cell, is_new] = by_method.try_emplace(config.method());
    if (is_new) {
      if (!facts) facts = data_facts(*load_dataset(config));
      cell->second = forecast_cell(config, *facts);
      const EpochRecord first = cell->second.epochs.at(0);
      cell->second.epochs.clear();
      for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
        cell->second.epochs.push_back(first);
        cell->second.epochs.back().epoch = epoch;
        cell->second.epochs.back().step = epoch * 100;
      }
      cell->second.status = CellStatus::done;
    }
    CellResult& result = cell->second;
    result.id = id;
    result.method = config.method();
    result.config_yaml = config.of_result().canonical();
    result.config = config.of_result().flat();
    for (auto& record : result.epochs) {
      for (auto& [split, metrics] : record.metrics) {
        for (auto& [name, value] : metrics) value = noise();
      }
      for (auto& [name, values] : record.diagnostics) {
        for (double& value : values) value = noise();
      }
    }
    for (auto& [split, metrics] : result.final) {
      for (auto& [name, metric] : metrics) {
        for (double& value : metric.values) value = noise();
      }
    }
    const auto path = folder / (id + ".h5");
    const std::string bytes = encode_cell(result);
    write_file_durably(path, bytes);
    manifest.add(id, path, content_hash(bytes));
  }
  fmt::print("{} cells\n", plan.cells.size());
  return 0;
}
