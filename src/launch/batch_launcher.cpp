#include "launch/batch_launcher.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "core/shared_folder.h"
#include "launch/submissions.h"

namespace klbench {

namespace {

constexpr double kFileSeconds = 1;  // between two looks at the files of tasks
constexpr int kLosses = 3;          // tasks in a row that a cell may lose without getting on
constexpr std::size_t kManyTasks = 256;
constexpr std::size_t kAnyRoom = 1 << 20;

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
  std::string job;         ///< id; empty: not submitted yet, or by a driver that died before it knew
  bool ours = false;       ///< made by this driver, so that an empty id means not submitted
  bool tried = false;      ///< this driver has asked for it to be taken
  bool cancelled = false;  ///< when it was taken up, or by this launcher

  bool over() const {
    return std::all_of(tasks.begin(), tasks.end(), [](const TaskState& task) { return task.left.empty(); });
  }
};

class BatchLauncher : public Launcher {
 public:
  BatchLauncher(std::unique_ptr<BatchSystem> system, BatchOptions options)
      : system_(std::move(system)), options_(std::move(options)) {
    auto earlier = open_submissions(options_.jobs);
    std::reverse(earlier.begin(), earlier.end());  // a cell that went out again is the newest one's
    for (auto& submission : earlier) take_up(std::move(submission), false);
  }

  void start(const LaunchSpec& spec) override {
    cells_[spec.id] = spec;
    if (!claimed_.contains(spec.id)) waiting_.push_back(spec.id);
  }

