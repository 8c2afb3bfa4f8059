#pragma once

#include <cstdint>

#include "config/cell_config.h"
#include "data/dataset.h"
#include "storage/records.h"

namespace klbench {

/// What a forecast must know of a corpus.
struct CorpusFacts {
  std::int64_t train = 0, valid = 0, test = 0;  ///< sentences
  bool labelled = false;
};

CorpusFacts facts_of(const TextCorpus& corpus);

/// The result that a worker would publish, one epoch long, with numbers that mean nothing: which metrics, by which
/// splits and epochs, of which sizes, which diagnostics of the trainer and which facts about floors.
/// Asks the engine about the remedy.
CellResult forecast_cell(const CellConfig& config, const CorpusFacts& corpus);

}  // namespace klbench
