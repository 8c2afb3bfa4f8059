#include "core/process.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "catch.h"
#include "core/error.h"
#include "temporary_folder.h"

using namespace klbench;

TEST_CASE("Output, errors and the exit code of a process come back") {
  const ProcessResult result = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
  CHECK(result.out == "out\n");
  CHECK(result.err == "err\n");
  CHECK(result.exit_code == 3);
  CHECK(result.signal == 0);
  CHECK_FALSE(result.ok());
  CHECK(run_process({"true"}).ok());
}

TEST_CASE("Arguments pass through no shell") {
  CHECK(run_process({"printf", "%s|", "$(id)", "`id`", "a b", "\"", ";"}).out == "$(id)|`id`|a b|\"|;|");
}

TEST_CASE("A signal that ends the process is told from an exit code") {
  const ProcessResult result = run_process({"sh", "-c", "kill -SEGV $$"});
  CHECK(result.signal == 11);
  CHECK(result.exit_code == -1);
  CHECK_FALSE(result.ok());
}

TEST_CASE("Standard input is empty") { CHECK(run_process({"cat"}).out.empty()); }

TEST_CASE("More output than a pipe holds arrives whole, on both channels") {
  const ProcessResult result =
      run_process({"sh", "-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"});
  CHECK(result.out == std::string(300000, '\0'));
  CHECK(result.err == std::string(600000, '\0'));
}

TEST_CASE("The working folder is the one asked for") {
  const TemporaryFolder folder;
  CHECK(run_process({"pwd", "-P"}, {.folder = folder.path().string()}).out ==
        std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST_CASE("Variables asked for stand in place of ours, the others stay") {
  ::setenv("KLBENCH_TEST_A", "ours", 1);
  ::setenv("KLBENCH_TEST_AB", "kept", 1);
  const std::string print = "echo $KLBENCH_TEST_A $KLBENCH_TEST_AB";
  CHECK(run_process({"sh", "-c", print}).out == "ours kept\n");
  CHECK(run_process({"sh", "-c", print}, {.environment = {"KLBENCH_TEST_A=theirs"}}).out == "theirs kept\n");
}

TEST_CASE("A program that does not exist is an error that names it") {
  CHECK_THROWS_WITH(run_process({"klbench_no_such_program"}), ContainsSubstring("klbench_no_such_program"));
}

TEST_CASE("A process that runs too long is killed and reported") {
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(run_process({"sleep", "30"}, {.timeout_seconds = 0.2}),
                    ContainsSubstring("did not finish within 0.2 s"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("A process has two more seconds once it is to hurry") {
  CHECK(run_process({"sh", "-c", "sleep 0.2; echo done"}, {.hurry = [] { return true; }}).out == "done\n");
  CHECK_THROWS_WITH(run_process({"sleep", "30"}, {.hurry = [] { return true; }}),
                    ContainsSubstring("sleep was ended before its answer"));
}

TEST_CASE("Peak memory grows with what is touched and never falls") {
  const double before = peak_rss_mib();
  CHECK(before > 1);
  {
    const std::string large(std::size_t{64} << 20, 'x');
    CHECK(large.back() == 'x');
  }
  const double after = peak_rss_mib();
  CHECK(after > before + 40);
  CHECK(after < before + 80);
}

TEST_CASE("The running executable is this test program") {
  CHECK(std::filesystem::path(executable_path()).filename() == "core_tests");
}

TEST_CASE("what takes too long is killed with all that it started") {
  const TemporaryFolder folder;
  const std::string child_file = folder.file("child");
  const std::string text = "sh -c 'echo $$ > \"" + child_file + "\"; exec sleep 100' & wait";
  CHECK_THROWS_AS(run_process({"sh", "-c", text}, {.timeout_seconds = 0.5}), Error);
  pid_t child = 0;
  std::ifstream(child_file) >> child;
  REQUIRE(child > 0);
  for (int i = 0; i < 200 && process_state(child) && process_state(child)->state != 'Z'; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto left = process_state(child);
  CHECK((!left || left->state == 'Z'));
}

TEST_CASE("a process has a state and a time of its start") {
  const auto self = process_state(::getpid());
  REQUIRE(self.has_value());
  CHECK(self->state == 'R');
  CHECK(self->start_ticks > 0);
  CHECK_FALSE(is_stopped(::getpid()));
  CHECK_FALSE(process_state(-1).has_value());
}
