#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "launch/task.h"

namespace klbench {

Command task_command() {
  return {"task", "Work through the cells of one task of a batch system",
          [](CLI::App& app) {
            struct Arguments {
              std::string folder, requeue;
              std::size_t task = 0;
            };
            auto arguments = std::make_shared<Arguments>();
            app.add_option("folder", arguments->folder, "Of the submission, results/<study>/jobs/<name>")->required();
            wants_whole(app.add_option("task", arguments->task, "Its number, from 0"), 0)->required();
            app.add_option("--requeue", arguments->requeue, "What puts the task back into the queue after USR1");
            return [arguments] { return run_task(arguments->folder, arguments->task, arguments->requeue); };
          },
          Command::kHidden};
}

}  // namespace klbench
