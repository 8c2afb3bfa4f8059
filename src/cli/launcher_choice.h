#pragma once

#include <string>
#include <vector>

#include "config/study.h"
#include "launch/registry.h"

namespace klbench {

/// The launcher of a study's run: --launcher, --launcher-option, the study's `launcher`, launchers.yaml of the user.
LauncherChoice launcher_of(const Study& study, const std::string& named = "",
                           const std::vector<std::string>& settings = {});

}  // namespace klbench
