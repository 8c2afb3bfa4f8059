#pragma once

#include <string>
#include <vector>

#include "plotting/group.h"
#include "plotting/statistics.h"

namespace klbench {

/// One cell of a table: mean over the seeds that have the metric, their spread, and whether it cannot be told from the
/// best.
struct TableEntry {
  Summary summary;  ///< n = 0: no value
  bool bold = false;
};

/// Final metrics by method, ready to be written in any format.
struct Table {
  std::string title;
  std::vector<MetricInfo> columns;
  std::vector<int> decimals;  ///< by column
  struct Row {
    std::string label;
    std::vector<TableEntry> entries;  ///< by column
    std::size_t seeds = 0;
    std::size_t diverged = 0;
  };
  std::vector<Row> rows;
  std::vector<std::string> footers;
};

/// Fewest seeds two rows must share to be compared.
inline constexpr std::size_t kSeedsForTest = 3;

/// Table of `metrics` on `split`. Within every metric that has a better direction, the row with the best mean is
/// compared with each other row by a two-sided paired t-test over the seeds they share, p values adjusted by Holm
/// within the column; bold are the best and all rows with adjusted p > 0.05, for nll also those whose distance from the
/// best is no more than their gap (nll_gaps). Rows with fewer than 3 shared seeds are not compared.
Table make_table(const StudyResult& study, const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                 const std::string& split, const std::string& title);

/// What a table shows when no metric is named, of those that some cell has.
std::vector<std::string> default_table_metrics(const std::vector<Group>& groups, const std::string& split);

std::string to_markdown(const Table& table);
/// method, seeds, diverged, then <metric>_mean, <metric>_std, <metric>_n, <metric>_best (1 where bold) for every
/// metric, with all digits; RFC 4180 quoting; footers as lines beginning with #.
std::string to_csv(const Table& table);
/// A booktabs tabular, compiled as it is within a document that loads booktabs.
std::string to_latex(const Table& table);
/// Aligned columns for a terminal; a star marks what the other formats write bold.
std::string to_text(const Table& table);

}  // namespace klbench
