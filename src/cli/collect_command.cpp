#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "sweep/run_study.h"

namespace klbench {

Command collect_command() {
  return {"collect", "Write results/<study>.h5 from the finished cells; exit code 1 where some are damaged",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            add_study(app, *arguments);
            return [arguments] {
              const StudyTarget target = open_target(*arguments);
              check_owner(target.layout, target.plan.study.file);
              const auto report =
                  collect_study(target.plan.study, target.arguments.settings, target.cells, target.layout);
              fmt::print("{}: {} of {} cells\n", target.layout.study_file().string(),
                         target.cells.size() - report.missing.size(), target.cells.size());
              for (const auto& line : report.damaged) fmt::print("damaged: {}\n", line);
              return report.damaged.empty() ? 0 : 1;
            };
          }};
}

}  // namespace klbench
