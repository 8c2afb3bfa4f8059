#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "plotting/rows.h"
#include "plotting/selection.h"
#include "storage/export.h"
#include "storage/tensorboard.h"

namespace klbench {

namespace {

struct ExportArguments {
  StudyArguments results;
  std::string format = "csv";
  std::string out;
  std::vector<std::string> filters;
  std::string split;
  std::string sort;
  bool examples = false;
  bool wide = false;
};

void check(const ExportArguments& arguments) {
  if (arguments.examples && arguments.wide) throw UsageError("--examples and --wide are two tables; give one of them");
  if (arguments.examples && !arguments.split.empty() && arguments.split != "test") {
    throw UsageError(fmt::format("--split {}: --examples are those of test", one_line(arguments.split)));
  }
  if (arguments.format != "tensorboard") {
    if (!arguments.out.empty())
      throw UsageError("--out goes with --format tensorboard; tables are printed: write > FILE");
    return;
  }
  if (arguments.out.empty()) throw UsageError("--format tensorboard makes files: write --out DIR, their folder");
  if (arguments.examples || arguments.wide) throw UsageError("--examples and --wide go with --format csv or json");
}

int export_results(const ExportArguments& arguments) {
  check(arguments);
  StudyResult study = read_results(arguments.results);
  const auto labels = row_labels(study);  // of all cells
  reduce(study, filter_selector(study, arguments.filters), arguments.split, arguments.sort);
  if (arguments.format == "tensorboard") {
    const std::size_t runs = write_tensorboard(study, labels, arguments.out);
    fmt::print("{}: {} runs\n", arguments.out, runs);
    return 0;
  }
  const ExportRows rows = arguments.examples ? ExportRows::examples
                          : arguments.wide   ? ExportRows::cells
                                             : ExportRows::numbers;
  fmt::print("{}", arguments.format == "csv" ? export_csv(study, labels, rows) : export_json(study, labels, rows));
  return 0;
}

}  // namespace

Command export_command() {
  return {"export", "Print the numbers of a study as a tidy table, or write event files of TensorBoard",
          [](CLI::App& app) {
            auto arguments = std::make_shared<ExportArguments>();
            add_result_file(app, arguments->results);
            add_format(app, arguments->format, {"csv", "json", "tensorboard"});
            app.add_flag("--wide", arguments->wide, "One row a cell, one column a number at the end of training");
            app.add_flag("--examples", arguments->examples, "Print the values by test example instead: rec, kl, nll");
            expands_user(app.add_option("--out", arguments->out, "Folder of the event files"))->type_name("DIR");
            add_filter(app, arguments->filters);
            app.add_option("--split", arguments->split, "Only this one: test, valid or train")->type_name("SPLIT");
            add_sort(app, arguments->sort);
            return [arguments] { return export_results(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
