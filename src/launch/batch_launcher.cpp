#include "launch/batch_launcher.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "launch/submissions.h"

namespace klbench {

namespace {

constexpr double kFileSeconds = 1;   // between two looks at the files of tasks
constexpr double kBusySeconds = 15;  // before a busy system is asked again
constexpr int kLosses = 3;           // tasks in a row that a cell may lose without getting on
constexpr std::size_t kManyTasks = 256;

/// One task, and what is known of it.
struct TaskState {
  std::set<std::string> left;  ///< cells that have not ended
  std::int64_t ends_read = 0;  ///< bytes
  bool gone = false;           ///< the system knows it no more, since:
  Clock::time_point gone_since{};
};

/// A submission under way: one job of the system.
struct Run {
  Submission submission;
  std::vector<TaskState> tasks;
  std::string job;    ///< id; empty: not submitted yet, or by a driver that died before it knew
  bool ours = false;  ///< made by this driver, so that an empty id means not submitted
  bool cancelled = false;

  bool over() const {
    return std::all_of(tasks.begin(), tasks.end(), [](const TaskState& task) { return task.left.empty(); });
  }
};

class BatchLauncher : public Launcher {
 public:
  BatchLauncher(std::unique_ptr<BatchSystem> system, BatchOptions options)
      : system_(std::move(system)), options_(std::move(options)) {
    for (auto& submission : open_submissions(options_.jobs)) take_up(std::move(submission), false);
  }

  void start(const LaunchSpec& spec) override {
    cells_[spec.id] = spec;
    if (!claimed_.contains(spec.id)) waiting_.push_back(spec.id);
  }

  std::vector<LaunchEvent> wait(int timeout_ms, int wake_fd) override {
    std::vector<LaunchEvent> events;
    submit_waiting(events);
    if (seconds_since(looked_) >= kFileSeconds) {
      looked_ = Clock::now();
      for (auto& run : runs_) read_files(run, events);
    }
    ask_system(events);
    close_finished();
    if (events.empty()) {
      pollfd wake{wake_fd, POLLIN, 0};
      ::poll(&wake, 1, std::min(timeout_ms, static_cast<int>(1000 * kFileSeconds)));
    }
    return events;
  }

  void request_stop() override { cancel_all(); }
  void kill_all() override { cancel_all(); }
  void pause() override {}  // tasks are the batch system's business, this process alone may stop
  void resume() override {}
  bool outlives_driver() const override { return true; }
  bool settled() const override {
    return waiting_.empty() && std::none_of(runs_.begin(), runs_.end(), [](const Run& run) { return run.job.empty(); });
  }
  std::set<std::string> under_way() override { return claimed_; }

 private:
  void take_up(Submission submission, bool ours);
  void submit_waiting(std::vector<LaunchEvent>& events);
  void submit(Run& run);
  void read_files(Run& run, std::vector<LaunchEvent>& events);
  void ask_system(std::vector<LaunchEvent>& events);
  void look_for_lost(Run& run, const std::set<std::size_t>& alive, std::vector<LaunchEvent>& events);
  void lost(Run& run, const std::string& id, std::vector<LaunchEvent>& events);
  void ended(const std::string& id, WorkerEnd end, std::vector<LaunchEvent>& events);
  void close_finished();
  void cancel_all();
  void busy(const BatchBusy& why, std::vector<LaunchEvent>& events);
  bool may_ask() const { return Clock::now() >= not_before_; }

