#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/manifest.h"
#include "storage/records.h"

namespace klbench {

/// Cell `id` of a folder, <folder>/<id>.h5. Throws UsageError when it is not there, is damaged, differs from its hash
/// in the manifest (where that has one), or holds another cell.
CellResult read_published_cell(const std::filesystem::path& folder, const std::string& id, const Manifest& manifest);

/// The results of the grid `ids` from the cells published in `folder` and their <id>.run.json; changes nothing.
/// What is missing or damaged goes into StudyResult::missing, with a warning in the log for the damaged; their
/// reasons also into `damaged`, a line each, where that is given.
StudyResult collect(const std::filesystem::path& folder, const std::string& name, const std::string& study_yaml,
                    const std::vector<FigureSpec>& figures, const std::vector<std::string>& ids,
                    std::vector<std::string>* damaged = nullptr);

}  // namespace klbench
