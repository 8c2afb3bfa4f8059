#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "launch/local_launcher.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

/// A folder for one test, and shell scripts as workers.
struct LauncherFixture {
  TemporaryFolder folder;
  std::unique_ptr<Launcher> launcher = make_local_launcher();
  std::vector<CellProgress> progress;
  std::map<std::size_t, WorkerEnd> ends;

  LaunchSpec script(std::size_t cell, const std::string& text) const {
    LaunchSpec spec;
    spec.cell = cell;
    spec.argv = {"/bin/sh", "-c", text};
    spec.log = folder / (std::to_string(cell) + ".log");
    return spec;
  }

  void wait_for(std::size_t count) {
    for (int i = 0; ends.size() < count && i < 200; ++i) {
      for (auto& event : launcher->wait(100)) {
        if (event.kind == LaunchEvent::Kind::progress) progress.push_back(event.progress);
        if (event.kind == LaunchEvent::Kind::ended) ends[event.cell] = event.end;
      }
    }
    REQUIRE(ends.size() == count);
  }
};

/// True for a process that is gone, or dead and waiting for its parent.
bool ended(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  return !std::getline(file, text) || text.find(") Z ") != std::string::npos;
}

/// Descriptors above 2 of this process that a child inherits.
int inheritable_descriptors() {
  int count = 0;
  for (int fd = 3; fd < 1024; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE_METHOD(LauncherFixture, "exit codes, signals and messages of workers are reported") {
  launcher->start(script(0, "exit 0"));
  launcher->start(script(1, "echo '{\"error\": \"no such file\"}'; exit 2"));
  launcher->start(script(2, "kill -SEGV $$"));
  wait_for(3);
  CHECK(ends[0].exit_code == 0);
  CHECK(ends[1].exit_code == 2);
  CHECK(ends[1].error == "no such file");
  CHECK(ends[2].signal == SIGSEGV);
  CHECK(ends[2].exit_code == -1);
}

TEST_CASE("cells are dealt to cards, that with the fewest workers first") {
  LauncherFixture fixture;
  const std::string say = "echo \"{\\\"error\\\": \\\"$CUDA_VISIBLE_DEVICES\\\"}\"; sleep 0.3; exit 1";
  const auto cards_of = [&](std::size_t gpus) {
    fixture.launcher = make_local_launcher(gpus);
    fixture.ends.clear();
    for (std::size_t cell = 0; cell < 4; ++cell) fixture.launcher->start(fixture.script(cell, say));
    fixture.wait_for(4);
    std::vector<std::string> seen;
    for (const auto& [cell, end] : fixture.ends) seen.push_back(end.error);
    return seen;
  };
  CHECK(cards_of(2) == std::vector<std::string>{"0", "1", "0", "1"});
  ::setenv("CUDA_VISIBLE_DEVICES", "5,7,9", 1);
  CHECK(cards_of(2) == std::vector<std::string>{"5", "7", "5", "7"});
  ::unsetenv("CUDA_VISIBLE_DEVICES");
}

TEST_CASE_METHOD(LauncherFixture, "progress lines arrive in order and other output is ignored") {
  launcher->start(script(
      0, R"(echo nonsense; echo '{"progress":{"epochs_done":1,"epochs":2,"loss":3.5,"kl":null,"tokens_per_second":9}}'
    head -c 300000 /dev/zero | tr '\0' x; echo; echo '[1]'
    echo '{"progress":{"epochs_done":2,"epochs":2,"loss":3,"kl":0.5,"tokens_per_second":9}}')"));
  wait_for(1);
  REQUIRE(progress.size() == 2);
  CHECK(progress[0].loss == 3.5);
  CHECK(std::isnan(progress[0].kl));
  CHECK(progress[1].epochs_done == 2);
  CHECK(progress[1].kl == 0.5);
}

TEST_CASE_METHOD(LauncherFixture, "the log is appended to, and the tail is that of the attempt") {
  launcher->start(script(0, "echo first >&2; exit 1"));
  wait_for(1);
  CHECK(ends[0].log_tail == std::vector<std::string>{"first"});
  ends.clear();
  auto again = script(0, "printf 'a\\nb\\001\\n' >&2; exit 1");
  again.attempt = 2;
  launcher->start(again);
  wait_for(1);
  CHECK(ends[0].log_tail == std::vector<std::string>{"a", "b\\x01"});
  const std::string log = read_file(folder / "0.log");
  CHECK_THAT(log, ContainsSubstring("--- attempt 1, "));
  CHECK(log.find("first") < log.find("--- attempt 2, "));
}

TEST_CASE_METHOD(LauncherFixture, "a worker over its time is killed with what it started") {
  auto spec = script(0, "sleep 100 & echo $! > '" + folder.file("child") + "'; wait");
  spec.timeout = 0.5;
  launcher->start(spec);
  wait_for(1);
  CHECK(ends[0].timeout == 0.5);
  CHECK(ends[0].signal == SIGKILL);
  CHECK(ends[0].seconds >= 0.5);
  CHECK(ends[0].seconds < 5);
  const int child = std::stoi(read_file(folder / "child"));
  bool gone = false;
  for (int i = 0; i < 50 && !gone; ++i) {
    gone = ended(child);
    ::usleep(20000);
  }
  CHECK(gone);
}

TEST_CASE_METHOD(LauncherFixture, "a worker over its memory is killed") {
  auto spec = script(0, "exec /usr/bin/python3 -c 'import time; x = bytearray(200_000_000); time.sleep(100)'");
  spec.memory_limit = 100;
  launcher->start(spec);
  wait_for(1);
  CHECK(ends[0].memory_limit == 100);
  CHECK(ends[0].signal == SIGKILL);
  CHECK(ends[0].peak_megabytes > 100);
}

TEST_CASE_METHOD(LauncherFixture, "a request to stop reaches every worker") {
  const std::string ready = "open('" + folder.file("ready") + "', 'a').write('x')\n";
  const std::string wait = "signal.pthread_sigmask(signal.SIG_SETMASK, [])\n" + ready + "time.sleep(100)\n";
  auto polite = script(0, "");
  polite.argv = {"/usr/bin/python3", "-c",
                 "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(4))\n" + wait};
  auto plain = script(1, "");
  plain.argv = {"/usr/bin/python3", "-c", "import signal, time\n" + wait};
  launcher->start(polite);
  launcher->start(plain);
  std::error_code error;
  for (int i = 0; i < 300 && std::filesystem::file_size(folder / "ready", error) != 2; ++i) launcher->wait(20);
  launcher->request_stop();
  wait_for(2);
  CHECK(ends[0].exit_code == 4);
  CHECK(ends[0].stop_requested);
  CHECK(ends[1].signal == SIGTERM);
}

TEST_CASE_METHOD(LauncherFixture, "workers run with one compute thread and without our descriptors") {
  launcher->start(script(0, "echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS >&2; ls /proc/self/fd | wc -l >&2"));
  launcher->start(script(1, "sleep 0.3"));
  wait_for(2);
  REQUIRE(ends[0].log_tail.size() == 2);
  CHECK(ends[0].log_tail[0] == "1 1");
  // 0, 1, 2, the folder that ls reads, and what this program itself was handed.
  CHECK(std::stoi(ends[0].log_tail[1]) == 4 + inheritable_descriptors());
}

TEST_CASE_METHOD(LauncherFixture, "workers are bound to no CPU and start with all outside signals blocked") {
  ::setenv("OMP_PROC_BIND", "true", 1);
  ::setenv("GOMP_CPU_AFFINITY", "0", 1);
  launcher->start(
      script(0, "echo x${OMP_PROC_BIND}x${GOMP_CPU_AFFINITY}x >&2; grep SigBlk /proc/self/status | cut -f2 >&2"));
  ::unsetenv("OMP_PROC_BIND");
  ::unsetenv("GOMP_CPU_AFFINITY");
  wait_for(1);
  REQUIRE(ends[0].log_tail.size() == 2);
  CHECK(ends[0].log_tail[0] == "xxx");
  const auto mask = std::stoull(ends[0].log_tail[1], nullptr, 16);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM, SIGPROF, SIGWINCH, SIGCONT}) {
    CHECK((mask >> (signal - 1) & 1) == 1);
  }
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE}) CHECK((mask >> (signal - 1) & 1) == 0);
}

