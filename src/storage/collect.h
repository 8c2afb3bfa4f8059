#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/manifest.h"
#include "storage/records.h"

namespace klbench {

/// Cell `id` of a folder, <folder>/<id>.h5. Throws UsageError when it is not there, is damaged, differs from its hash
/// in the manifest (where that has one), or holds another cell.
CellResult read_published_cell(const std::filesystem::path& folder, const std::string& id, const Manifest& manifest);

/// The files of a grid's cells, read one by one; changes nothing.
struct CollectedCells {
  std::vector<std::string> missing;               ///< what is not there, or is damaged and was found nowhere else
  std::vector<std::string> damaged;               ///< why, a line each; also in the log
  std::map<std::string, std::string> provenance;  ///< StudyHead::provenance
};

/// Gives `use` each cell of `ids` that is published in `folder`, in their order, with its cost. Of one that is not, or
/// is damaged, `elsewhere`(id) may give the cell, with its provenance.
using CellUse = std::function<void(CellResult&&)>;
using CellElsewhere = std::function<std::optional<std::pair<CellResult, std::string>>(const std::string& id)>;
CollectedCells collect(const std::filesystem::path& folder, const std::vector<std::string>& ids, const CellUse& use,
                       const CellElsewhere& elsewhere = {});

}  // namespace klbench
