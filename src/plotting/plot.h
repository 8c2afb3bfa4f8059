#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// Draws one figure (or writes one table) of a study's results into `folder` (plots/<study>), as <name>.<format> with
/// the gnuplot script <name>.gp beside it; `formats` out of png, svg, pdf. A table is written as .md, .csv and .tex
/// whatever the formats. Returns the files written.
/// Throws UsageError naming the figure when kind, metric, split or option do not exist in the results, listing valid
/// ones, and Error with gnuplot's message when it fails.
std::vector<std::filesystem::path> draw_figure(const StudyResult& study, const FigureSpec& figure,
                                               const std::filesystem::path& folder,
                                               const std::vector<std::string>& formats);

/// Draws all figures of the study, or, where it names none, a table, KL by method with its floors, rate and distortion,
/// and KL by epoch, as far as the results have them. Returns the files written.
std::vector<std::filesystem::path> draw_all(const StudyResult& study, const std::filesystem::path& folder,
                                            const std::vector<std::string>& formats);

}  // namespace klbench
