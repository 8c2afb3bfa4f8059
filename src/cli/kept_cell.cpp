#include "cli/kept_cell.h"

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/cell_target.h"
#include "sweep/plugins.h"

namespace klbench {

void add_kept_cell(CLI::App& app, KeptCellArguments& arguments) {
  app.add_option("cell", arguments.cell,
                 "<study>/<id>, or a path; the beginning of the id is enough. It is kept by keep.model: true")
      ->required()
      ->type_name("CELL");
  add_results(app, arguments.results);
  add_plugins(app, arguments.plugins);
}

KeptModel find_kept_model(const KeptCellArguments& arguments) {
  KeptModel model{find_cell_file(arguments.cell, arguments.results, ".model"), arguments.plugins};
  probe_plugins(arguments.plugins);
  return model;
}

void print_lines(const std::vector<std::string>& lines) {
  for (const auto& line : lines) fmt::print("{}\n", line);
}

}  // namespace klbench
