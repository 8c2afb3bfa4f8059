#pragma once

#include <map>
#include <string>

#include "storage/records.h"

namespace klbench {

/// What the rows of an export are.
enum class ExportRows {
  numbers,   ///< every number of a cell (each_number)
  examples,  ///< what final metrics are the means of, one value an example; no row for what was not measured
  cells,  ///< a row a cell, a column a number at the end of training: test/kl, facts/selected_epoch, cost/train_seconds
};

/// Tidy tables of a study's cells. Columns: study, cell, label, regularizer, status, seed and the options that vary;
/// then
///   numbers   split, metric, epoch, value, units, estimator, examples, samples, error, error_over
///   examples  split, metric, example (order of the data, from 0), value, units
/// The split of what has none is diagnostics, facts or cost (CellResult). `labels`: the rows of tables by cell.
/// estimator, examples (n), samples (draws for each), the standard error and what it is over are those of a final
/// metric where it has them; a metric by dimension is metric[0], metric[1], ...
///
/// CSV as in RFC 4180, lines end with \n, empty where there is no value; numbers are the shortest text that reads back
/// as the same number (nan, inf, -inf).
std::string export_csv(const StudyResult& study, const std::map<std::string, std::string>& labels, ExportRows rows);

/// The same as a JSON array of objects; null where there is no value, and as value_json says.
std::string export_json(const StudyResult& study, const std::map<std::string, std::string>& labels, ExportRows rows);

}  // namespace klbench
