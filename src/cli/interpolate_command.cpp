#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/kept_cell.h"

namespace klbench {

namespace {

struct InterpolateArguments {
  KeptCellArguments cell;
  std::int64_t from = 0;
  std::int64_t to = 1;
  std::int64_t steps = 7;
};

int interpolate(const InterpolateArguments& arguments) {
  print_lines(engine().interpolate(find_kept_model(arguments.cell), arguments.cell.split, arguments.from, arguments.to,
                                   arguments.steps));
  return 0;
}

}  // namespace

Command interpolate_command() {
  return {
      "interpolate", "Print what lies between the posterior means of two sentences or images (PGM), from a kept cell",
      [](CLI::App& app) {
        auto arguments = std::make_shared<InterpolateArguments>();
        add_kept_cell(app, arguments->cell);
        app.add_option("--split", arguments->cell.split, "train, valid or test (default)");
        wants_whole(app.add_option("--from", arguments->from, "Number of the first example (default 0)"), 0);
        wants_whole(app.add_option("--to", arguments->to, "Number of the last (default 1)"), 0);
        wants_whole(app.add_option("--steps", arguments->steps, "Points, both ends included (default 7)"), 2, 10000);
        return [arguments] { return interpolate(*arguments); };
      }};
}

}  // namespace klbench
