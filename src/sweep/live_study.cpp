#include "sweep/live_study.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <regex>

#include "config/yaml_reader.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/shared_folder.h"
#include "launch/submissions.h"
#include "storage/cell_file.h"
#include "storage/cost.h"
#include "storage/epoch_columns.h"
#include "storage/journal.h"
#include "storage/lock.h"
#include "sweep/cell_states.h"
#include "sweep/progress_view.h"

namespace klbench {

namespace {

constexpr double kReadSeconds = 1;

/// Seconds from one file's last change to another's, by the clock of their file system; 0 where one is not there.
double seconds_between(const std::filesystem::path& first, const std::filesystem::path& second) {
  std::error_code error;
  const auto start = std::filesystem::last_write_time(first, error);
  if (error) return 0;
  const auto end = std::filesystem::last_write_time(second, error);
  return error ? 0 : std::max(0.0, std::chrono::duration<double>(end - start).count());
}

/// What earlier attempts at a cell, or all of a finished one, spent.
double seconds_spent(const std::filesystem::path& run_record) {
  const auto text = read_file_if_there(run_record);
  if (!text) return 0;
  const auto cost = cost_of(*text);
  const auto part = [&](const char* key) { return cost.contains(key) ? cost.at(key) : 0; };
  return part("train_seconds") + part("evaluation_seconds");
}

/// trainer.epochs of a cell that was started; 0 where it counts steps or is not known.
double planned_epochs(const std::filesystem::path& config) {
  const auto text = read_file_if_there(config);
  if (!text) return 0;
  const YamlNode root = parse_yaml(*text, config.string());
  const auto number = [&](const char* key) {
    const YamlNode* node = root.is_map() ? root.find(key) : nullptr;
    return node ? std::strtod(node->text.c_str(), nullptr) : 0;
  };
  return number("trainer.steps") > 0 ? 0 : number("trainer.epochs");
}

/// id -> how far the cells are that a batch system trains.
std::map<std::string, CellProgress> remote_progress(const std::filesystem::path& jobs) {
  std::map<std::string, CellProgress> found;
  for (const auto& submission : open_submissions(jobs)) {
    for (std::size_t task = 0; task < submission.tasks.size(); ++task) {
      const TaskProgress progress = read_progress(submission.file(task, ".progress"));
      if (!progress.id.empty()) found[progress.id] = progress.progress;
    }
  }
  return found;
}

}  // namespace

LiveStudy::LiveStudy(ResultsLayout layout, const std::vector<CellTask>& cells, std::string split, std::string metric)
    : layout_(std::move(layout)), split_(std::move(split)), metric_(std::move(metric)), seen_(cells.size()) {
  static const std::regex kSeed(" seed=[^ ]*$");
  for (const auto& cell : cells) {
    ids_.push_back(cell.id);
    cells_.push_back({.row = std::regex_replace(cell.label, kSeed, ""), .state = ""});
  }
}

void LiveStudy::look() {
  look_again(layout_.folder());
  const Manifest manifest(layout_.manifest());
  const auto queued = queued_cells(layout_.jobs());
  const auto remote = remote_progress(layout_.jobs());
  running_ = lock_is_held(layout_.lock()) || !queued.empty();
  look_at_file();
  all_read_ = true;
  const auto start = Clock::now();
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    CellSituation situation = examine_cell(layout_, ids_[i], manifest);
    situation.collected = situation.state == CellStatus::missing && in_file_.contains(ids_[i]);
    LiveCell& cell = cells_[i];
    cell.state = state_name(situation, queued.contains(ids_[i]));
    if (seconds_since(start) > kReadSeconds && finished(situation.state)) {
      all_read_ = all_read_ && seen_[i] == version_of(layout_.cell(ids_[i]).result());
      continue;
    }
    try {
      look_at(i, situation);
    } catch (const Error&) {  // goes, or is damaged: `verify` says so
    }
    if (const auto told = remote.find(ids_[i]); told != remote.end() && situation.state == CellStatus::running) {
      cell.epochs_done = std::max(cell.epochs_done, told->second.epochs_done);
      cell.epochs = told->second.epochs;
    }
  }
}

void LiveStudy::look_at_file() {
  const std::string version = version_of(layout_.study_file());
  if (version == file_seen_) return;
  file_seen_ = version;
  in_file_.clear();
  try {
    if (!version.empty()) {
      for (auto& id : read_study_ids(layout_.study_file())) in_file_.insert(std::move(id));
    }
  } catch (const Error&) {  // `verify` says what is wrong with it
  }
}

void LiveStudy::look_at(std::size_t i, const CellSituation& situation) {
  const CellFiles files = layout_.cell(ids_[i]);
  const bool is_done = finished(situation.state);
  const std::string version = version_of(is_done ? files.result() : files.journal());
  if (version.empty() || version == seen_[i]) return;
  seen_[i] = version;
  const auto epochs = is_done ? read_cell(files.result()).epochs : read_journal(files.journal());
  if (epochs.empty()) return;
  take(cells_[i], epochs);
  measure(i, is_done);
}

void LiveStudy::take(LiveCell& cell, const std::vector<EpochRecord>& epochs) {
  cell.curve.clear();
  for (const auto& record : epochs) {
    if (const auto names = record.metrics.find(split_); names != record.metrics.end()) {
      for (const auto& [name, value] : names->second) recorded_.insert(name);
    }
    if (const double* value = epoch_metric(record, split_, metric_); value && std::isfinite(*value)) {
      cell.curve.emplace_back(static_cast<double>(record.epoch), *value);
    }
    if (const double* value = epoch_metric(record, "valid", "kl")) cell.kl = *value;
    if (const double* value = epoch_metric(record, "valid", "elbo")) cell.valid_elbo = *value;
  }
  cell.epochs_done = static_cast<double>(epochs.back().epoch);
}

void LiveStudy::measure(std::size_t i, bool is_done) {
  const CellFiles files = layout_.cell(ids_[i]);
  LiveCell& cell = cells_[i];
  cell.epochs = planned_epochs(files.config());
  cell.seconds = seconds_spent(files.run_record());
  if (!is_done) {
    cell.seconds += seconds_between(files.config(), files.journal());
  } else if (seconds_between(layout_.plan(), files.result()) > 0) {
    trained_.insert(i);
  }
}

std::map<std::string, std::size_t> LiveStudy::counts() const {
  std::map<std::string, std::size_t> counts;
  for (const auto& cell : cells_) ++counts[cell.state];
  return counts;
}

bool LiveStudy::is_over() const {
  const auto open = [&](const LiveCell& cell) {
    const bool is_left = !running_ && (cell.state == "failed" || cell.state == "collected");
    return cell.state != "done" && cell.state != "diverged" && !is_left;
  };
  return all_read_ && std::none_of(cells_.begin(), cells_.end(), open);
}

double LiveStudy::remaining() const {
  if (!running_) return -1;
  RunSnapshot snapshot;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const LiveCell& cell = cells_[i];
    if (trained_.contains(i)) {
      ++snapshot.worked;
      snapshot.worked_seconds += cell.seconds;
    } else if (cell.state == "running") {
      snapshot.running.push_back({cell.row, {.epochs_done = cell.epochs_done, .epochs = cell.epochs}, 0, cell.seconds});
    } else if (cell.state != "done" && cell.state != "diverged" && cell.state != "failed" &&
               cell.state != "collected") {
      ++snapshot.waiting;
    }
  }
  snapshot.workers = std::max<std::size_t>(1, snapshot.running.size());
  return remaining_seconds(snapshot);
}

}  // namespace klbench