  std::unique_ptr<BatchSystem> system_;
  BatchOptions options_;
  std::map<std::string, LaunchSpec> cells_;  ///< what the caller started and has not heard the end of
  std::set<std::string> claimed_;            ///< cells left in runs_
  std::vector<std::string> waiting_;         ///< to be submitted
  std::vector<Run> runs_;
  std::map<std::string, int> losses_;
  std::map<std::string, double> reached_;  ///< epochs
  Clock::time_point looked_{}, asked_{}, not_before_{};
  bool said_busy_ = false, stopping_ = false;
};

void add_note(std::string text, std::vector<LaunchEvent>& events) {
  LaunchEvent event;
  event.kind = LaunchEvent::Kind::note;
  event.note = std::move(text);
  events.push_back(std::move(event));
}

void BatchLauncher::take_up(Submission submission, bool ours) {
  Run run{std::move(submission), {}, "", ours};
  if (run.submission.cancelled()) {
    run.submission.close();
    return;
  }
  for (std::size_t number = 0; number < run.submission.tasks.size(); ++number) {
    TaskState task;
    for (const auto& spec : run.submission.tasks[number]) task.left.insert(spec.id);
    if (!ours) {
      for (const auto& end : read_ends(run.submission.file(number, ".ends"), task.ends_read)) task.left.erase(end.id);
    }
    claimed_.insert(task.left.begin(), task.left.end());
    run.tasks.push_back(std::move(task));
  }
  run.job = run.submission.job();
  runs_.push_back(std::move(run));
}

/// One submission for as many tasks as a job may have.
void BatchLauncher::submit_waiting(std::vector<LaunchEvent>& events) {
  if (stopping_ || !may_ask()) return;
  try {
    if (!waiting_.empty()) {
      const std::size_t largest = system_->largest_job();
      const std::size_t together =
          options_.cells_per_task > 0 ? options_.cells_per_task : (waiting_.size() + kManyTasks - 1) / kManyTasks;
      std::vector<std::vector<LaunchSpec>> tasks;
      const auto flush = [&] {
        if (!tasks.empty()) take_up(make_submission(options_.jobs, std::exchange(tasks, {})), true);
      };
      for (const auto& id : std::exchange(waiting_, {})) {
        if (tasks.empty() || tasks.back().size() == together) {
          if (tasks.size() == largest) flush();
          tasks.emplace_back();
        }
        tasks.back().push_back(cells_.at(id));
      }
      flush();
    }
    for (auto& run : runs_) {
      if (!run.job.empty()) continue;
      submit(run);
      add_note(fmt::format("submitted as job {}: {} tasks", run.job, run.tasks.size()), events);
      said_busy_ = false;
    }
  } catch (const BatchBusy& why) {
    busy(why, events);
  }
}

void BatchLauncher::submit(Run& run) {
  const std::string name = fmt::format("klbench-{}-{}", options_.study, run.submission.name());
  if (!run.ours) run.job = system_->find(name);
  if (run.job.empty()) {
    try {
      run.job = system_->submit({name, run.submission.folder, options_.program, run.tasks.size()});
    } catch (const BatchBusy&) {
      throw;
    } catch (const Error&) {  // it will never be taken: nothing is under way
      run.submission.close();
      throw;
    }
  }
  run.submission.set_job(run.job);
}

void BatchLauncher::read_files(Run& run, std::vector<LaunchEvent>& events) {
  for (std::size_t number = 0; number < run.tasks.size(); ++number) {
    TaskState& task = run.tasks[number];
    if (task.left.empty()) continue;
    const auto progress = read_progress(run.submission.file(number, ".progress"));
    if (task.left.contains(progress.id) && cells_.contains(progress.id) &&
        progress.progress.epochs_done > reached_[progress.id]) {
      reached_[progress.id] = progress.progress.epochs_done;
      losses_[progress.id] = 0;
      events.push_back({LaunchEvent::Kind::progress, cells_.at(progress.id).cell, progress.progress, {}});
    }
    for (auto& end : read_ends(run.submission.file(number, ".ends"), task.ends_read)) {
      task.left.erase(end.id);
      claimed_.erase(end.id);
      ended(end.id, std::move(end.end), events);
    }
  }
}

void BatchLauncher::ask_system(std::vector<LaunchEvent>& events) {
  if (!may_ask() || seconds_since(asked_) < options_.poll_seconds) return;
  asked_ = Clock::now();
  std::set<std::string> ids;
  for (const auto& run : runs_) {
    if (!run.job.empty()) ids.insert(run.job);
  }
  if (ids.empty()) return;
  try {
    auto alive = system_->alive(ids);
    said_busy_ = false;
    for (auto& run : runs_) {
      if (run.job.empty()) continue;
      run.cancelled = run.cancelled || run.submission.cancelled();
      look_for_lost(run, alive[run.job], events);
    }
  } catch (const BatchBusy& why) {
    busy(why, events);
  }
}

void BatchLauncher::look_for_lost(Run& run, const std::set<std::size_t>& alive, std::vector<LaunchEvent>& events) {
  for (std::size_t number = 0; number < run.tasks.size(); ++number) {
    TaskState& task = run.tasks[number];
    if (task.left.empty() || alive.contains(number)) {
      task.gone = false;
    } else if (!task.gone) {
      task.gone = true;
      task.gone_since = Clock::now();
    } else if (seconds_since(task.gone_since) > options_.settle_seconds) {
      for (const auto& id : std::exchange(task.left, {})) lost(run, id, events);
    }
  }
}

/// Its task has left without a word of this cell.
void BatchLauncher::lost(Run& run, const std::string& id, std::vector<LaunchEvent>& events) {
  claimed_.erase(id);
  if (!cells_.contains(id)) return;
  WorkerEnd end;
  if (run.cancelled || stopping_) {
    end.exit_code = kWorkerInterrupted;
    end.stop_requested = true;
    end.error = "its job was cancelled";
  } else if (++losses_[id] < kLosses) {
    waiting_.push_back(id);
    add_note(fmt::format("{}: its task of job {} is gone (node, time limit or cancelled there); submitted again", id,
                         run.job),
             events);
    return;
  } else {
    end.exit_code = kWorkerFailed;
    end.error = fmt::format("lost {} tasks in a row, the last in job {}: see {}", kLosses, run.job,
                            run.submission.folder.string());
  }
  ended(id, std::move(end), events);
}

void BatchLauncher::ended(const std::string& id, WorkerEnd end, std::vector<LaunchEvent>& events) {
  const auto cell = cells_.find(id);
  if (cell == cells_.end()) return;
  events.push_back({LaunchEvent::Kind::ended, cell->second.cell, {}, std::move(end)});
  cells_.erase(cell);
  losses_.erase(id);
  reached_.erase(id);
}

void BatchLauncher::close_finished() {
  for (const auto& run : runs_) {
    if (run.over()) run.submission.close();
  }
  std::erase_if(runs_, [](const Run& run) { return run.over(); });
}

void BatchLauncher::cancel_all() {
  stopping_ = true;
  for (auto& run : runs_) {
    run.cancelled = true;
    run.submission.cancel();
    if (!run.job.empty()) system_->cancel(run.job);
  }
}

void BatchLauncher::busy(const BatchBusy& why, std::vector<LaunchEvent>& events) {
  not_before_ = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000 * kBusySeconds));
  if (!std::exchange(said_busy_, true)) {
    add_note(fmt::format("the batch system does not answer or takes no more just now, asked again every {:.0f} s: {}",
                         kBusySeconds, one_line(why.what())),
             events);
  }
}

}  // namespace

std::unique_ptr<Launcher> make_batch_launcher(std::unique_ptr<BatchSystem> system, BatchOptions options) {
  return std::make_unique<BatchLauncher>(std::move(system), std::move(options));
}

std::size_t cancel_jobs(BatchSystem& system, const std::filesystem::path& jobs, const std::string& study) {
  std::size_t cells = 0;
  for (const auto& submission : open_submissions(jobs)) {
    submission.cancel();
    std::string job = submission.job();
    if (job.empty()) job = system.find(fmt::format("klbench-{}-{}", study, submission.name()));
    if (!job.empty()) system.cancel(job);
    for (const auto& task : submission.tasks) cells += task.size();
  }
  return cells;
}

}  // namespace klbench
