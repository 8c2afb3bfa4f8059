#include "sweep/worker_protocol.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace klbench {

namespace {

/// JSON has no NaN: it travels as null.
double number(const nlohmann::json& json, const char* key) {
  const auto value = json.find(key);
  if (value == json.end() || !value->is_number()) return std::nan("");
  return value->get<double>();
}

std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string progress_line(const CellProgress& progress) {
  return dump({{"progress",
                {{"epochs_done", progress.epochs_done},
                 {"epochs", progress.epochs},
                 {"loss", progress.loss},
                 {"kl", progress.kl},
                 {"tokens_per_second", progress.tokens_per_second}}}});
}

std::string error_line(const std::string& message) { return dump({{"error", message}}); }

std::optional<WorkerMessage> parse_worker_line(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  WorkerMessage message;
  if (const auto error = json.find("error"); error != json.end() && error->is_string()) {
    message.error = error->get<std::string>();
    return message;
  }
  const auto progress = json.find("progress");
  if (progress == json.end() || !progress->is_object()) return std::nullopt;
  message.progress =
      CellProgress{number(*progress, "epochs_done"), number(*progress, "epochs"), number(*progress, "loss"),
                   number(*progress, "kl"), number(*progress, "tokens_per_second")};
  return message;
}

}  // namespace klbench
