#include "launch/worker_protocol.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace klbench {

namespace {

using Stage = CellProgress::Stage;

constexpr std::array<std::pair<Stage, const char*>, 3> kStages = {
    {{Stage::training, "training"}, {Stage::epoch_ended, "epoch_ended"}, {Stage::evaluating, "evaluating"}}};

Stage stage_of(const nlohmann::json& progress) {
  for (const auto& [stage, name] : kStages) {
    if (progress.value("stage", nlohmann::json()) == name) return stage;
  }
  return Stage::training;
}

const char* name_of(Stage wanted) {
  for (const auto& [stage, name] : kStages) {
    if (stage == wanted) return name;
  }
  return "";
}

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
                {{"stage", name_of(progress.stage)},
                 {"epochs_done", progress.epochs_done},
                 {"epochs", progress.epochs},
                 {"resumed_after", progress.resumed_after},
                 {"loss", progress.loss},
                 {"kl", progress.kl},
                 {"valid_elbo", progress.valid_elbo},
                 {"tokens_per_second", progress.tokens_per_second},
                 {"images", progress.images}}}});
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
  message.progress = CellProgress{stage_of(*progress),
                                  number(*progress, "epochs_done"),
                                  number(*progress, "epochs"),
                                  number(*progress, "resumed_after"),
                                  number(*progress, "loss"),
                                  number(*progress, "kl"),
                                  number(*progress, "valid_elbo"),
                                  number(*progress, "tokens_per_second"),
                                  progress->value("images", nlohmann::json()) == true};
  return message;
}

}  // namespace klbench
