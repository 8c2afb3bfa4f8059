#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/kept_cell.h"
#include "metrics/samples.h"

namespace klbench {

namespace {

struct Arguments {
  KeptCellArguments cell;
  std::int64_t first = 0;
};

int reconstruct(const Arguments& arguments) {
  KeptCell cell = open_kept_cell(arguments.cell);
  const Sentences& split = cell.corpus->split(arguments.cell.split);
  check_row(split, arguments.cell.split, arguments.first);
  const std::int64_t end = std::min(split.size(), arguments.first + arguments.cell.count);
  const auto means = posterior_means(cell, split).slice(0, arguments.first, end);
  const auto decoded = decode(cell.model, means, longest_sentence(cell), 0.0, 0);
  for (std::int64_t row = arguments.first; row < end; ++row) {
    fmt::print("{}\t{}\n", sentence_text(sentence_of(split, row), cell.corpus->words),
               sentence_text(decoded[static_cast<std::size_t>(row - arguments.first)], cell.corpus->words));
  }
  return 0;
}

}  // namespace

Command reconstruct_command() {
  return {"reconstruct", "Print sentences and their greedy reconstructions, tab-separated, from a kept cell",
          [](CLI::App& app) {
            auto arguments = std::make_shared<Arguments>();
            add_kept_cell(app, arguments->cell);
            app.add_option("--split", arguments->cell.split, "train, valid or test (default)");
            app.add_option("--first", arguments->first, "The first sentence, from 0 on (default 0)");
            app.add_option("--count", arguments->cell.count, "How many (default 10)")->check(CLI::Range(1, 1000000));
            return [arguments] { return reconstruct(*arguments); };
          }};
}

}  // namespace klbench
