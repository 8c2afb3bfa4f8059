#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "plotting/selection.h"
#include "storage/export.h"

namespace klbench {

Command export_command() {
  return {"export", "Print the numbers of a study in long form, one row a number",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto format = std::make_shared<std::string>("csv");
            add_result_file(app, *arguments);
            app.add_option("--format", *format, "csv (default) or json")->type_name("FORMAT");
            auto examples = std::make_shared<bool>(false);
            app.add_flag("--examples", *examples, "Print the values by test sentence instead: rec, kl, nll");
            auto filters = std::make_shared<std::vector<std::string>>();
            auto split = std::make_shared<std::string>();
            auto sort = std::make_shared<std::string>();
            add_filter(app, *filters);
            app.add_option("--split", *split, "Only this one: test, valid or train")->type_name("SPLIT");
            add_sort(app, *sort);
            return [arguments, format, examples, filters, split, sort] {
              if (*format != "csv" && *format != "json")
                throw UsageError(unknown_name("format", *format, {"csv", "json"}));
              StudyResult study = read_results(*arguments);
              reduce(study, filter_selector(study, *filters), *split, *sort);
              const ExportRows rows = *examples ? ExportRows::examples : ExportRows::metrics;
              fmt::print("{}", *format == "csv" ? export_csv(study, rows) : export_json(study, rows));
              return 0;
            };
          },
          Command::kReadsResults};
}

}  // namespace klbench
