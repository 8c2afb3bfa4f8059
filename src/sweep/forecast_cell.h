#pragma once

#include <cstdint>

#include "config/cell_config.h"
#include "data/dataset.h"
#include "storage/records.h"

namespace klbench {

/// What a forecast must know of data.
struct DataFacts {
  std::int64_t train = 0, valid = 0, test = 0;  ///< examples
  bool labelled = false;
  ImageShape image{};  ///< of images
};

DataFacts data_facts(const Dataset& data);

/// The result that a worker would publish, one epoch long, with numbers that mean nothing: which metrics, by which
/// splits and epochs, of which sizes, which diagnostics of the trainer and which facts about floors.
/// Asks the engine about the remedy; with `least`, which does not load it, what cells of every remedy have.
CellResult forecast_cell(const CellConfig& config, const DataFacts& data, bool least = false);

}  // namespace klbench
