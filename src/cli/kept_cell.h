#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/cell_config.h"
#include "data/dataset.h"
#include "models/vae.h"

namespace klbench {

/// What sample, reconstruct and interpolate have in common.
struct KeptCellArguments {
  std::string cell;
  std::string results = "results";
  std::vector<std::string> plugins;
  std::int64_t count = 10;
  std::string split = "test";
};

/// The positional CELL, --results and --plugin.
void add_kept_cell(CLI::App& app, KeptCellArguments& arguments);

/// A trained model with the data it was trained on.
struct KeptCell {
  CellConfig config;
  std::shared_ptr<const TextCorpus> corpus;
  TextVae model;
};

/// Opens <id>.model (see cell_target.h), as keep.model leaves it. Throws UsageError, also for a
/// language model.
KeptCell open_kept_cell(const KeptCellArguments& arguments);

/// Posterior means of a split, [N, d].
torch::Tensor posterior_means(KeptCell& cell, const Sentences& split);

/// Words of the longest sentence of the training split: where decoding ends.
std::int64_t longest_sentence(const KeptCell& cell);

/// Refuses rows that the split does not have.
void check_row(const Sentences& split, const std::string& name, std::int64_t row);

}  // namespace klbench