  std::vector<LaunchEvent> wait(int timeout_ms, int wake_fd) override {
    std::vector<LaunchEvent> events;
    submit_waiting(events);
    if (seconds_since(looked_) >= std::max(kFileSeconds, 5 * looking_)) {
      const auto start = Clock::now();
      for (auto& run : runs_) read_files(run, events);
      looking_ = seconds_since(start);
      looked_ = Clock::now();
    }
    ask_system(events);
    if (stopping_) stop_unsubmitted(events);
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
  std::map<std::string, std::string> under_way() const override { return claimed_; }

 private:
  void take_up(Submission submission, bool ours);
  void submit_waiting(std::vector<LaunchEvent>& events);
  void submit(Run& run, std::vector<LaunchEvent>& events);
  void drop(Run& run);
  void read_files(Run& run, std::vector<LaunchEvent>& events);
  void ask_system(std::vector<LaunchEvent>& events);
  void look_for_lost(Run& run, const std::set<std::size_t>& alive, std::vector<LaunchEvent>& events);
  std::string under_way_in(const Run& run, std::size_t number) const;
  void lost(Run& run, const std::string& id, bool counts, std::vector<LaunchEvent>& events);
  void ended(const std::string& id, WorkerEnd end, std::vector<LaunchEvent>& events);
  void close_finished();
  void cancel_all();
  /// Not asked again for a while, which is said once.
  void busy(const Error& why, Clock::time_point& not_before, std::vector<LaunchEvent>& events);
  void stop_unsubmitted(std::vector<LaunchEvent>& events);
  void cancel(Run& run);

  std::unique_ptr<BatchSystem> system_;
  BatchOptions options_;
  std::map<std::string, LaunchSpec> cells_;     ///< what the caller started and has not heard the end of
  std::map<std::string, std::string> claimed_;  ///< cells left in runs_, and their LaunchSpec::before
  std::vector<std::string> waiting_;            ///< to be submitted
  std::vector<Run> runs_;
  std::size_t room_ = kAnyRoom;  ///< tasks that the system may take at once: halved and doubled by what it says
  std::map<std::string, int> losses_;
  std::map<std::string, double> reached_;  ///< epochs
  Clock::time_point looked_{}, asked_{}, no_submit_before_{}, no_question_before_{};
  double looking_ = 0;  ///< seconds that a look at all files takes
  bool said_busy_ = false, stopping_ = false;
};

WorkerEnd interrupted(std::string why) {
  WorkerEnd end;
  end.exit_code = kWorkerInterrupted;
  end.stop_requested = true;
  end.error = std::move(why);
  return end;
}

void add_note(std::string text, std::vector<LaunchEvent>& events) {
  LaunchEvent event;
  event.kind = LaunchEvent::Kind::note;
  event.note = std::move(text);
  events.push_back(std::move(event));
}

void BatchLauncher::take_up(Submission submission, bool ours) {
  Run run{std::move(submission), {}, "", ours};
  run.job = run.submission.job();
  run.cancelled = run.submission.cancelled();
  if (run.cancelled && run.job.empty()) {
    run.submission.close();
    return;
  }
  for (std::size_t number = 0; number < run.submission.tasks.size(); ++number) {
    TaskState task;
    std::set<std::string> ended;
    if (!ours) {
      for (const auto& end : read_ends(run.submission.file(number, ".ends"), task.ends_read)) ended.insert(end.id);
    }
    for (const auto& spec : run.submission.tasks[number]) {
      if (!ended.contains(spec.id) && claimed_.emplace(spec.id, spec.before).second) task.left.insert(spec.id);
    }
    run.tasks.push_back(std::move(task));
  }
  runs_.push_back(std::move(run));
}

/// One submission after another, of as many tasks as a job may have and the system has room for.
void BatchLauncher::submit_waiting(std::vector<LaunchEvent>& events) {
  if (stopping_ || Clock::now() < no_submit_before_) return;
  try {
    for (auto& run : runs_) {
      if (run.job.empty() && !run.over()) submit(run, events);
    }
    const std::size_t together =
        options_.cells_per_task > 0 ? options_.cells_per_task : (waiting_.size() + kManyTasks - 1) / kManyTasks;
    while (!waiting_.empty()) {
      const std::size_t count = std::min(waiting_.size(), together * std::min(system_->largest_job(), room_));
      std::vector<std::vector<LaunchSpec>> tasks((count + together - 1) / together);
      for (std::size_t i = 0; i < count; ++i) tasks[i / together].push_back(cells_.at(waiting_[i]));
      take_up(make_submission(options_.jobs, std::move(tasks)), true);
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      submit(runs_.back(), events);
    }
  } catch (const BatchBusy& why) {
    busy(why, no_submit_before_, events);
  }
}

void BatchLauncher::submit(Run& run, std::vector<LaunchEvent>& events) {
  const std::string name = run.submission.job_name(options_.study);
  try {
    if (!run.ours) run.job = system_->find(name);
    if (run.job.empty() && !run.ours && !run.tried) {
      drop(run);  // an intent of a driver that died: what is wanted of it goes out anew
      return;
    }
    run.tried = true;
    if (run.job.empty()) run.job = system_->submit({name, run.submission.folder, options_.program, run.tasks.size()});
  } catch (const BatchFull&) {
    if (run.tasks.size() == 1) throw;
    room_ = run.tasks.size() / 2;
    drop(run);
    return;
  } catch (const BatchBusy&) {
    run.ours = run.ours && !run.tried;  // it may have been taken: looked for before it is submitted again
    throw;
  } catch (const BatchRefused&) {  // nothing is under way
    drop(run);
    throw;
  }
  run.submission.set_job(run.job);
  room_ = std::min(room_, kAnyRoom / 2) * 2;
  add_note(fmt::format("submitted as job {}: {} tasks", run.job, run.tasks.size()), events);
  said_busy_ = false;
}

/// A run of which the system has nothing.
void BatchLauncher::drop(Run& run) {
  run.submission.close();
  std::vector<std::string> wanted;
  for (auto& task : run.tasks) {
    for (const auto& id : std::exchange(task.left, {})) {
      claimed_.erase(id);
      if (cells_.contains(id)) wanted.push_back(id);
    }
  }
  waiting_.insert(waiting_.begin(), wanted.begin(), wanted.end());
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
      if (task.left.erase(end.id) == 0) continue;  // of a task that runs twice
      claimed_.erase(end.id);
      ended(end.id, std::move(end.end), events);
    }
  }
}

