#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace klbench {

struct ProcessResult {
  int exit_code = 0;  ///< -1 when a signal ended it
  int signal = 0;     ///< the signal that ended it, or 0
  std::string out;    ///< standard output
  std::string err;    ///< standard error
  bool ok() const { return exit_code == 0 && signal == 0; }
};

struct ProcessOptions {
  std::string folder{};                    ///< working directory; empty: ours
  double timeout_seconds = 300;            ///< it is killed after that
  std::function<bool()> hurry{};           ///< once this is true it has two more seconds; asked after every signal
  std::vector<std::string> environment{};  ///< NAME=value, in place of ours
};

/// Runs argv[0] (looked up in PATH) with posix_spawn, without a shell, standard input from /dev/null, and collects its
/// output. Throws Error if it cannot start or takes too long; it is then killed with all that it started.
ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options = {});

/// Pointers to the texts, then null, as exec wants them.
std::vector<char*> pointers_to(const std::vector<std::string>& texts);
/// Our environment, NAME=value each, with `changes` in place of ours and without the variables `dropped`.
std::vector<std::string> environment_with(const std::vector<std::string>& changes,
                                          const std::vector<std::string>& dropped = {});

/// Largest resident memory of this process so far, MiB; 0 where /proc does not tell. (getrusage also counts the process
/// that started this one.)
double peak_rss_mib();

/// What the kernel says of a process.
struct ProcessState {
  char state = '?';                    ///< 'R', 'S', 'T' (stopped), 'Z', ...
  unsigned long long start_ticks = 0;  ///< when it began, since boot: with its number, who it is
};

/// Nothing where there is no such process.
std::optional<ProcessState> process_state(pid_t pid);
/// True for a process that SIGSTOP, SIGTSTP or the like has stopped.
bool is_stopped(pid_t pid);

/// Path of the running executable.
std::string executable_path();

}  // namespace klbench
