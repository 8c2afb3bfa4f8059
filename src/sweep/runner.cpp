#include "sweep/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <map>

#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "core/shared_folder.h"
#include "launch/stop_signals.h"
#include "storage/manifest.h"
#include "storage/set_aside.h"
#include "sweep/cell_states.h"
#include "sweep/verify.h"

namespace klbench {

namespace {

constexpr int kRedrawMilliseconds = 500;
// A worker that has just found this process stopped may stop itself a moment after it was continued.
constexpr std::chrono::seconds kKeepContinuing(2);

class Runner {
 public:
  Runner(const std::vector<CellTask>& tasks, const ResultsLayout& layout, const RunOptions& options, Launcher& launcher)
      : tasks_(tasks),
        layout_(layout),
        options_(options),
        launcher_(launcher),
        manifest_(layout.manifest()),
        view_(options.progress),
        cells_(tasks.size()),
        schedule_(examine(), options.policy) {}

  RunSummary run();

 private:
  struct Cell {
    int attempts = 0;  // over all runs
    std::string reason;
    bool finished_before = false;
    bool ours = false;   // a worker of this run is at it
    std::string before;  // version_of its result when the attempt began
    CellProgress progress;
    CellProgress begun;  // its first report
    Clock::time_point begun_at;
  };

  CellFiles files(std::size_t cell) const { return layout_.cell(tasks_[cell].id); }
  std::vector<CellStatus> examine();
  void adopt(const std::vector<std::size_t>& unverified, std::vector<CellStatus>& states);
  bool leaving();
  void start_cells();
  void start(std::size_t cell);
  void could_not_start(std::size_t cell, int exit_code, const Error& error);
  void handle(const LaunchEvent& event);
  void progressed(std::size_t cell, const CellProgress& progress);
  void attempt_ended(std::size_t cell, const WorkerEnd& end);
  void publish(std::size_t cell, const Outcome& outcome);
  void react_to_signals();
  void pause();
  void count_work(const Cell& cell, CellStatus state, const WorkerEnd& end);
  RunSnapshot snapshot() const;
  void draw();
  void event(std::size_t cell, const std::string& what);
  RunSummary summarize() const;

