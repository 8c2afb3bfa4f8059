#include "plotting/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/data_facts.h"
#include "core/error.h"
#include "plotting/kinds/request.h"
#include "plotting/table.h"

namespace klbench {

namespace {

std::string status_line(const StudyResult& study) {
  std::map<std::string, std::size_t> statuses;
  for (const auto& cell : study.cells) ++statuses[to_string(cell.status)];
  if (!study.missing.empty()) statuses["missing"] = study.missing.size();
  std::string line = fmt::format("{}: {} cells", one_line(study.name), study.cells.size() + study.missing.size());
  for (const auto& [status, count] : statuses) line += fmt::format(", {} {}", count, status);
  return line + "\n";
}

bool is_done(const CellResult& cell) { return cell.status == CellStatus::done; }

}  // namespace

std::string floors_line(const StudyResult& study) {
  double violations = 0;
  std::size_t cells = 0;
  for (const auto& cell : study.cells) {
    if (fact_number(cell, "floor_batches").value_or(0) == 0) continue;  // no floor: nothing that could be violated
    ++cells;
    violations += fact_number(cell, "floor_violations").value_or(0);
  }
  if (cells == 0) return "";
  return fmt::format("analytic floors: {} violations in {} of {} cells\n", violations, cells, study.cells.size());
}

std::string data_lines(const StudyResult& study) {
  std::map<std::string, std::size_t> cells;
  for (const auto& cell : study.cells) {
    for (const auto& warning : data_warnings(cell.facts)) ++cells[warning];
  }
  std::string out;
  for (const auto& [warning, count] : cells) out += fmt::format("data of {} cells: {}\n", count, warning);
  return out;
}

std::string print_table(const StudyResult& study, const std::vector<std::string>& metrics) {
  const auto tested = [](const CellResult& cell) { return cell.final.contains("test"); };
  FigureSpec spec;
  spec.name = "table";
  spec.metrics = metrics;
  spec.split = std::any_of(study.cells.begin(), study.cells.end(), tested) ? "test" : "valid";
  const Request request(study, spec);
  const auto columns = request.final_metrics(default_table_metrics(request.groups, spec.split));
  return to_text(
      make_table(study, group_cells(study, {}), columns, spec.split, fmt::format("{}, {}", study.name, spec.split)));
}

std::string show_text(const StudyResult& study, const std::vector<std::string>& metrics) {
  std::string out = status_line(study);
  if (std::any_of(study.cells.begin(), study.cells.end(), is_done))
    out += fmt::format("\n{}\n", print_table(study, metrics));
  out += floors_line(study) + data_lines(study);
  for (const auto& cell : study.cells) {
    if (!is_done(cell)) out += fmt::format("{}: {} ({})\n", to_string(cell.status), cell.id, one_line(cell.method));
  }
  for (const auto& id : study.missing) {
    const std::string reason = failure_reason(study, id);
    out += reason.empty() ? fmt::format("missing: {}\n", id) : fmt::format("failed: {} ({})\n", id, one_line(reason));
  }
  return out;
}

}  // namespace klbench
