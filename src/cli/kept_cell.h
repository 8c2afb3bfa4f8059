#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "sweep/engine.h"

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

/// Finds <id>.model (see cell_target.h) and probes the plugins, so that a broken one ends only a child.
KeptModel find_kept_model(const KeptCellArguments& arguments);

void print_lines(const std::vector<std::string>& lines);

}  // namespace klbench
