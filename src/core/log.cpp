#include "core/log.h"

#include <spdlog/sinks/stdout_sinks.h>

namespace klbench {

void setup_logging(bool verbose) {
  auto logger = spdlog::stderr_logger_mt("klbench");
  logger->set_pattern("%l: %v");
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(verbose ? spdlog::level::debug : spdlog::level::info);
}

}  // namespace klbench
