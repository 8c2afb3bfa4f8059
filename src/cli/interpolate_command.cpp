#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/kept_cell.h"
#include "metrics/samples.h"

namespace klbench {

namespace {

struct Arguments {
  KeptCellArguments cell;
  std::int64_t from = 0;
  std::int64_t to = 1;
  std::int64_t steps = 7;
};

int interpolate(const Arguments& arguments) {
  KeptCell cell = open_kept_cell(arguments.cell);
  const Sentences& split = cell.corpus->split(arguments.cell.split);
  check_row(split, arguments.cell.split, arguments.from);
  check_row(split, arguments.cell.split, arguments.to);
  const auto means = posterior_means(cell, split);
  for (const auto& text : interpolation(cell.model, cell.corpus->words, means[arguments.from], means[arguments.to],
                                        arguments.steps, longest_sentence(cell))) {
    fmt::print("{}\n", text);
  }
  return 0;
}

}  // namespace

Command interpolate_command() {
  return {"interpolate", "Print sentences on the line between the posterior means of two, from a kept cell",
          [](CLI::App& app) {
            auto arguments = std::make_shared<Arguments>();
            add_kept_cell(app, arguments->cell);
            app.add_option("--split", arguments->cell.split, "train, valid or test (default)");
            app.add_option("--from", arguments->from, "Number of the first sentence (default 0)");
            app.add_option("--to", arguments->to, "Number of the last (default 1)");
            app.add_option("--steps", arguments->steps, "Points, both ends included (default 7)")
                ->check(CLI::Range(2, 10000));
            return [arguments] { return interpolate(*arguments); };
          }};
}

}  // namespace klbench
