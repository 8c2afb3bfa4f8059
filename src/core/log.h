#pragma once

#include <spdlog/spdlog.h>

namespace klbench {

/// Sends spdlog to standard error as plain "level: message" lines; debug lines only when `verbose`.
void setup_logging(bool verbose);

}  // namespace klbench
