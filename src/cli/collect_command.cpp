#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "sweep/run_study.h"

namespace klbench {

Command collect_command() {
  return {"collect", "Write results/<study>.h5 from the finished cells", [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            add_study(app, *arguments);
            return [arguments] {
              const StudyTarget target = open_target(*arguments);
              const auto missing = collect_study(target.plan.study, target.cells, target.layout);
              fmt::print("{}: {} of {} cells\n", target.layout.study_file().string(),
                         target.cells.size() - missing.size(), target.cells.size());
              return 0;
            };
          }};
}

}  // namespace klbench
