#include "plotting/report.h"

#include <fmt/format.h>

#include <map>

#include "config/data_facts.h"
#include "plotting/group.h"

namespace klbench {

std::string floors_line(const std::vector<const CellResult*>& all) {
  double violations = 0;
  std::size_t cells = 0;
  for (const CellResult* cell : all) {
    if (fact_number(*cell, "floor_batches").value_or(0) == 0) continue;  // no floor: nothing that could be violated
    ++cells;
    violations += fact_number(*cell, "floor_violations").value_or(0);
  }
  if (cells == 0) return "";
  return fmt::format("analytic floors: {} violations in {} of {} cells\n", violations, cells, all.size());
}

std::string data_lines(const std::vector<const CellResult*>& all) {
  std::map<std::string, std::size_t> cells;
  for (const CellResult* cell : all) {
    for (const auto& warning : data_warnings(cell->facts)) ++cells[warning];
  }
  std::string out;
  for (const auto& [warning, count] : cells) out += fmt::format("data of {} cells: {}\n", count, warning);
  return out;
}

}  // namespace klbench
