#pragma once

#include "cli/study_target.h"

namespace klbench {

/// Refuses, before anything is trained, figures that the results of an opened study will not allow. One that the study
/// as written could draw, and only the --set given cannot, is a warning. Throws UsageError with file, line and column.
void check_figures(const StudyTarget& target);

}  // namespace klbench
