// What every launcher keeps: `local` with processes of its own, and `script`, whose tasks (klbench task) this machine
// runs in the background, for launchers of batch systems.
#include <chrono>
#include <csignal>
#include <map>

#include "catch.h"
#include "core/files.h"
#include "launch/batch_launcher.h"
#include "launch/registry.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

struct ContractFixture {
  TemporaryFolder folder;
  std::unique_ptr<Launcher> launcher;
  std::map<std::size_t, WorkerEnd> ends;
  std::vector<CellProgress> progress;

  ContractFixture() {
    const std::string key = GENERATE("local", "script");
    INFO(key);
    const LauncherEntry& entry = LauncherRegistry::instance().find(key);
    std::map<std::string, Value> given;
    if (entry.system) {
      given = {{"submit", std::string("setsid \"$SCRIPT\" > \"$LOG\" 2>&1 < /dev/null & echo $!")},
               {"poll", std::string("for id in $IDS; do if kill -0 $id 2>/dev/null; then echo $id; fi; done")},
               {"cancel", std::string("kill -TERM $IDS; true")},
               {"cells_per_task", std::string("1")},
               {"poll_seconds", 0.1}};
    }
    launcher = entry.make(Options(entry.spec, given), {folder / "jobs", "s", KLBENCH_BINARY_DIR "/klbench"});
  }
  /// Starts /bin/sh as a worker.
  void start(std::size_t cell, const std::string& text, int attempt = 1) {
    LaunchSpec spec;
    spec.cell = cell;
    spec.id = std::string(1, static_cast<char>('a' + cell));
    spec.argv = {"/bin/sh", "-c", text};
    spec.log = folder / (spec.id + ".log");
    spec.result = folder / (spec.id + ".h5");
    spec.attempt = attempt;
    launcher->start(spec);
  }
  template <class Until>
  void wait(const Until& until) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!until() && std::chrono::steady_clock::now() < end) {
      for (auto& event : launcher->wait(100)) {
        if (event.kind == LaunchEvent::Kind::progress) progress.push_back(event.progress);
        if (event.kind == LaunchEvent::Kind::ended) ends[event.cell] = event.end;
      }
    }
    REQUIRE(until());
  }
  void wait_for_ends(std::size_t count) {
    wait([&] { return ends.size() == count; });
  }
};

}  // namespace

TEST_CASE_METHOD(ContractFixture, "launchers report how each worker ended, with its own words and the end of its log") {
  start(0, "exit 0");
  start(1, "echo '{\"error\": \"no such file\"}'; echo last words >&2; exit 2");
  start(2, "exit 3");
  wait_for_ends(3);
  CHECK(ends[0].exit_code == kWorkerDone);
  CHECK(ends[1].exit_code == kWorkerUsage);
  CHECK(ends[1].error == "no such file");
  CHECK(ends[1].log_tail == std::vector<std::string>{"last words"});
  CHECK(ends[2].exit_code == kWorkerDiverged);
  CHECK_THAT(read_file(folder / "b.log"), ContainsSubstring("--- attempt 1, "));
}

TEST_CASE_METHOD(ContractFixture, "launchers hand on how far a worker is") {
  start(0, R"(echo '{"progress":{"epochs_done":2,"epochs":3,"loss":3.5,"kl":0.5,"tokens_per_second":9}}'; sleep 2)");
  wait([&] { return !progress.empty(); });
  CHECK(ends.empty());
  CHECK(progress.back().epochs_done == 2);
  CHECK(progress.back().epochs == 3);
  CHECK(progress.back().kl == 0.5);
  wait_for_ends(1);
}

TEST_CASE_METHOD(ContractFixture, "launchers run an ended cell again when they are given it again") {
  start(0, "exit 1");
  wait_for_ends(1);
  CHECK(ends[0].exit_code == kWorkerFailed);
  ends.clear();
  start(0, "exit 0", 2);
  wait_for_ends(1);
  CHECK(ends[0].exit_code == kWorkerDone);
  CHECK_THAT(read_file(folder / "a.log"), ContainsSubstring("--- attempt 2, "));
}

TEST_CASE_METHOD(ContractFixture, "launchers end every worker when they are told to") {
  start(0,
        "exec /usr/bin/python3 -c 'import os, signal, time\n"
        "signal.pthread_sigmask(signal.SIG_SETMASK, [])\n"  // workers begin with all of them blocked
        "open(\"" +
            folder.file("pid") + "\", \"w\").write(str(os.getpid()))\ntime.sleep(100)'");
  wait([&] { return std::filesystem::exists(folder / "pid") && !read_file(folder / "pid").empty(); });
  launcher->kill_all();
  wait_for_ends(1);
  CHECK(ends[0].exit_code != kWorkerDone);
  const int worker = std::stoi(read_file(folder / "pid"));
  wait([&] { return ::kill(worker, 0) != 0; });
}
