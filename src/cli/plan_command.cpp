#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/figure_check.h"
#include "cli/listing.h"
#include "cli/study_target.h"

namespace klbench {

namespace {

Listing plan_listing(const StudyTarget& target) {
  Listing listing{{"id", "cell"}, {}};
  for (const auto& cell : target.cells) listing.rows.push_back({cell.id, cell.label});
  return listing;
}

int print_plan(const StudyTarget& target, const std::string& format) {
  check_figures(target);
  fmt::print("{}", format == "text" ? plan_table(target.plan) : format_listing(plan_listing(target), format));
  for (const auto& line : twin_lines(target.plan)) fmt::print(stderr, "{}\n", line);
  fmt::print(stderr, "{}: {} cells\n", target.layout.study, target.cells.size());
  return 0;
}

}  // namespace

Command plan_command() {
  return {"plan", "Print the cells of a study with their ids, without running anything", [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto format = std::make_shared<std::string>("text");
            add_study(app, *arguments);
            add_listing_format(app, *format);
            return [arguments, format] { return print_plan(open_target(*arguments, /*warn=*/true), *format); };
          }};
}

}  // namespace klbench
