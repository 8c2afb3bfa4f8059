#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "storage/export.h"

namespace klbench {

Command export_command() {
  return {"export", "Print the numbers of a study in long form, one row a number",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto format = std::make_shared<std::string>("csv");
            add_result_file(app, *arguments);
            app.add_option("--format", *format, "csv (default) or json")->type_name("FORMAT");
            return [arguments, format] {
              if (*format != "csv" && *format != "json")
                throw UsageError(unknown_name("format", *format, {"csv", "json"}));
              const StudyResult study = read_results(*arguments);
              fmt::print("{}", *format == "csv" ? export_csv(study) : export_json(study));
              return 0;
            };
          },
          Command::kReadsResults};
}

}  // namespace klbench
