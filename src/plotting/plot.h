#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "plotting/script.h"
#include "plotting/selection.h"
#include "storage/records.h"

namespace klbench {

/// Throws UsageError, with the place in the YAML where the figure has one, when a study with such results cannot draw
/// it: kind, metric, split, method or option do not exist there (valid ones are listed), or the kind needs what they
/// lack. `study` may be a forecast. draw_figure makes the same checks.
void check_figure(const StudyResult& study, const FigureSpec& figure);

/// How figures are drawn.
struct DrawOptions {
  std::filesystem::path folder;                              ///< plots/<study>
  std::vector<std::string> formats = {"png", "svg", "pdf"};  ///< out of these
  double seconds = kGnuplotSeconds;                          ///< for one format of one figure
  RowOrder rows{};
};

/// Draws one figure (or writes one table) of a study's results as <name>.<format> with the gnuplot script <name>.gp
/// beside it. A table is written as .md, .csv and .tex whatever the formats.
/// Throws UsageError as check_figure does, and Error naming the path where nothing can be written.
Drawing draw_figure(const StudyResult& study, const FigureSpec& figure, const DrawOptions& options);

/// What most studies want to see, as far as the results have it: a table, KL by method with its floors, rate and
/// distortion, KL by epoch.
std::vector<FigureSpec> default_figures(const StudyResult& study);

/// Draws figures one after the other, whatever becomes of the others, and reports each; false where some have problems.
bool draw_all(const StudyResult& study, const std::vector<FigureSpec>& figures, const DrawOptions& options,
              const std::function<void(const Drawing&)>& report);

}  // namespace klbench