void BatchLauncher::ask_system(std::vector<LaunchEvent>& events) {
  if (Clock::now() < no_question_before_ || seconds_since(asked_) < options_.poll_seconds) return;
  asked_ = Clock::now();
  std::set<std::string> ids;
  for (const auto& run : runs_) {
    if (!run.job.empty()) ids.insert(run.job);
  }
  if (ids.empty()) return;
  try {
    auto alive = system_->alive(ids);
    for (auto& run : runs_) {
      if (run.job.empty()) continue;
      if (stopping_ && !run.cancelled) cancel(run);
      look_for_lost(run, alive[run.job], events);
    }
  } catch (const BatchBusy& why) {
    busy(why, no_question_before_, events);
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
      look_again(run.submission.folder);
      read_files(run, events);
      const auto started = version_of(run.submission.file(number, ".started"));
      const auto at = under_way_in(run, number);
      for (const auto& id : std::exchange(task.left, {})) lost(run, id, started.empty() || id == at, events);
    }
  }
}

/// The cell that a task was at when it was last heard of: the first that has not ended.
std::string BatchLauncher::under_way_in(const Run& run, std::size_t number) const {
  for (const auto& spec : run.submission.tasks[number]) {
    if (run.tasks[number].left.contains(spec.id)) return spec.id;
  }
  return "";
}

/// Its task has left without a word of this cell.
void BatchLauncher::lost(Run& run, const std::string& id, bool counts, std::vector<LaunchEvent>& events) {
  claimed_.erase(id);
  if (!cells_.contains(id)) return;
  const bool cancelled = run.submission.cancelled();
  if (stopping_ || (cancelled && !run.cancelled)) {
    ended(id, interrupted("its job was cancelled"), events);
  } else if (cancelled || (losses_[id] += counts ? 1 : 0) < kLosses) {
    waiting_.push_back(id);
    add_note(fmt::format("{}: its task of job {} is gone (node, time limit or cancelled there); submitted again", id,
                         run.job),
             events);
  } else {
    WorkerEnd end;
    end.exit_code = kWorkerFailed;
    end.error = fmt::format("lost {} tasks in a row, the last in job {}: see {}", kLosses, run.job,
                            run.submission.folder.string());
    ended(id, std::move(end), events);
  }
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
  for (auto& run : runs_) cancel(run);
}

/// Where that fails it is tried again with the next question.
void BatchLauncher::cancel(Run& run) {
  try {
    run.submission.cancel();
    if (!run.job.empty()) system_->cancel(run.job);
    run.cancelled = true;
  } catch (const Error&) {
  }
}

/// What never reached the system ends here.
void BatchLauncher::stop_unsubmitted(std::vector<LaunchEvent>& events) {
  for (auto& run : runs_) {
    if (run.job.empty()) drop(run);
  }
  for (const auto& id : std::exchange(waiting_, {}))
    ended(id, interrupted("the run was stopped before it was submitted"), events);
}

void BatchLauncher::busy(const Error& why, Clock::time_point& not_before, std::vector<LaunchEvent>& events) {
  not_before = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000 * options_.busy_seconds));
  if (!std::exchange(said_busy_, true)) {
    add_note(fmt::format("the batch system does not answer or takes no more just now, asked again every {:.0f} s: {}",
                         options_.busy_seconds, one_line(why.what())),
             events);
  }
}

}  // namespace

std::unique_ptr<Launcher> make_batch_launcher(std::unique_ptr<BatchSystem> system, BatchOptions options) {
  return std::make_unique<BatchLauncher>(std::move(system), std::move(options));
}

std::size_t cancel_jobs(BatchSystem& system, const std::filesystem::path& jobs, const std::string& study) {
  std::size_t cells = 0;
  const auto open = open_submissions(jobs);
  for (const auto& submission : open) {
    submission.cancel();
    for (const auto& task : submission.tasks) cells += task.size();
  }
  std::string failure;
  for (const auto& submission : open) {
    try {
      std::string job = submission.job();
      if (job.empty()) job = system.find(submission.job_name(study));
      if (!job.empty()) system.cancel(job);
    } catch (const Error& error) {
      failure = error.what();
    }
  }
  if (!failure.empty()) throw BatchBusy(failure);
  return cells;
}

}  // namespace klbench
