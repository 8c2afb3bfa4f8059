#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plotting/table.h"

namespace klbench {

/// `value` with so many decimals; no minus before a zero.
std::string fixed_number(double value, int decimals);

/// "12.34 ± 0.56" of a row and column, "12.34" for one seed, the row's fate where it has no finished cell.
std::string entry_text(const Table& table, std::size_t row, std::size_t column, const char* plus_minus,
                       const char* nothing);

/// Why a value is not told from others: "†" from the best of its column, "°" from the baseline, "‡" as it is not
/// tested.
std::string marks(const TableEntry& entry, const char* near_best, const char* near_baseline, const char* untested);

std::string row_label(const Table& table, const Table::Row& row);

/// The better direction of a metric that has one.
std::string arrow(const MetricInfo& info, const char* up, const char* down);

std::string replaced(std::string text, const std::string& what, const std::string& by);

/// Lines of texts; the first line and the first text of each are heads.
using TextGrid = std::vector<std::vector<std::string>>;

/// A table as it is written, turned where it is transposed; `entry` makes the text of a row and column.
TextGrid grid_of(const Table& table, const std::function<std::string(const std::string&)>& escaped, const char* up,
                 const char* down, const std::function<std::string(std::size_t, std::size_t)>& entry);

/// Text in LaTeX: nothing in it is markup; Greek letters and small digits are mathematics.
std::string latex_text(const std::string& text);

}  // namespace klbench
