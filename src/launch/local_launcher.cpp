#include "launch/local_launcher.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "core/clock.h"
#include "core/cpus.h"
#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "core/signals.h"
#include "launch/log_tail.h"
#include "launch/worker_protocol.h"

namespace klbench {

namespace {

constexpr int kWatchMilliseconds = 200;        // how often limits are looked at
constexpr double kLongestGap = 1;              // seconds between two looks; more: this process did not run either
constexpr std::size_t kLongestLine = 1 << 16;  // of a worker's standard output
constexpr int kReadsAtOnce = 64;               // so that a worker that never stops printing cannot hold up the others

[[noreturn]] void fail(const std::string& what) { throw Error(fmt::format("{}: {}", what, std::strerror(errno))); }

/// One compute thread for every library that reads it, bound to no CPU; one card, where one is named.
std::vector<std::string> worker_environment(const std::string& card) {
  std::vector<std::string> changes{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1"};
  if (!card.empty()) changes.push_back("CUDA_VISIBLE_DEVICES=" + card);
  return environment_with(changes, {std::begin(kBindingVariables), std::end(kBindingVariables)});
}

/// The cards that this process may use, by name, at most `count`; where nothing says so, 0 .. count-1.
std::vector<std::string> cards(std::size_t count) {
  std::vector<std::string> names;
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  std::istringstream list(visible ? visible : "");
  for (std::string name; names.size() < count && std::getline(list, name, ',');) names.push_back(name);
  for (std::size_t card = 0; !visible && card < count; ++card) names.push_back(std::to_string(card));
  return names;
}

/// Starts the program with standard input from /dev/null, in a process group of its own, with default signal handling
/// (what is ignored here is ignored there) and all outside signals blocked.
pid_t spawn(const std::vector<std::string>& argv, const std::string& card, int out, int log) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, log, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t set = outside_signals();
  posix_spawnattr_setsigmask(&attributes, &set);
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGQUIT}) sigaddset(&set, signal);
  posix_spawnattr_setsigdefault(&attributes, &set);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const auto environment = worker_environment(card);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, argv.at(0).c_str(), &actions, &attributes, pointers_to(argv).data(),
                                   pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Error(fmt::format("cannot start {}: {}", argv[0], std::strerror(error)));
  return pid;
}

/// Resident set of a process, megabytes; 0 where it cannot be read.
double resident_megabytes(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  long long total = 0;
  long long resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

struct Worker {
  LaunchSpec spec;
  std::string card;  // empty: whatever there is
  pid_t pid = -1;
  Descriptor pidfd;
  Descriptor out;
  std::string line;  // the unfinished line of its output
  std::int64_t log_start = 0;
  Clock::time_point started = Clock::now();
  Clock::time_point looked = started;  // when its limits were looked at
  double ran = 0;                      // seconds, stopped time not counted
  WorkerEnd end;
};

class LocalLauncher : public Launcher {
 public:
  explicit LocalLauncher(std::size_t gpus) : cards_(cards(gpus)) {}
  ~LocalLauncher() override {
    kill_all();
    for (auto& worker : workers_) ::waitpid(worker.pid, nullptr, 0);
  }
  void start(const LaunchSpec& spec) override;
  std::vector<LaunchEvent> wait(int timeout_ms, int wake_fd) override;
  void request_stop() override { signal_all(SIGTERM); }
  void pause() override { signal_groups(SIGSTOP); }
  void resume() override { signal_groups(SIGCONT); }
  void kill_all() override { signal_all(SIGKILL); }

 private:
  std::string free_card() const;
  void signal_all(int signal);
  void signal_groups(int signal);
  int poll_timeout(int timeout_ms) const;
  void enforce_limits();
  void read_output(Worker& worker, std::vector<LaunchEvent>& events);
  void take_line(Worker& worker, std::string_view line, std::vector<LaunchEvent>& events);
  void reap(Worker& worker, std::vector<LaunchEvent>& events);

  std::vector<std::string> cards_;
  std::vector<Worker> workers_;
};

void LocalLauncher::start(const LaunchSpec& spec) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe");
  Worker worker;
  worker.spec = spec;
  worker.out = Descriptor(ends[0]);
  const Descriptor write_end(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  const Descriptor log(::open(spec.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode));
  if (log.get() < 0) throw_io_error(spec.log, "cannot open", errno);
  const auto heading =
      fmt::format("--- attempt {}, {:%Y-%m-%dT%H:%M:%SZ}\n", spec.attempt, fmt::gmtime(std::time(nullptr)));
  write_all(log.get(), heading, spec.log);
  worker.log_start = ::lseek(log.get(), 0, SEEK_END);
  worker.card = free_card();
  worker.pid = spawn(spec.argv, worker.card, write_end.get(), log.get());
  worker.pidfd = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, worker.pid, 0)));
  if (worker.pidfd.get() < 0) {
    const int error = errno;
    ::kill(worker.pid, SIGKILL);
    ::waitpid(worker.pid, nullptr, 0);
    errno = error;
    fail("cannot watch a process (pidfd_open)");
  }
  workers_.push_back(std::move(worker));
}

