#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/study_target.h"
#include "plotting/report.h"
#include "plotting/rows.h"
#include "plotting/selection.h"

namespace klbench {

namespace {

struct ShowArguments {
  StudyArguments results;
  ShowRequest request;
  std::vector<std::string> filters;
  std::string baseline;
  std::string format = "text";
};

int show(ShowArguments arguments) {
  StudyResult study = read_results(arguments.results);
  if (!arguments.baseline.empty()) set_baseline(study, arguments.baseline);
  arguments.request.filter = filter_selector(study, arguments.filters);
  const auto print = arguments.format == "json" ? show_json : arguments.format == "csv" ? show_csv : show_text;
  fmt::print("{}", print(study, arguments.request));
  return 0;
}

}  // namespace

Command show_command() {
  return {"show", "Print a study's cells and main results as a table",
          [](CLI::App& app) {
            auto arguments = std::make_shared<ShowArguments>();
            ShowRequest& request = arguments->request;
            add_result_file(app, arguments->results);
            app.add_option("--metric", request.metrics, "Columns (default: the usual ones), e.g. nll,kl,train_seconds")
                ->delimiter(',')
                ->type_name("LIST");
            app.add_option("--split", request.split, "test (default) or valid")->type_name("SPLIT");
            app.add_option("--baseline", arguments->baseline,
                           "Row to compare the others with (default: the study's, else vae)")
                ->type_name("ROW");
            add_filter(app, arguments->filters);
            add_sort(app, request.rows.sort);
            app.add_flag("--per-seed", request.rows.per_seed, "A row a cell instead of mean and deviation");
            add_listing_format(app, arguments->format);
            return [arguments] { return show(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
