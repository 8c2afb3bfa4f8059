#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "core/files.h"

namespace klbench {

namespace {

int logs(const StudyArguments& arguments, const std::string& prefix) {
  const StudyTarget target = locate_target(arguments);
  std::vector<const CellTask*> found;
  for (const auto& cell : target.cells) {
    if (cell.id.starts_with(prefix)) found.push_back(&cell);
  }
  if (found.size() != 1) {
    throw UsageError(fmt::format("{} cells of {} have an id that begins with '{}'; klbench status lists them",
                                 found.empty() ? "no" : std::to_string(found.size()), target.layout.study,
                                 one_line(prefix)));
  }
  const auto path = target.layout.cell(found[0]->id).log();
  const auto text = read_file_if_there(path);
  if (!text) {
    throw UsageError(Place{path.string(), 0, 0}, fmt::format("no such file: {} was never started", found[0]->label));
  }
  fmt::print("{}", *text);
  return 0;
}

}  // namespace

Command logs_command() {
  return {"logs", "Print the log of a cell: every attempt, wherever it ran", [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto cell = std::make_shared<std::string>();
            add_study(app, *arguments);
            app.add_option("cell", *cell, "Id of the cell, or its beginning")->required();
            return [arguments, cell] { return logs(*arguments, *cell); };
          }};
}

}  // namespace klbench
