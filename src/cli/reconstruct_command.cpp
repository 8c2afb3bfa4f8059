#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/kept_cell.h"

namespace klbench {

namespace {

struct ReconstructArguments {
  KeptCellArguments cell;
  std::int64_t first = 0;
};

int reconstruct(const ReconstructArguments& arguments) {
  const auto& cell = arguments.cell;
  print_lines(engine().reconstruct(find_kept_model(cell), cell.split, arguments.first, cell.count));
  return 0;
}

}  // namespace

Command reconstruct_command() {
  return {"reconstruct",
          "Print examples and their reconstructions, tab-separated, or of images one picture (PGM), from a kept cell",
          [](CLI::App& app) {
            auto arguments = std::make_shared<ReconstructArguments>();
            add_kept_cell(app, arguments->cell);
            app.add_option("--split", arguments->cell.split, "train, valid or test (default)");
            wants_whole(app.add_option("--first", arguments->first, "The first example, from 0 on (default 0)"), 0);
            wants_whole(app.add_option("--count", arguments->cell.count, "How many (default 10)"), 1, 1000000);
            return [arguments] { return reconstruct(*arguments); };
          }};
}

}  // namespace klbench
