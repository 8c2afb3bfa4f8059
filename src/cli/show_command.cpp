#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "plotting/report.h"
#include "plotting/rows.h"

namespace klbench {

Command show_command() {
  return {"show", "Print a study's cells and main results as a table",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            add_result_file(app, *arguments);
            auto metrics = std::make_shared<std::vector<std::string>>();
            app.add_option("--metric", *metrics, "Columns (default: the usual ones), e.g. nll,kl,train_seconds")
                ->delimiter(',')
                ->type_name("LIST");
            auto baseline = std::make_shared<std::string>();
            app.add_option("--baseline", *baseline, "Row to compare the others with (default: the study's, else vae)")
                ->type_name("ROW");
            return [arguments, metrics, baseline] {
              StudyResult study = read_results(*arguments);
              if (!baseline->empty()) set_baseline(study, *baseline);
              fmt::print("{}", show_text(study, *metrics));
              return 0;
            };
          },
          Command::kReadsResults};
}

}  // namespace klbench
