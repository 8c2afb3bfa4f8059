#include "sweep/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"

namespace klbench {

namespace {

std::string last_line(const std::vector<std::string>& lines) {
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (line->find_first_not_of(" \t\r") != std::string::npos) return one_line(*line);
  }
  return "";
}

/// The worker's own message, or the last line of its log.
std::string detail(const WorkerEnd& end) { return end.error.empty() ? last_line(end.log_tail) : one_line(end.error); }

std::string with_detail(const std::string& what, const WorkerEnd& end) {
  const std::string more = detail(end);
  return more.empty() ? what : what + ": " + more;
}

std::string failure_reason(const WorkerEnd& end) {
  if (end.timeout > 0) return fmt::format("timed out after {} s", end.timeout);
  if (end.memory_limit > 0) {
    return fmt::format("used {:.0f} MB of memory, more than --max-rss {:.0f} MB",
                       std::max(end.peak_megabytes, end.memory_limit), end.memory_limit);
  }
  if (end.signal == SIGKILL) {
    return fmt::format("{}; out of memory? (peak {:.0f} MB)", signal_name(SIGKILL), end.peak_megabytes);
  }
  if (end.signal != 0) return with_detail(signal_name(end.signal), end);
  if (end.exit_code == kWorkerDone || end.exit_code == kWorkerDiverged) {
    return fmt::format("exited with code {} without publishing a result", end.exit_code);
  }
  if (!end.error.empty()) return one_line(end.error);
  return with_detail(fmt::format("exited with code {}", end.exit_code), end);
}

}  // namespace

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  const char* text = ::sigdescr_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal) : fmt::format("SIG{} ({})", name, text);
}

Outcome judge(const WorkerEnd& end, bool published) {
  Outcome outcome;
  outcome.log_tail = end.log_tail;
  if (published && end.exit_code == kWorkerDone) {
    outcome.state = CellStatus::done;
  } else if (published && end.exit_code == kWorkerDiverged) {
    outcome.state = CellStatus::diverged;
    outcome.reason = end.error.empty() ? "the training loss became NaN or infinite" : one_line(end.error);
  } else if (end.exit_code == kWorkerUnconfirmed) {
    outcome.state = CellStatus::unconfirmed;
    outcome.reason = detail(end) + "; not confirmed yet";
  } else if (end.exit_code == kWorkerInterrupted || (end.stop_requested && end.signal != 0)) {
    outcome.state = CellStatus::interrupted;
    outcome.reason =
        end.exit_code == kWorkerInterrupted ? "stopped at a checkpoint" : "stopped by " + signal_name(end.signal);
  } else {
    outcome.state = CellStatus::failed;
    outcome.reason = failure_reason(end);
    outcome.ends_run = end.exit_code == kWorkerStorage;
    outcome.retryable = end.exit_code != kWorkerUsage && !outcome.ends_run;
  }
  if (finished(outcome.state)) outcome.retryable = false;
  return outcome;
}

void write_outcome(const std::filesystem::path& path, const Outcome& outcome) {
  const nlohmann::json json = {{"state", to_string(outcome.state)},
                               {"reason", outcome.reason},
                               {"attempts", outcome.attempts},
                               {"log", outcome.log_tail}};
  write_file_durably(path, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

std::optional<Outcome> read_outcome(const std::filesystem::path& path) {
  const auto text = read_file_if_there(path);
  if (!text) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  try {
    Outcome outcome;
    const auto state = cell_status(json.at("state").get<std::string>());
    if (!state) return std::nullopt;
    outcome.state = *state;
    outcome.reason = json.at("reason").get<std::string>();
    outcome.attempts = json.at("attempts").get<int>();
    outcome.log_tail = json.at("log").get<std::vector<std::string>>();
    return outcome;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace klbench
