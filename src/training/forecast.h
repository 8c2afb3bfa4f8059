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

/// The result that run_cell would publish, one epoch long, with numbers that mean nothing: which metrics, by which
/// splits and epochs, of which sizes, which diagnostics of the trainer and which facts about floors. Of a remedy that
/// this process has not loaded it assumes that it has batch statistics and a floor.
CellResult forecast_cell(const CellConfig& config, const CorpusFacts& corpus);

}  // namespace klbench
