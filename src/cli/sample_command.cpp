#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/kept_cell.h"

namespace klbench {

namespace {

struct SampleArguments {
  KeptCellArguments cell;
  std::int64_t seed = 0;
  double temperature = 1;
};

int sample(const SampleArguments& arguments) {
  print_lines(engine().sample(find_kept_model(arguments.cell), arguments.cell.count, arguments.temperature,
                              static_cast<std::uint64_t>(arguments.seed)));
  return 0;
}

}  // namespace

Command sample_command() {
  return {"sample", "Print sentences, or one picture (PGM), decoded from draws of the prior, from a kept cell",
          [](CLI::App& app) {
            auto arguments = std::make_shared<SampleArguments>();
            add_kept_cell(app, arguments->cell);
            wants_whole(app.add_option("--count", arguments->cell.count, "How many (default 10)"), 1, 1000000);
            wants_whole(app.add_option("--seed", arguments->seed, "Seed of the draws (default 0)"), 0);
            wants_number(app.add_option("--temperature", arguments->temperature,
                                        "Of text; 0: the likeliest word each time (default 1)"),
                         0, 100);
            return [arguments] { return sample(*arguments); };
          }};
}

}  // namespace klbench
