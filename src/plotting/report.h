#pragma once

#include <string>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// The study's final metrics on test (valid where nothing was tested) by method as an aligned plain-text table for a
/// terminal, mean ± standard deviation over seeds, a star where a row cannot be told from the best; `metrics` empty:
/// the usual ones that the results have. Throws UsageError for unknown metrics and where no cell is finished.
std::string print_table(const StudyResult& study, const std::vector<std::string>& metrics = {});

/// What `klbench show` prints: how many cells have which status, print_table where a cell is done, violations of the
/// analytic floors, the ids of cells that diverged or are missing.
std::string show_text(const StudyResult& study, const std::vector<std::string>& metrics = {});

/// "analytic floors: 0 violations in 9 of 18 cells": violations are training batches, cells those that have a floor.
/// Empty where none has one.
std::string floors_line(const StudyResult& study);

/// What is alarming about the data of the cells, each line once.
std::string data_lines(const StudyResult& study);

}  // namespace klbench
