#include "cli/isolation.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "core/error.h"
#include "core/process.h"
#include "sweep/outcome.h"

namespace klbench {

namespace {
constexpr const char* kMark = "KLBENCH_ISOLATED";
}

bool is_isolated() { return std::getenv(kMark) != nullptr; }

int isolate(char** argv) {
  ::setenv(kMark, "1", 1);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, executable_path().c_str(), nullptr, nullptr, argv, environ);
  ::unsetenv(kMark);
  if (error != 0) throw Error(fmt::format("cannot start {}: {}", executable_path(), std::strerror(error)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int signal = WTERMSIG(status);
  const bool by_user = signal == SIGINT || signal == SIGTERM || signal == SIGPIPE;
  if (by_user) return 128 + signal;
  throw Error(fmt::format("reading the file ended with {}: it is damaged", signal_name(signal)));
}

}  // namespace klbench
