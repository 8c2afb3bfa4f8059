#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// Draws one figure (or writes one table) of a study's results into `folder` (plots/<study>), as <name>.<format> with
/// the gnuplot script <name>.gp beside it; `formats` out of png, svg, pdf. Returns the files written.
/// Throws UsageError naming the figure when kind, metric, split or option do not exist in the results, listing valid ones.
std::vector<std::filesystem::path> draw_figure(const StudyResult& study, const FigureSpec& figure,
                                               const std::filesystem::path& folder,
                                               const std::vector<std::string>& formats);

/// Names of the figure kinds, for messages and help.
std::vector<std::string> figure_kinds();

}  // namespace klbench
