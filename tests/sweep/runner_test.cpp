#include "sweep/runner.h"

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "storage/manifest.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

/// Ends every attempt at once, as `script` says for its cell and attempt.
class FakeLauncher : public Launcher {
 public:
  std::function<WorkerEnd(const LaunchSpec&)> script;
  std::vector<std::size_t> started;
  std::size_t most_at_once = 0;
  int stops = 0;
  int kills = 0;

  void start(const LaunchSpec& spec) override {
    started.push_back(spec.cell);
    running_.push_back(spec);
    most_at_once = std::max(most_at_once, running_.size());
  }
  std::vector<LaunchEvent> wait(int, int) override {
    std::vector<LaunchEvent> events;
    for (const auto& spec : running_) events.push_back({LaunchEvent::Kind::ended, spec.cell, {}, script(spec)});
    running_.clear();
    return events;
  }
  void request_stop() override { ++stops; }
  void pause() override {}
  void resume() override {}
  void kill_all() override { ++kills; }

 private:
  std::vector<LaunchSpec> running_;
};

struct RunnerFixture {
  TemporaryFolder folder;
  ResultsLayout layout{folder.path(), "tiny"};
  RunOptions options;
  FakeLauncher launcher;
  std::vector<CellTask> tasks = {
      {"aaaa", "vae seed=0", "a: 1\n"}, {"bbbb", "vae seed=1", "b: 1\n"}, {"cccc", "bn_vae", "c: 1\n"}};

  RunnerFixture() {
    std::filesystem::create_directories(layout.folder());
    options.progress = ProgressStyle::quiet;
    launcher.script = [this](const LaunchSpec& spec) { return publish(spec); };
  }

  WorkerEnd end(int code, const std::string& error = "") const {
    WorkerEnd result;
    result.exit_code = code;
    result.error = error;
    return result;
  }
  WorkerEnd publish(const LaunchSpec& spec, int code = 0) const {
    write_file_durably(layout.cell(tasks[spec.cell].id).result(), "result of " + tasks[spec.cell].id);
    return end(code);
  }
  RunSummary run() { return run_cells(tasks, layout, options, launcher); }
};

}  // namespace

TEST_CASE_METHOD(RunnerFixture, "a run publishes every cell once and a second one trains nothing") {
  const RunSummary first = run();
  CHECK(first.done == 3);
  CHECK(first.trained == 3);
  CHECK(first.exit_code() == 0);
  CHECK(launcher.most_at_once == 1);
  CHECK(Manifest(layout.manifest()).entries().at("bbbb").hash == content_hash("result of bbbb"));
  CHECK(read_file(layout.cell("aaaa").config()) == "a: 1\n");
  const RunSummary second = run();
  CHECK(second.trained == 0);
  CHECK(second.done == 3);
  CHECK(launcher.started == std::vector<std::size_t>{0, 1, 2});
  CHECK(summary_text("tiny", second) == "tiny: 3 cells, 3 done (0 new)");
}

TEST_CASE_METHOD(RunnerFixture, "as many cells as workers run at once") {
  options.workers = 2;
  run();
  CHECK(launcher.most_at_once == 2);
}

TEST_CASE_METHOD(RunnerFixture,
                 "failures do not stop the others, are recorded with their reason, and can be run alone") {
  launcher.script = [this](const LaunchSpec& spec) { return spec.cell == 1 ? end(2, "no such file") : publish(spec); };
  const RunSummary summary = run();
  CHECK(summary.done == 2);
  CHECK(summary.failed == 1);
  CHECK(summary.exit_code() == 1);
  REQUIRE(summary.failures.size() == 1);
  CHECK(summary.failures[0].reason == "no such file");
  CHECK(read_outcome(layout.cell("bbbb").outcome())->reason == "no such file");
  CHECK(summary_text("tiny", summary) == "tiny: 3 cells, 2 done (2 new), 1 failed");

  launcher.script = [this](const LaunchSpec& spec) { return publish(spec); };
  launcher.started.clear();
  options.policy.only = "failed";
  const RunSummary again = run();
  CHECK(launcher.started == std::vector<std::size_t>{1});
  CHECK(again.exit_code() == 0);
  CHECK_FALSE(std::filesystem::exists(layout.cell("bbbb").outcome()));
}

TEST_CASE_METHOD(RunnerFixture, "retries count attempts over all runs") {
  options.policy.retries = 2;
  launcher.script = [this](const LaunchSpec& spec) {
    WorkerEnd crash;
    crash.signal = SIGSEGV;
    return spec.cell == 0 ? crash : publish(spec);
  };
  const RunSummary summary = run();
  CHECK(launcher.started == std::vector<std::size_t>{0, 1, 2, 0, 0});
  CHECK(summary.failures.at(0).reason == "SIGSEGV (Segmentation fault)");
  CHECK(read_outcome(layout.cell("aaaa").outcome())->attempts == 3);
  run();
  CHECK(read_outcome(layout.cell("aaaa").outcome())->attempts == 6);
}

