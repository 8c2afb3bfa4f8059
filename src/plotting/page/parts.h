#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plotting/group.h"
#include "plotting/page/page.h"

/// The parts that page_data is made of. Cells are named by their place in StudyResult::cells, rows by that in
/// group_cells.
namespace klbench::page {

using Json = nlohmann::ordered_json;

/// What all parts are made from.
struct Sources {
  const StudyResult& study;
  const PageExtras& extras;
  std::vector<Group> groups;
  std::vector<std::size_t> group_of;  ///< by cell
  /// Finished cells, the first seed of every row before the second of any: what a budget is spent on in this order.
  std::vector<std::size_t> by_turn;
  std::vector<std::string> limits{};  ///< what is left out, a sentence each

  Sources(const StudyResult& results, const PageExtras& with);
};

/// Details of cells (facts, provenance, metrics that the table lacks) are left out in studies of more cells.
inline constexpr std::size_t kDetailedCells = 2000;

/// Six significant digits; null for what is not finite.
Json rounded(double value);

/// name, question, yaml, facts [[name, text]], notes, failures [{id, label, state, reason, log}].
Json header(const Sources& sources);
/// The rows: method, label, style, cells, floor, options that vary.
Json rows(const Sources& sources);
/// ids, rows, seeds, states; options, facts and provenance by name; metrics at the end of training by split.
Json cells(Sources& sources, const std::vector<std::string>& table_metrics);
/// Columns of the table.
std::vector<std::string> table_metrics(const Sources& sources, const std::string& split);
/// Means, marks, and the differences to every baseline (of many rows: to some).
Json table(Sources& sources, const std::vector<std::string>& metrics, const std::string& split);
/// By split and metric [cell, epoch].
Json curves(Sources& sources);
/// By metric [cell, dimension] at the end and, where it is recorded, [cell, epoch, dimension].
Json dimensions(Sources& sources);
Json latents(Sources& sources);
Json pictures(Sources& sources);
/// Sections of samples.txt.
Json texts(Sources& sources);

}  // namespace klbench::page
