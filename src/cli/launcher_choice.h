#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "config/study.h"
#include "launch/registry.h"

namespace klbench {

/// --launcher and --launcher-option, repeated; --gpus N is the option gpus=N.
struct LauncherArguments {
  std::string launcher;
  std::vector<std::string> settings;
};
void add_launcher(CLI::App& app, LauncherArguments& arguments);

/// The launcher of a study's run: --launcher, --launcher-option, the study's `launcher`, launchers.yaml of the user.
/// Throws UsageError where there is none such or its options will not do.
LauncherChoice launcher_of(const Study& study, const LauncherArguments& arguments);

}  // namespace klbench