TEST_CASE_METHOD(RunnerFixture, "a diverged cell is finished, and stays a failure of the study") {
  launcher.script = [this](const LaunchSpec& spec) { return publish(spec, spec.cell == 2 ? 3 : 0); };
  CHECK(run().exit_code() == 1);
  launcher.started.clear();
  const RunSummary again = run();
  CHECK(launcher.started.empty());
  CHECK(again.diverged == 1);
  CHECK(again.trained == 0);
  CHECK(again.exit_code() == 1);
}

TEST_CASE_METHOD(RunnerFixture,
                 "--retrain trains again from the start; a worker that publishes nothing new has failed") {
  run();
  options.policy.retrain = true;
  write_file_durably(layout.cell("aaaa").checkpoint(), "left over");
  launcher.script = [this](const LaunchSpec& spec) { return spec.cell == 0 ? end(0) : publish(spec); };
  const RunSummary summary = run();
  CHECK(summary.trained == 2);
  CHECK(summary.failed == 1);
  CHECK_FALSE(std::filesystem::exists(layout.cell("aaaa").checkpoint()));
  CHECK(read_file(layout.cell("aaaa").result()) == "result of aaaa");
}

TEST_CASE_METHOD(RunnerFixture, "--fail-fast asks what runs to stop and starts nothing more") {
  options.policy.fail_fast = true;
  launcher.script = [this](const LaunchSpec&) { return end(2, "bad"); };
  const RunSummary summary = run();
  CHECK(launcher.started == std::vector<std::size_t>{0});
  CHECK(launcher.stops == 1);
  CHECK(summary.failed == 1);
  CHECK(summary.unfinished == 2);
}

TEST_CASE_METHOD(RunnerFixture, "a signal stops the run with its exit code") {
  launcher.script = [this](const LaunchSpec& spec) {
    if (spec.cell == 0) ::raise(SIGTERM);
    return spec.cell == 0 ? publish(spec) : end(4);
  };
  const RunSummary summary = run();
  CHECK(summary.signal == SIGTERM);
  CHECK(summary.exit_code() == 143);
  CHECK(launcher.stops == 1);
  CHECK(summary.done == 1);
  CHECK(summary.unfinished == 2);
}

TEST_CASE_METHOD(RunnerFixture, "timeout(1) signals twice: the second signal within a second is the same request") {
  launcher.script = [this](const LaunchSpec& spec) {
    if (spec.cell == 0) {
      ::raise(SIGTERM);
      ::raise(SIGCONT);
      ::raise(SIGTERM);
    }
    return end(4);
  };
  const RunSummary summary = run();
  CHECK(summary.exit_code() == 143);
  CHECK(launcher.kills == 0);
  CHECK(launcher.started.size() == 1);
}

TEST_CASE_METHOD(RunnerFixture, "HUP and USR1 stop like TERM, with their exit codes; an ignored HUP is ignored") {
  for (const auto& [signal, code] : {std::pair{SIGHUP, 129}, std::pair{SIGUSR1, 138}, std::pair{SIGINT, 130}}) {
    launcher.script = [number = signal, this](const LaunchSpec&) {
      ::raise(number);
      return end(4);
    };
    CHECK(run().exit_code() == code);
  }
  launcher.script = [this](const LaunchSpec& spec) {
    ::raise(SIGHUP);
    return publish(spec);
  };
  ::signal(SIGHUP, SIG_IGN);
  CHECK(run().exit_code() == 0);
  ::signal(SIGHUP, SIG_DFL);
}

TEST_CASE_METHOD(RunnerFixture,
                 "a claimed divergence is replayed at once, and a full disk ends the run with the path") {
  launcher.script = [this](const LaunchSpec& spec) {
    if (spec.cell == 0 && launcher.started.size() == 1) return end(5, "loss became nan at step 3");
    if (spec.cell == 1) return end(6, "x/bbbb.h5: cannot write: No space left on device");
    return publish(spec);
  };
  const RunSummary summary = run();
  CHECK(launcher.started == std::vector<std::size_t>{0, 0, 1});
  CHECK(summary.done == 1);
  CHECK(summary.unfinished == 1);
  REQUIRE(summary.failures.size() == 1);
  CHECK(summary.failures[0].reason == "x/bbbb.h5: cannot write: No space left on device");
  CHECK(summary.exit_code() == 1);
}

TEST_CASE_METHOD(RunnerFixture, "a worker that cannot be started is a failure of its cell") {
  struct NoStart : Launcher {
    void start(const LaunchSpec&) override { throw Error("cannot start it"); }
    std::vector<LaunchEvent> wait(int, int) override { return {}; }
    void request_stop() override {}
    void pause() override {}
    void resume() override {}
    void kill_all() override {}
  } broken;
  const RunSummary summary = run_cells(tasks, layout, options, broken);
  CHECK(summary.failed == 3);
  CHECK(summary.failures.at(2).reason == "cannot start it");
}
