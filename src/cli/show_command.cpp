#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "storage/cell_file.h"
#include "storage/export.h"

namespace klbench {

Command show_command() {
  return {"show", "Print a study's cells and main results as a table",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            add_result_file(app, *arguments);
            return [arguments] {
              fmt::print("{}", show_text(read_study(result_file(*arguments))));
              return 0;
            };
          },
          Command::kReadsResults};
}

}  // namespace klbench