  const std::vector<CellTask>& tasks_;
  const ResultsLayout& layout_;
  const RunOptions& options_;
  Launcher& launcher_;
  Manifest manifest_;
  ProgressView view_;
  StopSignals stop_;
  std::map<std::string, std::string> under_way_;  ///< what the launcher has from an earlier run; read by examine()
  std::vector<Cell> cells_;
  Schedule schedule_;
  double worked_ = 0;  // as in RunSnapshot
  double worked_seconds_ = 0;
  std::size_t trained_ = 0;
  int signals_handled_ = 0;
  bool stop_requested_ = false;
  bool left_running_ = false;
  Clock::time_point continued_ = Clock::now() - kKeepContinuing;
  Clock::time_point started_ = Clock::now();
};

std::vector<CellStatus> Runner::examine() {
  std::vector<CellStatus> states;
  under_way_ = launcher_.under_way();
  std::vector<std::size_t> unverified;
  for (std::size_t cell = 0; cell < tasks_.size(); ++cell) {
    const CellSituation situation = examine_cell(layout_, tasks_[cell].id, manifest_);
    if (situation.outcome) {
      cells_[cell].attempts = situation.outcome->attempts;
      cells_[cell].reason = situation.outcome->reason;
    }
    if (situation.unverified) unverified.push_back(cell);
    // Of an earlier run of ours: the launcher takes it up again.
    const bool ours = situation.state == CellStatus::running && under_way_.contains(tasks_[cell].id);
    states.push_back(ours ? CellStatus::stale : situation.state);
  }
  adopt(unverified, states);
  for (std::size_t cell = 0; cell < tasks_.size(); ++cell) cells_[cell].finished_before = finished(states[cell]);
  return states;
}

/// Results that no manifest line vouches for (the driver died right after they were published) count once verified.
void Runner::adopt(const std::vector<std::size_t>& unverified, std::vector<CellStatus>& states) {
  std::vector<std::filesystem::path> paths;
  for (const std::size_t cell : unverified) paths.push_back(files(cell).result());
  const auto verdicts = verify_in_child(paths);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const std::size_t cell = unverified[i];
    if (!verdicts[i].ok || verdicts[i].id != tasks_[cell].id) {
      const std::string problem = verdicts[i].ok ? "holds cell " + verdicts[i].id : verdicts[i].problem;
      event(cell, fmt::format("its result is not usable, set aside as {}, training again: {}",
                              set_aside(paths[i]).filename().string(), one_line(problem)));
      continue;
    }
    manifest_.add(tasks_[cell].id, paths[i], verdicts[i].hash);
    states[cell] = CellStatus::done;
    if (verdicts[i].status != CellStatus::diverged) continue;
    states[cell] = CellStatus::diverged;
    WorkerEnd end;
    end.exit_code = kWorkerDiverged;
    end.error = verdicts[i].reason;
    Outcome outcome = judge(end, true);
    cells_[cell].reason = outcome.reason;
    write_outcome(files(cell).outcome(), outcome);
  }
}

RunSummary Runner::run() {
  while (true) {
    react_to_signals();
    if (leaving()) break;
    start_cells();
    if (schedule_.idle()) break;
    draw();
    for (const auto& launch_event : launcher_.wait(kRedrawMilliseconds, stop_.fd())) handle(launch_event);
    stop_.drain();
  }
  view_.close();
  return summarize();
}

/// Cells that outlive this process are left alone when it is told to go, or once all are handed over (--detach).
bool Runner::leaving() {
  if (!launcher_.outlives_driver()) return false;
  left_running_ = schedule_.running() > 0 &&
                  (stop_.count() > 0 || (options_.detach && schedule_.waiting() == 0 && launcher_.settled()));
  return left_running_ || stop_.count() > 0;
}

void Runner::start_cells() {
  const std::size_t at_once = launcher_.outlives_driver() ? tasks_.size() : options_.workers;
  while (schedule_.running() < at_once) {
    if (stop_.count() > 0) return;
    const auto cell = schedule_.next();
    if (!cell) return;
    start(*cell);
  }
}

void Runner::start(std::size_t cell) {
  const CellTask& task = tasks_[cell];
  Cell& state = cells_[cell];
  const auto taken_up = under_way_.extract(task.id);
  state.before = taken_up ? taken_up.mapped() : version_of(files(cell).result());
  state.progress = {};
  ++state.attempts;
  if (state.finished_before && !taken_up &&
      !options_.policy.again.contains(cell)) {  // --retrain, --retry-diverged: from the start
    state.finished_before = false;
    std::filesystem::remove(files(cell).checkpoint());
    std::filesystem::remove(files(cell).journal());
  }
  // What outlives this process may be taken up from another folder.
  const auto named = [this](const std::filesystem::path& path) {
    return launcher_.outlives_driver() ? std::filesystem::absolute(path) : path;
  };
  LaunchSpec spec;
  spec.cell = cell;
  spec.argv = options_.worker.empty() ? std::vector<std::string>{executable_path(), "cell"} : options_.worker;
  for (const auto& argument : {std::string("--config"), named(files(cell).config()).string(), std::string("--id"),
                               task.id, std::string("--folder"), named(layout_.folder()).string(),
                               std::string("--driver"), std::to_string(::getpid())}) {
    spec.argv.push_back(argument);
  }
  for (const auto& plugin : options_.plugins) {
    spec.argv.push_back("--plugin");
    spec.argv.push_back(plugin);
  }
  spec.id = task.id;
  spec.log = named(files(cell).log());
  spec.result = named(files(cell).result());
  spec.before = state.before;
  spec.attempt = state.attempts;
  spec.timeout = options_.timeout;
  spec.memory_limit = options_.max_rss;
  try {
    write_file_durably(files(cell).config(), task.config);
    launcher_.start(spec);
    state.ours = true;
    const char* why = options_.policy.again.contains(cell) ? "trained again for its weights, " : "";
    const std::string what = launcher_.outlives_driver() ? "to be submitted" : "started";
    event(cell, why + what + (state.attempts == 1 ? "" : fmt::format(", attempt {}", state.attempts)));
  } catch (const StorageError& error) {
    could_not_start(cell, kWorkerStorage, error);
  } catch (const Error& error) {
    could_not_start(cell, kWorkerFailed, error);
  }
}

void Runner::could_not_start(std::size_t cell, int exit_code, const Error& error) {
  WorkerEnd end;
  end.exit_code = exit_code;
  end.error = error.what();
  attempt_ended(cell, end);
}

void Runner::handle(const LaunchEvent& launch_event) {
  if (launch_event.kind == LaunchEvent::Kind::note) {
    view_.event(launch_event.note);
  } else if (launch_event.kind == LaunchEvent::Kind::progress) {
    progressed(launch_event.cell, launch_event.progress);
  } else {
    attempt_ended(launch_event.cell, launch_event.end);
  }
}

void Runner::progressed(std::size_t cell, const CellProgress& progress) {
  Cell& state = cells_[cell];
  if (state.progress.epochs <= 0) {
    state.begun = progress;
    state.begun_at = Clock::now();
    if (progress.resumed_after > 0) event(cell, resumed_text(progress));
  }
  state.progress = progress;
  if (!view_.live() && progress.stage == CellProgress::Stage::epoch_ended) {
    event(cell, epoch_text(progress) + standing_text(snapshot()));
  }
}

/// What an attempt that ended says of the speed of this run; a finished cell is whole, also where it stopped early.
void Runner::count_work(const Cell& cell, CellStatus state, const WorkerEnd& end) {
  const CellProgress& now = cell.progress;
  const double begun = cell.begun.epochs_done;
  const double share = finished(state) && now.epochs > 0 ? 1 - begun / now.epochs : share_trained(now, begun);
  if (share <= 0) return;
  worked_ += share;
  worked_seconds_ += end.seconds;
}

void Runner::attempt_ended(std::size_t cell, const WorkerEnd& end) {
  if (launcher_.outlives_driver()) look_again(layout_.folder());
  const std::string now = version_of(files(cell).result());
  Outcome outcome = judge(end, !now.empty() && now != cells_[cell].before);
  outcome.attempts = cells_[cell].attempts;
  cells_[cell].reason = outcome.reason;
  cells_[cell].ours = false;
  count_work(cells_[cell], outcome.state, end);
  if (finished(outcome.state)) publish(cell, outcome);
  const bool again = schedule_.ended(cell, outcome);
  if (outcome.state != CellStatus::done) {
    try {
      write_outcome(files(cell).outcome(), outcome);
    } catch (const Error& error) {
      event(cell, error.what());
    }
  }
  const char* what_next = !again                                     ? ""
                          : outcome.state == CellStatus::unconfirmed ? ": replayed in a fresh process"
                                                                     : "; will be tried again";
  event(cell, fmt::format("{}{}{}{}{}", to_string(outcome.state),
                          end.seconds > 0 ? " after " + duration_text(end.seconds) : "",
                          outcome.reason.empty() ? "" : ": " + outcome.reason, what_next,
                          view_.live() ? "" : standing_text(snapshot())));
  if (outcome.ends_run) {
    view_.event("the run ends here: nothing more can be written; make room and run it again");
  }
}

void Runner::publish(std::size_t cell, const Outcome& outcome) {
  const auto path = files(cell).result();
  manifest_.add(tasks_[cell].id, path, file_hash(path));
  if (outcome.state != CellStatus::done) return;
  ++trained_;
  std::error_code error;
  std::filesystem::remove(files(cell).outcome(), error);
}

/// Ctrl-Z: the workers first, then this process, until it is continued.
void Runner::pause() {
  launcher_.pause();
  view_.close();
  ::kill(::getpid(), SIGSTOP);
  continued_ = Clock::now();
}

void Runner::react_to_signals() {
  if (stop_.take_pause()) pause();
  if (stop_.take_continue()) continued_ = Clock::now();
  if (Clock::now() - continued_ < kKeepContinuing) launcher_.resume();
  if (schedule_.stopped() && !stop_requested_) {  // --fail-fast
    stop_requested_ = true;
    launcher_.request_stop();
  }
  if (stop_.count() == signals_handled_) return;
  signals_handled_ = stop_.count();
  schedule_.stop();
  if (launcher_.outlives_driver()) return;
  if (signals_handled_ > 1) {
    launcher_.kill_all();
  } else {
    view_.event("stopping: cells write a checkpoint and leave; once more stops at once");
    stop_requested_ = true;
    launcher_.request_stop();
  }
}

RunSnapshot Runner::snapshot() const {
  RunSnapshot snapshot;
  snapshot.study = layout_.study;
  snapshot.total = tasks_.size();
  snapshot.done = schedule_.count(CellStatus::done);
  snapshot.failed = schedule_.count(CellStatus::failed) + schedule_.count(CellStatus::diverged);
  snapshot.waiting = schedule_.waiting();
  snapshot.workers = options_.workers;
  snapshot.worked = worked_;
  snapshot.worked_seconds = worked_seconds_;
  snapshot.seconds = seconds_since(started_);
  for (std::size_t cell = 0; cell < tasks_.size(); ++cell) {
    const Cell& state = cells_[cell];
    if (!state.ours) continue;
    const double seconds = state.progress.epochs > 0 ? seconds_since(state.begun_at) : 0;
    snapshot.running.push_back({tasks_[cell].label, state.progress, state.begun.epochs_done, seconds});
  }
  return snapshot;
}

void Runner::draw() {
  if (view_.live()) view_.table(snapshot());
}

void Runner::event(std::size_t cell, const std::string& what) {
  view_.event(fmt::format("[{}/{}] {} {}: {}", cell + 1, tasks_.size(), tasks_[cell].id.substr(0, 8),
                          tasks_[cell].label, what));
}

RunSummary Runner::summarize() const {
  RunSummary summary;
  summary.total = tasks_.size();
  summary.trained = trained_;
  summary.done = schedule_.count(CellStatus::done);
  summary.diverged = schedule_.count(CellStatus::diverged);
  summary.failed = schedule_.count(CellStatus::failed);
  summary.unfinished = summary.total - summary.done - summary.diverged - summary.failed;
  summary.signal = stop_.signal();
  summary.left_running = left_running_;
  for (std::size_t cell = 0; cell < tasks_.size(); ++cell) {
    const CellStatus state = schedule_.states()[cell];
    if (!schedule_.selected()[cell] || state == CellStatus::done) continue;
    summary.incomplete = true;
    if (state == CellStatus::failed || state == CellStatus::diverged) {
      summary.failures.push_back({tasks_[cell].id, tasks_[cell].label, state, cells_[cell].reason, files(cell).log()});
    }
  }
  return summary;
}

}  // namespace

RunSummary run_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout, const RunOptions& options,
                     Launcher& launcher) {
  return Runner(tasks, layout, options, launcher).run();
}

}  // namespace klbench
