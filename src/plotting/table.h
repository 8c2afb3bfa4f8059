#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plotting/column_tests.h"
#include "plotting/group.h"
#include "plotting/names.h"
#include "statistics/summary.h"

namespace klbench {

/// One cell of a table: mean over the seeds that have the metric, their spread, and what column_tests.h says of it.
struct TableEntry {
  Summary summary;         ///< n = 0: no value
  bool bold = false;       ///< the best mean of the column
  bool near_best = false;  ///< cannot be told from the best
  std::optional<BaselineDifference> to_baseline;
  bool untested_best = false, untested_baseline = false;  ///< where other rows of the column are tested

  bool untested() const { return untested_best || untested_baseline; }
  bool near_baseline() const { return to_baseline && to_baseline->p_value > kLevel; }
};

/// What stands below a table. A part about columns names them where its text has {}, and stands only for those of them
/// that are shown.
struct TableNote {
  struct Part {
    std::string text{};
    std::vector<std::string> columns{};
    bool is_of_means = false;  ///< explains means and bold, † or °, which differences to a baseline do not have
    bool operator==(const Part&) const = default;
  };
  std::string text = "{}";  ///< {}: the parts
  std::string between = " ";
  std::vector<Part> parts;
};

/// Final metrics by method, ready to be written in any format.
struct Table {
  std::string title;
  std::vector<MetricInfo> columns;
  std::vector<std::string> heads;  ///< by column: how Markdown and LaTeX call it (column_title)
  std::vector<int> decimals;       ///< by column: two digits of the error
  std::string baseline;            ///< label of the row that others were compared with; empty: none
  struct Row {
    std::string row;                  ///< Group::row
    std::string label;                ///< Group::label
    std::vector<TableEntry> entries;  ///< by column
    std::size_t seeds = 0;
    std::size_t diverged = 0;
  };
  std::vector<Row> rows;
  std::vector<TableNote> notes;
  std::vector<std::string> footers;  ///< the notes as lines
  bool transposed = false;           ///< Markdown and LaTeX have a row a metric, a column a method
  double width = 0;                  ///< inches that the LaTeX table must fit; 0: as wide as it is
};

/// Table of `metrics` on `split`: means, and what test_column finds against the best row of each column that has a
/// better direction and against the study's baseline (StudyResult::baseline); heads by `names`. For nll, rows whose
/// distance from the best is no more than their gap (nll_gaps) are near it too. Footers say how rows are compared and
/// what can be found so.
Table make_table(const StudyResult& study, const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                 const std::string& split, const std::string& title, const Names& names = {});

/// The table of groups of a cell each (RowOrder::per_seed): values without marks, as one seed is no finding.
Table make_seed_table(const StudyResult& study, const std::vector<Group>& groups,
                      const std::vector<std::string>& metrics, const std::string& split, const std::string& title,
                      const Names& names = {});

/// make_table against each of `baselines`, nothing for none; a pair of rows is tested once.
std::vector<Table> make_tables(const StudyResult& study, const std::vector<Group>& groups,
                               const std::vector<std::string>& metrics, const std::string& split,
                               const std::string& title, const std::vector<std::optional<std::size_t>>& baselines,
                               const Names& names = {});

/// What a table shows when no metric is named, of those that some cell has.
std::vector<std::string> default_table_metrics(const std::vector<Group>& groups, const std::string& split);

/// In all formats but CSV the best mean is bold (a star on a terminal), † marks rows that cannot be told from it, °
/// those that cannot be told from the baseline, ‡ those that are not tested.
std::string to_markdown(const Table& table);
/// method, seeds, diverged, then <metric>_mean, <metric>_std, <metric>_n, <metric>_best (1: the best mean),
/// <metric>_near_best (1: cannot be told from it) for every metric and, where there is a baseline, <metric>_difference
/// to it, the ends of its 95% interval <metric>_low and <metric>_high, and its p value after Holm's correction over the
/// rows, <metric>_p; all digits, RFC 4180 quoting, footers as lines beginning with #.
std::string to_csv(const Table& table);
/// A booktabs tabular, compiled as it is within a document that loads booktabs. To fit a width it is set small, the
/// deviations as indices, in as many tabulars below each other as its columns take.
std::string to_latex(const Table& table);
/// Aligned columns for a terminal.
std::string to_text(const Table& table);

}  // namespace klbench
