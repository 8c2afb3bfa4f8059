#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "config/value_json.h"
#include "core/csv.h"
#include "core/error.h"
#include "plotting/kinds/request.h"
#include "plotting/report.h"
#include "plotting/selection.h"
#include "plotting/table.h"

namespace klbench {

namespace {

using Json = nlohmann::ordered_json;

bool is_done(const CellResult& cell) { return cell.status == CellStatus::done; }

/// The table that is shown, and the groups that are its rows.
struct Shown {
  std::string split;
  std::vector<std::string> metrics;
  std::vector<Group> groups;
  Table table;
};

const CellResult& only_cell(const Group& group) { return group.cells.empty() ? *group.diverged[0] : *group.cells[0]; }

Shown make_shown(const StudyResult& study, const ShowRequest& request) {
  const auto tested = [](const CellResult& cell) { return cell.final.contains("test"); };
  FigureSpec spec;
  spec.places = {{}, {"metric", "", {"--metric"}}, {"split", "", {"--split"}}};
  spec.metrics = request.metrics;
  spec.split = !request.split.empty()                                        ? request.split
               : std::any_of(study.cells.begin(), study.cells.end(), tested) ? "test"
                                                                             : "valid";
  if (!request.filter.empty()) spec.only = {request.filter};
  if (!request.rows.sort.empty()) SortKey(request.rows.sort).check(study, spec.split);
  Request asked(study, spec, request.rows);
  Shown shown{spec.split, asked.final_metrics(default_table_metrics(asked.groups, spec.split)), {}, {}};
  for (auto& group : asked.groups) group.label = group.row;
  shown.groups = std::move(asked.groups);
  const auto table_of = request.rows.per_seed ? make_seed_table : make_table;
  shown.table =
      table_of(study, shown.groups, shown.metrics, shown.split, fmt::format("{}, {}", study.name, shown.split), {});
  return shown;
}

std::string status_line(const StudyResult& study, const std::vector<const CellResult*>& cells, bool filtered) {
  std::map<std::string, std::size_t> statuses;
  for (const CellResult* cell : cells) ++statuses[to_string(cell->status)];
  const std::size_t all = study.cells.size() + study.missing.size();
  if (!filtered && !study.missing.empty()) statuses["missing"] = study.missing.size();
  std::string line =
      fmt::format("{}: {}{} cells", one_line(study.name), filtered ? fmt::format("{} of ", cells.size()) : "", all);
  for (const auto& [status, count] : statuses) line += fmt::format(", {} {}", count, status);
  return line + "\n";
}

std::string missing_lines(const StudyResult& study) {
  std::string out;
  for (const auto& id : study.missing) {
    const std::string reason = failure_reason(study, id);
    out += reason.empty() ? fmt::format("missing: {}\n", id) : fmt::format("failed: {} ({})\n", id, one_line(reason));
  }
  return out;
}

/// How the row is called and what is in it.
Json head_of(const Group& group, bool per_seed) {
  Json head = {{"row", group.row}, {"method", group.method}};
  if (per_seed) {
    const CellResult& cell = only_cell(group);
    head.update(
        {{"cell", cell.id}, {"seed", cell_seed(cell)}, {"status", to_string(cell.status)}, {"tags", cell.tags}});
  } else {
    head.update({{"seeds", group.cells.size()}, {"diverged", group.diverged.size()}});
  }
  return head;
}

/// One value of a table, with all digits; null what is not there.
Json entry_of(const Group& group, const TableEntry& entry, const Shown& shown, std::size_t metric, bool per_seed) {
  const Summary& summary = entry.summary;
  const auto known = [](bool is_known, double value) { return is_known ? Json(value) : Json(); };
  Json out;
  if (per_seed) {
    const FinalMetric* found = final_metric(only_cell(group), shown.split, shown.metrics[metric]);
    const bool has_error = found && found->attributes.contains("error");
    return {{"value", known(summary.n > 0, summary.mean)},
            {"error", has_error ? value_json(found->attributes.at("error")) : Json()}};
  }
  const auto& to = entry.to_baseline;
  const bool spread = summary.n > 1;
  return {{"n", summary.n},
          {"mean", known(summary.n > 0, summary.mean)},
          {"sd", known(spread, summary.sd)},
          {"low", known(spread, summary.mean - summary.half_width)},
          {"high", known(spread, summary.mean + summary.half_width)},
          {"best", entry.bold},
          {"near_best", entry.near_best},
          {"difference", known(to.has_value(), to ? to->mean : 0)},
          {"difference_low", known(to.has_value(), to ? to->interval.low : 0)},
          {"difference_high", known(to.has_value(), to ? to->interval.high : 0)},
          {"p", known(to.has_value(), to ? to->p_value : 0)}};
}

/// A JSON scalar, or a list of texts, as a field of CSV.
std::string field_of(const Json& value) {
  if (value.is_array()) return fmt::format("{}", fmt::join(value.get<std::vector<std::string>>(), ","));
  if (value.is_null() || (value.is_number_float() && !std::isfinite(value.get<double>()))) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void add_fields(const Json& object, std::vector<std::string>& names, std::vector<std::string>& fields) {
  for (const auto& [name, value] : object.items()) {
    names.push_back(name);
    fields.push_back(field_of(value));
  }
}

}  // namespace

std::string print_table(const StudyResult& study, const ShowRequest& request) {
  return to_text(make_shown(study, request).table);
}

std::string show_text(const StudyResult& study, const ShowRequest& request) {
  const bool filtered = !request.filter.empty();
  const auto cells = selected_cells(study, request.filter);
  std::string out = status_line(study, cells, filtered);
  if (std::any_of(cells.begin(), cells.end(), [](const CellResult* cell) { return is_done(*cell); }))
    out += fmt::format("\n{}\n", print_table(study, request));
  out += floors_line(cells) + data_lines(cells);
  for (const CellResult* cell : cells) {
    if (!is_done(*cell)) out += fmt::format("{}: {} ({})\n", to_string(cell->status), cell->id, one_line(cell->method));
  }
  return filtered ? out : out + missing_lines(study);
}

std::string show_csv(const StudyResult& study, const ShowRequest& request) {
  const Shown shown = make_shown(study, request);
  std::string out;
  for (std::size_t i = 0; i < shown.groups.size(); ++i) {
    for (std::size_t m = 0; m < shown.metrics.size(); ++m) {
      std::vector<std::string> names, fields;
      add_fields(head_of(shown.groups[i], request.rows.per_seed), names, fields);
      add_fields({{"split", shown.split}, {"metric", shown.metrics[m]}, {"units", shown.table.columns[m].units}}, names,
                 fields);
      add_fields(entry_of(shown.groups[i], shown.table.rows[i].entries[m], shown, m, request.rows.per_seed), names,
                 fields);
      if (out.empty()) out = csv_line(names) + "\n";
      out += csv_line(fields) + "\n";
    }
  }
  return out;
}

std::string show_json(const StudyResult& study, const ShowRequest& request) {
  const Shown shown = make_shown(study, request);
  Json root = {{"study", study.name},         {"split", shown.split},  {"baseline", shown.table.baseline},
               {"metrics", Json::array()},    {"rows", Json::array()}, {"missing", Json::array()},
               {"notes", shown.table.footers}};
  if (shown.table.baseline.empty()) root["baseline"] = nullptr;
  for (const auto& metric : shown.table.columns) {
    const char* better = metric.higher_is_better ? "higher" : "lower";
    root["metrics"].push_back({{"metric", metric.name},
                               {"name", metric.long_name},
                               {"units", metric.units},
                               {"better", metric.has_direction ? Json(better) : Json()}});
  }
  for (std::size_t i = 0; i < shown.groups.size(); ++i) {
    Json row = head_of(shown.groups[i], request.rows.per_seed);
    row["options"] = Json::object();
    for (const auto& option : shown.groups[i].telling) {
      const auto value = shown.groups[i].config.find(option);
      if (value != shown.groups[i].config.end()) row["options"][option] = value_json(value->second);
    }
    for (std::size_t m = 0; m < shown.metrics.size(); ++m) {
      row["values"][shown.metrics[m]] =
          entry_of(shown.groups[i], shown.table.rows[i].entries[m], shown, m, request.rows.per_seed);
    }
    root["rows"].push_back(std::move(row));
  }
  for (const auto& id : study.missing) {
    const std::string reason = failure_reason(study, id);
    root["missing"].push_back({{"cell", id}, {"reason", reason.empty() ? Json() : Json(reason)}});
  }
  return json_text(root);
}

}  // namespace klbench
