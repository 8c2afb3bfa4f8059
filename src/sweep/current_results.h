#pragma once

#include <string>

#include "storage/records.h"
#include "sweep/layout.h"

namespace klbench {

/// The results of a study as they stand.
struct CurrentResults {
  StudyResult study;
  /// "tiny: 9 of 40 cells, a run is going on"; empty where they are those of results/<study>.h5.
  std::string note;
};

/// results/<study>.h5, or, during a run and where cells were published that the file lacks or that are newer, what it
/// would hold if it were collected now, with the grid of the last run. Takes no lock, changes nothing; files may come
/// and go meanwhile. Throws UsageError where there is neither a file nor a run.
CurrentResults current_results(const ResultsLayout& layout);

}  // namespace klbench
