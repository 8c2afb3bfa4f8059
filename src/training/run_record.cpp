#include "training/run_record.h"

#include <fmt/chrono.h>
#include <hdf5.h>
#include <torch/version.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "core/build_info.h"
#include "core/cpus.h"
#include "core/files.h"
#include "core/process.h"

namespace klbench {

namespace {

constexpr const char* kSums[] = {
    "attempts",           "epochs_trained",    "train_tokens",        "train_seconds",
    "evaluation_seconds", "recording_seconds", "diagnostics_seconds", "unrepeated_divergences"};

std::string now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::now())); }

/// "A, then B" where a cell that began on A (`key` of the record) goes on on B: its numbers are those of neither.
std::string with_earlier(const nlohmann::json& record, const char* key, const std::string& name) {
  const auto earlier = record.find(key);
  if (earlier == record.end() || !earlier->is_string()) return name;
  const auto& text = earlier->get_ref<const std::string&>();
  return text.ends_with(name) ? text : fmt::format("{}, then {}", text, name);
}

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// Age of this process, to a hundredth of a second; 0 where /proc does not tell.
double process_seconds() {
  const auto state = process_state(::getpid());
  if (!state) return 0;
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const double seconds = static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  return seconds - static_cast<double>(state->start_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace

RunRecord::RunRecord(std::filesystem::path path) : path_(std::move(path)) {
  if (const auto text = read_file_if_there(path_)) record_ = nlohmann::json::parse(*text, nullptr, false);
  if (!record_.is_object()) record_ = nlohmann::json::object();
  for (const char* key : kSums) {
    if (record_.contains(key) && !record_[key].is_number()) record_.erase(key);  // a damaged record costs no cell
  }
  record_["attempts"] = record_.value("attempts", 0) + 1;
  if (!record_.contains("started")) record_["started"] = now();
}

void RunRecord::set_cell(const std::map<std::string, std::string>& identity, const std::string& device) {
  if (!identity.empty()) record_["identity"] = identity;
  on_card_ = device != "cpu";
}

void RunRecord::add(const char* key, double seconds) { record_[key] = record_.value(key, 0.0) + seconds; }

void RunRecord::set(const std::string& name, std::int64_t count) { record_[name] = count; }

void RunRecord::add_epoch(std::int64_t tokens, double seconds) {
  add("train_seconds", seconds);
  record_["train_tokens"] = record_.value("train_tokens", std::int64_t{0}) + tokens;
  record_["epochs_trained"] = record_.value("epochs_trained", 0) + 1;
}

void RunRecord::first_step_done() {
  if (!started_) record_["startup_seconds"] = process_seconds();
  started_ = true;
}

void RunRecord::write(CellStatus status) {
  record_["status"] = to_string(status);
  record_["written"] = now();
  record_["host"] = host_name();
  record_["cpu"] = resumed_ ? with_earlier(record_, "cpu", cpu_name()) : cpu_name();
  if (on_card_) record_["gpu"] = resumed_ ? with_earlier(record_, "gpu", gpu_names()) : gpu_names();
  record_["klbench"] = version();
  record_["git_revision"] = git_revision();
  record_["libtorch"] = TORCH_VERSION;
  record_["hdf5"] = hdf5_version();
  record_["peak_rss_mb"] = peak_rss_mib();
  if (const double seconds = record_.value("train_seconds", 0.0); seconds > 0) {
    record_["tokens_per_second"] = record_.value("train_tokens", 0.0) / seconds;
    record_["seconds_per_epoch"] = seconds / record_.value("epochs_trained", 1);
  }
  write_file_durably(path_, record_.dump(2) + "\n");
}

}  // namespace klbench