TEST_CASE_METHOD(LauncherFixture, "stopped time is not charged to the timeout") {
  auto spec = script(0, "kill -STOP $$; exit 0");
  spec.timeout = 0.5;
  launcher->start(spec);
  for (int i = 0; i < 15; ++i) launcher->wait(100);  // three times as long as it may run
  CHECK(ends.empty());
  launcher->resume();
  wait_for(1);
  CHECK(ends[0].exit_code == 0);
}

TEST_CASE_METHOD(LauncherFixture, "paused workers do nothing until they are resumed") {
  launcher->start(script(0, "sleep 0.3; exit 7"));
  launcher->pause();
  for (int i = 0; i < 10; ++i) CHECK(launcher->wait(100).empty());
  launcher->resume();
  wait_for(1);
  CHECK(ends[0].exit_code == 7);
}

TEST_CASE_METHOD(LauncherFixture, "a program that does not exist, or a log that cannot be written, is an error") {
  auto spec = script(0, "");
  spec.argv = {"/nonexistent/program"};
  CHECK_THROWS_AS(launcher->start(spec), Error);
  spec = script(0, "exit 0");
  spec.log = folder / "missing" / "0.log";
  CHECK_THROWS_WITH(launcher->start(spec), ContainsSubstring(spec.log.string()));
}

TEST_CASE_METHOD(LauncherFixture, "destroying the launcher ends its workers") {
  launcher->start(script(0, "echo $$ > '" + folder.file("pid") + "'; exec sleep 100"));
  launcher->wait(300);
  launcher.reset();
  CHECK(::kill(std::stoi(read_file(folder / "pid")), 0) != 0);
}
