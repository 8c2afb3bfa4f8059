#pragma once

#include <string>
#include <vector>

#include "plotting/selection.h"
#include "storage/records.h"

namespace klbench {

/// What `klbench show` is asked for.
struct ShowRequest {
  std::vector<std::string> metrics{};  ///< empty: the usual ones that the results have
  std::string split{};                 ///< empty: test, or valid where nothing was tested
  std::string filter{};                ///< a Selector; empty: all cells
  RowOrder rows{};
};

/// The study's final metrics by method as an aligned plain-text table for a terminal, mean ± standard deviation over
/// seeds, a star where a row cannot be told from the best. Throws UsageError for unknown metrics and splits and where
/// no cell is finished.
std::string print_table(const StudyResult& study, const ShowRequest& request = {});

/// What `klbench show` prints: how many cells have which status, print_table where a cell is done, violations of the
/// analytic floors, the ids of cells that diverged or, unless cells are filtered, are missing.
std::string show_text(const StudyResult& study, const ShowRequest& request = {});

/// The same numbers, with all their digits: a line a row and metric, with its units, n, mean, standard deviation, the
/// ends of the mean's 95% interval, whether it is the best or cannot be told from it, and the difference to the
/// baseline with its interval and p value; of a row a cell id, seed, status, tags, value and the estimate's standard
/// error.
std::string show_csv(const StudyResult& study, const ShowRequest& request = {});
std::string show_json(const StudyResult& study, const ShowRequest& request = {});

/// "analytic floors: 0 violations in 9 of 18 cells": violations are training batches, cells those that have a floor.
/// Empty where none has one.
std::string floors_line(const std::vector<const CellResult*>& all);

/// What is alarming about the data of the cells, each line once.
std::string data_lines(const std::vector<const CellResult*>& all);

}  // namespace klbench
