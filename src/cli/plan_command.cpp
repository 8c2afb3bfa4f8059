#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/figure_check.h"
#include "cli/launcher_choice.h"
#include "cli/listing.h"
#include "cli/study_target.h"
#include "config/value_json.h"
#include "sweep/reuse.h"

namespace klbench {

namespace {

/// plan_columns, the labels of the cells behind their ids, and their states last.
struct CellsByColumn {
  PlanColumns columns;

  explicit CellsByColumn(const StudyTarget& target) : columns(plan_columns(target.plan)) {
    const auto cells = plan_tasks(target.plan);
    const auto situations = examine_cells(cells, target.layout);
    columns.names.insert(columns.names.begin() + 1, "cell");
    columns.names.emplace_back("state");
    for (std::size_t i = 0; i < columns.rows.size(); ++i) {
      auto& row = columns.rows[i];
      row.insert(row.begin() + 1, Value(cells[i].label));
      row.emplace_back(Value(state_name(situations[i])));
    }
  }

  std::string csv() const {
    Listing listing{columns.names, {}};
    for (const auto& values : columns.rows) {
      auto& row = listing.rows.emplace_back();
      for (const auto& value : values) row.push_back(value ? to_string(*value) : "");
    }
    return format_listing(listing, "csv");
  }

  /// An array of objects; values have their types, tags are a list.
  std::string json(const Plan& plan) const {
    using Json = nlohmann::ordered_json;
    Json cells = Json::array();
    for (std::size_t i = 0; i < columns.rows.size(); ++i) {
      Json& object = cells.emplace_back(Json::object());
      for (std::size_t j = 0; j < columns.names.size(); ++j) {
        const auto& value = columns.rows[i][j];
        object[columns.names[j]] = value ? value_json(*value) : Json();
      }
      if (object.contains("tags")) object["tags"] = plan.cells[i].tags;
    }
    return json_text(cells);
  }
};

int print_plan(const StudyTarget& target, const std::string& format) {
  check_figures(target);
  launcher_of(target.plan.study, {});  // refuses what `run` would refuse
  fmt::print("{}", format == "text"  ? plan_table(target.plan)
                   : format == "csv" ? CellsByColumn(target).csv()
                                     : CellsByColumn(target).json(target.plan));
  for (const auto& line : twin_lines(target.plan)) fmt::print(stderr, "{}\n", line);
  fmt::print(stderr, "{}: {} cells\n", target.layout.study, target.plan.cells.size());
  return 0;
}

}  // namespace

Command plan_command() {
  return {"plan", "Print the cells of a study with their ids, without running anything", [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto format = std::make_shared<std::string>("text");
            add_study(app, *arguments);
            add_listing_format(app, *format);
            return [arguments, format] { return print_plan(open_plan(*arguments, /*warn=*/true), *format); };
          }};
}

}  // namespace klbench
