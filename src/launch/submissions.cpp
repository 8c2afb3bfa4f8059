#include "launch/submissions.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/shared_folder.h"
#include "launch/worker_protocol.h"

namespace klbench {

namespace {

using nlohmann::json;

bool there(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

json to_json_of(const LaunchSpec& spec) {
  return {{"id", spec.id},
          {"argv", spec.argv},
          {"log", spec.log.string()},
          {"result", spec.result.string()},
          {"before", spec.before},
          {"attempt", spec.attempt},
          {"timeout", spec.timeout},
          {"memory_limit", spec.memory_limit}};
}

LaunchSpec spec_of(const json& in) {
  LaunchSpec spec;
  spec.id = in.at("id").get<std::string>();
  spec.argv = in.at("argv").get<std::vector<std::string>>();
  spec.log = in.at("log").get<std::string>();
  spec.result = in.at("result").get<std::string>();
  spec.before = in.at("before").get<std::string>();
  spec.attempt = in.at("attempt").get<int>();
  spec.timeout = in.at("timeout").get<double>();
  spec.memory_limit = in.at("memory_limit").get<double>();
  return spec;
}

std::vector<std::filesystem::path> folders_in(const std::filesystem::path& jobs) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(jobs, error)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// "<time>-<number>-<process>": sorts behind all that are there, also where those are of a host whose clock is ahead.
std::string next_name(const std::filesystem::path& jobs) {
  auto time = fmt::format("{:%Y%m%dT%H%M%S}", fmt::gmtime(std::time(nullptr)));
  int number = 0;
  if (const auto there = folders_in(jobs); !there.empty()) {
    const std::string last = there.back().filename().string();
    const auto last_time = last.substr(0, time.size());
    if (last_time >= time) {
      time = last_time;
      number = std::atoi(last.substr(std::min(last.size(), time.size() + 1)).c_str()) + 1;
    }
  }
  return fmt::format("{}-{:04}-{}", time, number, ::getpid());
}

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

bool Submission::closed() const { return there(folder / "closed"); }
bool Submission::cancelled() const { return there(folder / "cancelled"); }
void Submission::close() const { write_file_durably(folder / "closed", ""); }
void Submission::cancel() const { write_file_durably(folder / "cancelled", ""); }
void Submission::set_job(const std::string& id) const { write_file_durably(folder / "job", id + "\n"); }

std::string Submission::job() const {
  const std::string text = read_file_if_there(folder / "job").value_or("");
  return text.substr(0, text.find('\n'));
}

Submission make_submission(const std::filesystem::path& jobs, std::vector<std::vector<LaunchSpec>> tasks) {
  std::filesystem::create_directories(jobs);
  Submission submission;
  submission.tasks = std::move(tasks);
  do {
    submission.folder = jobs / next_name(jobs);
  } while (!std::filesystem::create_directory(submission.folder));
  json all = json::array();
  for (std::size_t task = 0; task < submission.tasks.size(); ++task)
    std::ofstream(submission.file(task, ".ends"), std::ios::app);
  for (const auto& task : submission.tasks) {
    json cells = json::array();
    for (const auto& spec : task) cells.push_back(to_json_of(spec));
    all.push_back(std::move(cells));
  }
  write_file_durably(submission.folder / "cells.json", dumped(all) + "\n");
  return submission;
}

Submission read_submission(const std::filesystem::path& folder) {
  Submission submission;
  submission.folder = folder;
  const auto path = folder / "cells.json";
  const auto text = read_file_if_there(path);
  if (!text)
    throw UsageError(Place{path.string(), 0, 0}, "no such file: tasks are submitted by klbench run --launcher");
  try {
    for (const auto& task : json::parse(*text)) {
      submission.tasks.emplace_back();
      for (const auto& cell : task) submission.tasks.back().push_back(spec_of(cell));
    }
  } catch (const json::exception& error) {
    throw UsageError(Place{path.string(), 0, 0}, "damaged: " + one_line(error.what()));
  }
  return submission;
}

std::vector<Submission> open_submissions(const std::filesystem::path& jobs) {
  std::vector<Submission> open;
  for (const auto& folder : folders_in(jobs)) {
    look_again(folder);
    if (!there(folder / "cells.json") || Submission{folder, {}}.closed()) continue;
    try {
      open.push_back(read_submission(folder));
    } catch (const Error&) {  // damaged: whatever ran there, its results count
    }
  }
  return open;
}

std::string end_line(const std::string& id, const WorkerEnd& end) {
  return "\n" +
         dumped({{"id", id},
                 {"exit_code", end.exit_code},
                 {"signal", end.signal},
                 {"seconds", end.seconds},
                 {"peak_megabytes", end.peak_megabytes},
                 {"timeout", end.timeout},
                 {"memory_limit", end.memory_limit},
                 {"stop_requested", end.stop_requested},
                 {"error", end.error},
                 {"log_tail", end.log_tail}}) +
         "\n";
}

std::vector<CellEnd> read_ends(const std::filesystem::path& path, std::int64_t& from) {
  std::vector<CellEnd> ends;
  std::ifstream file(path, std::ios::binary);
  if (!file.seekg(from)) return ends;
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::size_t start = 0;
  for (std::size_t stop = 0; (stop = text.find('\n', start)) != std::string::npos; start = stop + 1) {
    const json line = json::parse(text.substr(start, stop - start), nullptr, false);
    try {
      WorkerEnd end;
      end.exit_code = line.at("exit_code").get<int>();
      end.signal = line.at("signal").get<int>();
      end.seconds = line.at("seconds").get<double>();
      end.peak_megabytes = line.at("peak_megabytes").get<double>();
      end.timeout = line.at("timeout").get<double>();
      end.memory_limit = line.at("memory_limit").get<double>();
      end.stop_requested = line.at("stop_requested").get<bool>();
      end.error = line.at("error").get<std::string>();
      end.log_tail = line.at("log_tail").get<std::vector<std::string>>();
      ends.push_back({line.at("id").get<std::string>(), std::move(end)});
    } catch (const json::exception&) {  // torn by a fault: the cell counts as lost
    }
  }
  from += static_cast<std::int64_t>(start);
  return ends;
}

std::map<std::string, std::string> queued_cells(const std::filesystem::path& jobs) {
  std::map<std::string, std::string> where;
  for (const auto& submission : open_submissions(jobs)) {
    if (submission.cancelled()) continue;
    const std::string job = submission.job();
    for (std::size_t task = 0; task < submission.tasks.size(); ++task) {
      for (const auto& spec : submission.tasks[task])
        where[spec.id] = fmt::format("job {}, task {}", job.empty() ? "not known yet" : job, task);
      std::int64_t from = 0;
      for (const auto& end : read_ends(submission.file(task, ".ends"), from)) where.erase(end.id);
    }
  }
  return where;
}

std::string task_progress(const std::string& id, const CellProgress& progress) {
  return id + "\n" + progress_line(progress) + "\n";
}

TaskProgress read_progress(const std::filesystem::path& path) {
  std::ifstream file(path);
  TaskProgress found;
  std::string line;
  if (!std::getline(file, found.id) || !std::getline(file, line)) return {};
  const auto message = parse_worker_line(line);
  if (!message || !message->progress) return {};
  found.progress = *message->progress;
  return found;
}

}  // namespace klbench
