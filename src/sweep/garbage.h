#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sweep/layout.h"
#include "sweep/runner.h"

namespace klbench {

/// Files in a study's folder that its grid does not need.
struct Garbage {
  struct Cell {
    std::string id;
    std::string label;      ///< empty where its configuration cannot be read (a plugin's regularizer)
    bool finished = false;  ///< it has a result, whose numbers may be nowhere else
    std::vector<std::filesystem::path> files;  ///< the result last
    std::uintmax_t bytes = 0;
  };
  std::vector<Cell> cells;  ///< outside the grid
  std::vector<std::filesystem::path> leftovers;
  std::uintmax_t leftover_bytes = 0;
};

/// What killed processes were about to publish: temporaries of write_file_durably in the study's folder and beside its
/// file, except those of cells that somebody works on.
std::vector<std::filesystem::path> leftover_files(const ResultsLayout& layout);

/// Everything of cells that are not in `grid`, and the leftovers. No file of a cell of the grid, of a cell that
/// somebody works on, or set aside as .edited is in it; nor one that is not named as klbench names its files.
Garbage find_garbage(const ResultsLayout& layout, const std::vector<CellTask>& grid);

/// Removes it. Throws Error naming the file that cannot be removed.
void remove_garbage(const Garbage& garbage, const ResultsLayout& layout);

}  // namespace klbench
