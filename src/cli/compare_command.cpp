#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "plotting/comparison.h"
#include "plotting/selection.h"

namespace klbench {

namespace {

struct CompareArguments {
  StudyArguments results;
  CompareRequest request;
  std::vector<std::string> margins, filters;
  std::string format = "text";
};

/// "0.5", or "nll=0.5", which is of one metric.
void add_margin(const std::string& text, CompareRequest& request) {
  const std::size_t equals = text.find('=');
  const std::string number = equals == std::string::npos ? text : text.substr(equals + 1);
  double margin = 0;
  if (!CLI::detail::lexical_cast(number, margin)) {
    throw UsageError(fmt::format("--margin {}: not a number; write --margin 0.5 or --margin nll=0.5", one_line(text)));
  }
  request.margins[equals == std::string::npos ? "" : text.substr(0, equals)] = margin;
}

int compare(CompareArguments arguments) {
  for (const auto& margin : arguments.margins) add_margin(margin, arguments.request);
  const StudyResult study = read_results(arguments.results);
  arguments.request.filter = filter_selector(study, arguments.filters);
  const RowComparison comparison = compare_rows(study, arguments.request);
  fmt::print("{}", arguments.format == "json" ? to_json(comparison) : to_text(comparison));
  return 0;
}

}  // namespace

Command compare_command() {
  return {"compare", "Compare two rows of a study: differences with intervals, tests, equivalence within a margin",
          [](CLI::App& app) {
            auto arguments = std::make_shared<CompareArguments>();
            add_result_file(app, arguments->results);
            app.add_option(
                   "a", arguments->request.a,
                   "Row: its label as `show` prints it, its method, or as many of its options as tell it from others")
                ->required()
                ->type_name("A");
            app.add_option("b", arguments->request.b, "Row to compare it with; differences are A - B")
                ->required()
                ->type_name("B");
            app.add_option("--metric", arguments->request.metrics, "Metrics (default: the usual ones), e.g. nll,kl")
                ->delimiter(',')
                ->type_name("LIST");
            app.add_option("--split", arguments->request.split, "test (default) or valid")->type_name("SPLIT");
            add_filter(app, arguments->filters);
            app.add_option("--margin", arguments->margins,
                           "Also test for equivalence within so much, in the metric's units: 0.5, or nll=0.5,kl=0.2")
                ->delimiter(',')
                ->type_name("LIST");
            add_format(app, arguments->format, {"text", "json"});
            return [arguments] { return compare(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
