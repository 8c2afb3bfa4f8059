#include "core/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "core/clock.h"
#include "core/error.h"

namespace klbench {

namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    read_end = ends[0];
    write_end = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_write();
    ::close(read_end);
  }
  void close_write() {
    if (write_end >= 0) ::close(write_end);
    write_end = -1;
  }
};

/// Reads both pipes until both are closed or its time is over; false when it is.
bool drain(std::array<pollfd, 2> fds, std::array<std::string*, 2> texts, const ProcessOptions& options) {
  constexpr double kMoreSeconds = 2, kAskSeconds = 1;
  const auto start = Clock::now();
  double seconds = options.timeout_seconds;
  bool hurried = !options.hurry;
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (!hurried && options.hurry()) {
      hurried = true;
      seconds = std::min(seconds, seconds_since(start) + kMoreSeconds);
    }
    const double left = seconds - seconds_since(start);
    if (left <= 0) return false;
    const double wait = std::min(left, hurried ? 60 : kAskSeconds);
    if (::poll(fds.data(), fds.size(), static_cast<int>(std::ceil(1000 * wait))) < 0 && errno != EINTR) return false;
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t n = ::read(fds[i].fd, buffer, sizeof buffer);
      if (n > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(n));
      } else if (n == 0 || errno != EINTR) {
        fds[i].fd = -1;
      }
    }
  }
  return true;
}

/// Ends a process and all that it started. (A process group of its own would let it survive the user's Ctrl-C.)
void kill_tree(pid_t pid) {
  ::kill(pid, SIGSTOP);  // it starts nothing more
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid));
  for (pid_t child = 0; children >> child;) kill_tree(child);
  ::kill(pid, SIGKILL);
}

}  // namespace

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::string>& changes,
                                          const std::vector<std::string>& dropped) {
  std::vector<std::string> all = changes;
  const auto is_ours = [&](std::string_view variable) {
    const std::string_view name = variable.substr(0, variable.find('='));
    const auto sets = [&](const std::string& change) { return change.substr(0, change.find('=')) == name; };
    return std::none_of(changes.begin(), changes.end(), sets) &&
           std::find(dropped.begin(), dropped.end(), name) == dropped.end();
  };
  for (char** variable = environ; *variable; ++variable) {
    if (is_ours(*variable)) all.emplace_back(*variable);
  }
  return all;
}

ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options) {
  Pipe out;
  Pipe err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write_end, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write_end, 2);
  if (!options.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
  const auto environment = environment_with(options.environment);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, argv.at(0).c_str(), &actions, nullptr, pointers_to(argv).data(),
                                   pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Error(fmt::format("cannot start {}: {}", argv.at(0), std::strerror(error)));
  out.close_write();
  err.close_write();

  ProcessResult result;
  const bool finished =
      drain({pollfd{out.read_end, POLLIN, 0}, pollfd{err.read_end, POLLIN, 0}}, {&result.out, &result.err}, options);
  if (!finished) kill_tree(pid);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!finished && options.hurry && options.hurry())
    throw Error(fmt::format("{} was ended before its answer: this run stops", argv[0]));
  if (!finished) throw Error(fmt::format("{} did not finish within {} s", argv[0], options.timeout_seconds));
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return result;
}

std::optional<ProcessState> process_state(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string text;
  if (!std::getline(stat, text)) return std::nullopt;
  std::istringstream fields(text.substr(text.rfind(')') + 1));  // behind the name, which may hold spaces
  ProcessState result;
  fields >> result.state;
  constexpr int kStartTime = 22;
  std::string field;
  for (int i = 3; i < kStartTime; ++i) fields >> field;
  result.start_ticks = std::strtoull(field.c_str(), nullptr, 10);
  return result;
}

bool is_stopped(pid_t pid) {
  const auto state = process_state(pid);
  return state && state->state == 'T';
}

double peak_rss_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

std::string executable_path() {
  // Asked once: later the kernel would say "(deleted)" of a program that was built anew while this one runs.
  static const std::string path = std::filesystem::read_symlink("/proc/self/exe").string();
  return path;
}

}  // namespace klbench
