#pragma once

#include <filesystem>
#include <string>

#include "config/cell_files.h"

namespace klbench {

/// Where the results of one study lie: root/<study>.h5 and the cells in root/<study>/.
struct ResultsLayout {
  std::filesystem::path root;
  std::string study;

  std::filesystem::path folder() const { return root / study; }
  std::filesystem::path study_file() const { return root / (study + ".h5"); }
  std::filesystem::path lock() const { return folder() / "lock"; }
  std::filesystem::path manifest() const { return folder() / "manifest.tsv"; }
  /// A manifest with one line for every collection of the study, under the hash of what went in.
  std::filesystem::path collected() const { return folder() / "collected.tsv"; }
  /// What a batch system was given, see launch/submissions.h.
  std::filesystem::path jobs() const { return folder() / "jobs"; }
  /// The grid of the last `run`, see plan_file.h.
  std::filesystem::path plan() const { return folder() / "plan.json"; }
  CellFiles cell(const std::string& id) const { return {folder(), id}; }
};

}  // namespace klbench
