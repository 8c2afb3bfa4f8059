#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/launcher_choice.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "launch/batch_launcher.h"

namespace klbench {

namespace {

struct CancelArguments {
  StudyArguments study;
  LauncherArguments launcher;
};

int cancel(const CancelArguments& arguments) {
  const StudyTarget target = open_target(arguments.study);
  const LauncherChoice choice = launcher_of(target.plan.study, arguments.launcher);
  if (!choice.entry().system) {
    throw UsageError(
        fmt::format("launcher '{}' has no jobs to cancel: a local run is stopped by Ctrl-C; name the one "
                    "that ran it with --launcher",
                    choice.key));
  }
  const std::size_t cells =
      cancel_jobs(*choice.entry().system(choice.options), target.layout.jobs(), target.layout.study);
  fmt::print("{}: jobs of {} cells are told to write a checkpoint and leave; run goes on from there\n",
             target.layout.study, cells);
  return 0;
}

}  // namespace

Command cancel_command() {
  return {"cancel", "End the jobs of a study in the batch system, its cells at a checkpoint", [](CLI::App& app) {
            auto arguments = std::make_shared<CancelArguments>();
            add_study(app, arguments->study);
            add_launcher(app, arguments->launcher);
            return [arguments] { return cancel(*arguments); };
          }};
}

}  // namespace klbench