/// That with the fewest workers, the first of several; empty where none are dealt.
std::string LocalLauncher::free_card() const {
  const auto workers_of = [this](const std::string& card) {
    return std::count_if(workers_.begin(), workers_.end(), [&](const Worker& worker) { return worker.card == card; });
  };
  const auto card = std::min_element(cards_.begin(), cards_.end(), [&](const std::string& a, const std::string& b) {
    return workers_of(a) < workers_of(b);
  });
  return card == cards_.end() ? "" : *card;
}

void LocalLauncher::signal_all(int signal) {
  for (auto& worker : workers_) {
    worker.end.stop_requested = true;
    // SIGTERM is for the worker; SIGKILL takes along what a plugin may have started.
    ::kill(signal == SIGKILL ? -worker.pid : worker.pid, signal);
  }
}

void LocalLauncher::signal_groups(int signal) {
  for (auto& worker : workers_) ::kill(-worker.pid, signal);
}

int LocalLauncher::poll_timeout(int timeout_ms) const {
  const bool limited = std::any_of(workers_.begin(), workers_.end(), [](const Worker& worker) {
    return worker.spec.memory_limit > 0 || worker.spec.timeout > 0;
  });
  return limited ? std::min(timeout_ms, kWatchMilliseconds) : timeout_ms;
}

void LocalLauncher::enforce_limits() {
  for (auto& worker : workers_) {
    const double gap = seconds_since(std::exchange(worker.looked, Clock::now()));
    if (worker.spec.timeout > 0 && !is_stopped(worker.pid)) worker.ran += std::min(gap, kLongestGap);
    if (worker.spec.timeout > 0 && worker.ran > worker.spec.timeout) {
      worker.end.timeout = worker.spec.timeout;
      ::kill(-worker.pid, SIGKILL);
    } else if (worker.spec.memory_limit > 0 && resident_megabytes(worker.pid) > worker.spec.memory_limit) {
      worker.end.memory_limit = worker.spec.memory_limit;
      ::kill(-worker.pid, SIGKILL);
    }
  }
}

std::vector<LaunchEvent> LocalLauncher::wait(int timeout_ms, int wake_fd) {
  std::vector<pollfd> fds;
  for (const auto& worker : workers_) {
    fds.push_back({worker.pidfd.get(), POLLIN, 0});
    fds.push_back({worker.out.get(), POLLIN, 0});
  }
  fds.push_back({wake_fd, POLLIN, 0});
  if (::poll(fds.data(), fds.size(), poll_timeout(timeout_ms)) < 0 && errno != EINTR) fail("poll");
  std::vector<LaunchEvent> events;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (fds[2 * i + 1].revents != 0) read_output(workers_[i], events);
    if (fds[2 * i].revents != 0) reap(workers_[i], events);
  }
  std::erase_if(workers_, [](const Worker& worker) { return worker.pid < 0; });
  enforce_limits();
  return events;
}

void LocalLauncher::read_output(Worker& worker, std::vector<LaunchEvent>& events) {
  std::array<char, 4096> buffer{};
  for (int reads = 0; reads < kReadsAtOnce; ++reads) {
    const ssize_t n = ::read(worker.out.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      worker.out = Descriptor();
      return;
    }
    worker.line.append(buffer.data(), static_cast<std::size_t>(n));
    std::size_t start = 0;
    for (std::size_t end = 0; (end = worker.line.find('\n', start)) != std::string::npos; start = end + 1) {
      take_line(worker, std::string_view(worker.line).substr(start, end - start), events);
    }
    worker.line.erase(0, start);
    if (worker.line.size() > kLongestLine) worker.line.clear();
  }
}

void LocalLauncher::take_line(Worker& worker, std::string_view line, std::vector<LaunchEvent>& events) {
  const auto message = parse_worker_line(line);
  if (!message) return;
  if (!message->error.empty()) worker.end.error = message->error;
  if (message->progress) {
    events.push_back({LaunchEvent::Kind::progress, worker.spec.cell, *message->progress, {}});
  }
}

void LocalLauncher::reap(Worker& worker, std::vector<LaunchEvent>& events) {
  int status = 0;
  rusage usage{};
  while (::wait4(worker.pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  ::kill(-worker.pid, SIGKILL);  // whatever it left behind in its group
  if (worker.out.get() >= 0) read_output(worker, events);
  WorkerEnd& end = worker.end;
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.seconds = seconds_since(worker.started);
  end.peak_megabytes = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
  end.log_tail = log_tail(worker.spec.log, worker.log_start);
  events.push_back({LaunchEvent::Kind::ended, worker.spec.cell, {}, std::move(end)});
  worker.pid = -1;
}

}  // namespace

std::unique_ptr<Launcher> make_local_launcher(std::size_t gpus) { return std::make_unique<LocalLauncher>(gpus); }

}  // namespace klbench
