#include "sweep/outcome.h"

#include <csignal>
#include <filesystem>

#include "catch.h"
#include "core/files.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

WorkerEnd exited(int code, std::string error = "") {
  WorkerEnd end;
  end.exit_code = code;
  end.error = std::move(error);
  return end;
}

WorkerEnd signalled(int signal) {
  WorkerEnd end;
  end.signal = signal;
  return end;
}

}  // namespace

TEST_CASE("done means a published file, not an exit code") {
  CHECK(judge(exited(0), true).state == CellStatus::done);
  const Outcome liar = judge(exited(0), false);
  CHECK(liar.state == CellStatus::failed);
  CHECK(liar.reason == "exited with code 0 without publishing a result");
  CHECK(judge(exited(3), true).state == CellStatus::diverged);
  CHECK(judge(exited(3), false).state == CellStatus::failed);
}

TEST_CASE("reasons of failures are one line that says what happened") {
  CHECK(judge(exited(1, "out of\nmemory"), false).reason == "out of\\nmemory");
  WorkerEnd silent = exited(7);
  CHECK(judge(silent, false).reason == "exited with code 7");
  silent.log_tail = {"first", "terminate called", ""};
  CHECK(judge(silent, false).reason == "exited with code 7: terminate called");
  CHECK(judge(signalled(SIGSEGV), false).reason == "SIGSEGV (Segmentation fault)");

  WorkerEnd killed = signalled(SIGKILL);
  killed.peak_megabytes = 1234.4;
  CHECK(judge(killed, false).reason == "SIGKILL (Killed); out of memory? (peak 1234 MB)");
  killed.timeout = 60;
  CHECK(judge(killed, false).reason == "timed out after 60 s");
  killed.timeout = 0;
  killed.memory_limit = 500;
  CHECK(judge(killed, false).reason == "used 1234 MB of memory, more than --max-rss 500 MB");
}

TEST_CASE("bad input and divergence are not retried, crashes are") {
  CHECK_FALSE(judge(exited(2, "no such dataset"), false).retryable);
  CHECK_FALSE(judge(exited(3), true).retryable);
  CHECK(judge(exited(1, "disk full"), false).retryable);
  CHECK(judge(signalled(SIGABRT), false).retryable);
}

TEST_CASE("a divergence counts once it is confirmed") {
  const Outcome claim = judge(exited(5, "loss became nan at step 3"), false);
  CHECK(claim.state == CellStatus::unconfirmed);
  CHECK(claim.reason == "loss became nan at step 3; not confirmed yet");
  const Outcome confirmed = judge(exited(3, "loss became nan at step 3"), true);
  CHECK(confirmed.state == CellStatus::diverged);
  CHECK(confirmed.reason == "loss became nan at step 3");
}

TEST_CASE("a worker that cannot write ends the run") {
  const Outcome full = judge(exited(6, "results/x.h5: cannot write: No space left on device"), false);
  CHECK(full.state == CellStatus::failed);
  CHECK(full.ends_run);
  CHECK_FALSE(full.retryable);
  CHECK_FALSE(judge(exited(1, "some error"), false).ends_run);
}

TEST_CASE("a worker that was told to stop was interrupted, however it ended") {
  CHECK(judge(exited(4), false).state == CellStatus::interrupted);
  WorkerEnd killed = signalled(SIGTERM);
  CHECK(judge(killed, false).state == CellStatus::failed);
  killed.stop_requested = true;
  CHECK(judge(killed, false).state == CellStatus::interrupted);
}

TEST_CASE("outcomes are read back; damaged records count as none") {
  const TemporaryFolder folder;
  const auto path = folder / "outcome.json";
  Outcome outcome;
  outcome.state = CellStatus::failed;
  outcome.reason = "\"quoted\" \\ and \xff not UTF-8";
  outcome.attempts = 3;
  outcome.log_tail = {"a", "b"};
  write_outcome(path, outcome);
  const auto read = read_outcome(path);
  REQUIRE(read.has_value());
  CHECK(read->state == CellStatus::failed);
  CHECK(read->reason == "\"quoted\" \\ and \xef\xbf\xbd not UTF-8");
  CHECK(read->attempts == 3);
  CHECK(read->log_tail == outcome.log_tail);
  for (const char* text :
       {"", "{", "[]", R"({"state":"flying","reason":"","attempts":1,"log":[]})", R"({"state":1})"}) {
    write_file_durably(path, text);
    CHECK_FALSE(read_outcome(path).has_value());
  }
  std::filesystem::remove(path);
  CHECK_FALSE(read_outcome(path).has_value());
}
