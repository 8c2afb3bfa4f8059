#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// Options with two or more values among the cells that have them, sorted; `seed` is left out.
std::vector<std::string> varying_options(const StudyResult& study);

/// The value of an option of a cell as text; empty where the cell does not have it.
std::string option_text(const CellResult& cell, const std::string& option);

/// Cells that differ in nothing but the seed.
struct CellGroup {
  std::string method;
  std::vector<std::string> options;  ///< values of varying_options
  std::vector<std::size_t> cells;    ///< positions in StudyResult::cells
};
/// In the order of their first cells.
std::vector<CellGroup> group_by_seed(const StudyResult& study, const std::vector<std::string>& options);

/// Long form, one row a number: cell,regularizer,seed,<varying options>,split,metric,epoch,value.
/// The epoch is empty for final values; values by dimension are metric[0], metric[1], ...; doubles are the shortest
/// text that reads back as the same number (nan, inf, -inf); RFC 4180 quoting, lines end with \n.
std::string export_csv(const StudyResult& study);

/// The same rows as a JSON array of objects; epoch null for final values, value null for NaN and "inf" or "-inf" for
/// the infinities, which JSON lacks.
std::string export_json(const StudyResult& study);

/// What `klbench show` prints: cells and their status, main final metrics as mean and standard deviation over seeds,
/// violations of the analytic floors, missing cells.
std::string show_text(const StudyResult& study);

}  // namespace klbench
