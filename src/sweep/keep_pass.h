#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "sweep/layout.h"
#include "sweep/runner.h"

namespace klbench {

/// Finished cells that lack files which keep.* asks for.
struct KeepPass {
  std::set<std::size_t> from_weights;  ///< <id>.model is there: the others are made from it
  std::set<std::size_t> train;         ///< only training them again gives their weights
};

KeepPass find_lacking(const std::vector<CellTask>& tasks, const ResultsLayout& layout);

/// Makes the files of `cells` from their weights, each in a process of its own; returns whether all could be made.
bool make_from_weights(const std::set<std::size_t>& cells, const std::vector<CellTask>& tasks,
                       const ResultsLayout& layout, const RunOptions& options);

}  // namespace klbench
