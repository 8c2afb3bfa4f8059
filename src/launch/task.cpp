#include "launch/task.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <set>

#include "config/cell_files.h"
#include "core/append.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "core/shared_folder.h"
#include "launch/local_launcher.h"
#include "launch/stop_signals.h"
#include "launch/submissions.h"
#include "storage/cell_file.h"
#include "storage/lock.h"

namespace klbench {

namespace {

constexpr int kTickMilliseconds = 500;
constexpr double kProgressSeconds = 2;  // between two writes of how far a cell is
constexpr double kDeadSeconds = 1800;   // after which a cell on which nothing is written has nobody at it
constexpr double kLockedSeconds = 5;    // between two looks at a cell that another process is at

class Task {
 public:
  Task(Submission submission, std::size_t number)
      : submission_(std::move(submission)), number_(number), launcher_(make_local_launcher()) {}

  int run(const std::string& requeue) {
    const int code = work();
    if (code == kTaskStopped && stop_.signal() == SIGUSR1 && !submission_.cancelled() && !requeue.empty()) {
      const auto result = run_process({"/bin/sh", "-c", requeue});
      if (!result.ok()) fmt::print(stderr, "klbench: {}: {}\n", requeue, one_line(result.err));
    }
    return code;
  }

 private:
  int work() {
    append_durably(submission_.file(number_, ".started"),
                   fmt::format("{} {} {:%Y-%m-%dT%H:%M:%SZ}\n", LockHolder::self().host, ::getpid(),
                               fmt::gmtime(std::time(nullptr))));
    std::int64_t from = 0;
    std::set<std::string> ended;
    for (auto& end : read_ends(submission_.file(number_, ".ends"), from)) ended.insert(end.id);
    for (const auto& spec : submission_.tasks[number_]) {
      if (ended.contains(spec.id)) continue;
      if (stop_.count() > 0 || submission_.cancelled()) return kTaskStopped;
      const auto end = train(spec);
      if (!end) return kTaskStopped;
      append_durably(submission_.file(number_, ".ends"), end_line(spec.id, *end));
    }
    return 0;
  }

  /// How the cell ended; nothing where this task was stopped instead.
  std::optional<WorkerEnd> train(const LaunchSpec& spec) {
    auto seen = Clock::now();
    std::string traces;
    while (true) {
      look_again(spec.result.parent_path());
      if (version_of(spec.result) != spec.before) return finished_elsewhere(spec);
      launcher_->start(with_own_driver(spec));
      const WorkerEnd end = watch(spec);
      if (end.exit_code == kWorkerLocked && stop_.count() == 0) {
        const std::string now = traces_of(spec);
        if (now != traces) seen = Clock::now();
        traces = now;
        if (seconds_since(seen) > kDeadSeconds) return end;  // a lock that nobody will give back: its text says which
        wait_for_other();
        continue;
      }
      if (stop_.count() > 0 && end.exit_code != kWorkerDone && end.exit_code != kWorkerDiverged) return std::nullopt;
      return end;
    }
  }

  /// A worker ends with the process that started it: here this one, not the driver.
  static LaunchSpec with_own_driver(LaunchSpec spec) {
    for (std::size_t i = 0; i + 1 < spec.argv.size(); ++i) {
      if (spec.argv[i] == "--driver") spec.argv[i + 1] = std::to_string(::getpid());
    }
    return spec;
  }

  WorkerEnd watch(const LaunchSpec& spec) {
    bool asked = false;
    auto written = Clock::now() - std::chrono::hours(1);
    while (true) {
      if (stop_.count() > 0 && !asked) {
        asked = true;
        launcher_->request_stop();
      }
      for (auto& event : launcher_->wait(kTickMilliseconds, stop_.fd())) {
        if (event.kind == LaunchEvent::Kind::ended) return std::move(event.end);
        const bool epoch = event.progress.stage != CellProgress::Stage::training;
        if (!epoch && seconds_since(written) < kProgressSeconds) continue;
        written = Clock::now();
        write_progress(spec.id, event.progress);
      }
      stop_.drain();
    }
  }

  /// Not durably: what is lost here is only seen.
  void write_progress(const std::string& id, const CellProgress& progress) {
    const auto path = submission_.file(number_, ".progress");
    const std::filesystem::path fresh = path.string() + ".new";
    std::error_code error;
    try {
      const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
      if (file.get() < 0) return;
      write_all(file.get(), task_progress(id, progress), fresh);
    } catch (const Error&) {
      return;
    }
    std::filesystem::rename(fresh, path, error);
  }

  void wait_for_other() {
    const auto start = Clock::now();
    while (seconds_since(start) < kLockedSeconds && stop_.count() == 0) {
      launcher_->wait(kTickMilliseconds, stop_.fd());
      stop_.drain();
    }
  }

  /// What whoever is at the cell leaves when it gets on.
  static std::string traces_of(const LaunchSpec& spec) {
    const auto files = CellFiles::beside(spec.result);
    return version_of(files.journal()) + version_of(files.checkpoint());
  }

  /// Published since the cell was asked for.
  static WorkerEnd finished_elsewhere(const LaunchSpec& spec) {
    WorkerEnd end;
    end.exit_code = read_cell(spec.result).status == CellStatus::diverged ? kWorkerDiverged : kWorkerDone;
    return end;
  }

  Submission submission_;
  std::size_t number_;
  std::unique_ptr<Launcher> launcher_;
  StopSignals stop_;
};

}  // namespace

int run_task(const std::filesystem::path& submission, std::size_t task, const std::string& requeue) {
  Submission found = read_submission(submission);
  if (task >= found.tasks.size()) {
    throw UsageError(Place{submission.string(), 0, 0},
                     fmt::format("has {} tasks, counted from 0: there is no task {}", found.tasks.size(), task));
  }
  return Task(std::move(found), task).run(requeue);
}

}  // namespace klbench
