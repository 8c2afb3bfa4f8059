#include "storage/held_file.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <list>
#include <optional>
#include <sstream>
#include <utility>

#include "core/clock.h"
#include "core/files.h"
#include "core/log.h"
#include "core/process.h"
#include "core/signals.h"

namespace klbench {

namespace {

constexpr int kBeats = 10;               // in lock_seconds()
constexpr double kLookSeconds = 0.1;     // between two looks at most
constexpr double kReleaseSeconds = 0.2;  // for a holder that is about to give it back
constexpr std::size_t kLongestText = 4096;

double beat_seconds() { return lock_seconds() / kBeats; }
void sleep_for(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// Everything of the file but the count, which stands in front of it.
std::string own_text() {
  const LockHolder self = LockHolder::self();
  const auto& [host, boot, processes, pid, ticks] = self;
  return fmt::format("\t{}\t{}\t{}\t{}\t{}\t{}\n", host, boot, processes, pid, ticks, self.since_now());
}

std::string with_count(std::size_t beats, const std::string& text) { return fmt::format("{:08}{}", beats, text); }
bool is_of(const std::string& file, const std::string& text) { return file.ends_with(text); }

/// As it is on the disk of whoever serves it: opening it makes NFS ask. Nothing: there is none; empty: unreadable.
std::optional<std::string> read_held(const std::filesystem::path& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return errno == ENOENT || errno == ESTALE ? std::nullopt : std::optional<std::string>("");
  std::array<char, kLongestText> bytes{};
  const ssize_t size = ::read(fd.get(), bytes.data(), bytes.size());
  return std::string(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
}

struct HeldText {
  LockHolder holder;
  std::string who;
};

/// Nothing where its writer has not finished it.
std::optional<HeldText> parse_held(const std::string& text) {
  std::istringstream fields(text);
  HeldText held;
  std::string count, pid, ticks;
  for (std::string* field : {&count, &held.holder.host, &held.holder.boot, &held.holder.processes, &pid, &ticks}) {
    if (!std::getline(fields, *field, '\t')) return std::nullopt;
  }
  if (!std::getline(fields, held.who) || fields.eof()) return std::nullopt;
  held.holder.pid = std::strtoll(pid.c_str(), nullptr, 10);
  held.holder.start_ticks = std::strtoull(ticks.c_str(), nullptr, 10);
  return held;
}

LockHolder::Life life_of(const std::string& text) {
  const auto held = parse_held(text);
  return held ? held->holder.life() : LockHolder::Life::unknown;
}

/// Judges the holder of a file by looking at it again and again.
class Watch {
 public:
  enum class Sign { none, free, lives, ended };
  explicit Watch(std::filesystem::path path) : path_(std::move(path)) {}

  Sign look() {
    const auto now = read_held(path_);
    // What a file system that hung kept from this process, or a pause of its own, is no silence of the holder.
    const double looked = std::min(seconds_since(std::exchange(looked_, Clock::now())), 2 * kLookSeconds);
    if (!now) return Sign::free;
    const bool first = std::exchange(seen_, true) == false;
    const bool changed = std::exchange(text_, *now) != text_ || first;
    silent_ = changed ? 0 : silent_ + looked;
    in_all_ += looked;
    const auto life = life_of(text_);
    if (life == LockHolder::Life::ended) return Sign::ended;
    if (life == LockHolder::Life::lives) return in_all_ > kReleaseSeconds ? Sign::lives : Sign::none;
    if (changed && !first) return Sign::lives;
    return silent_ > lock_seconds() ? Sign::ended : Sign::none;
  }

  const std::filesystem::path& path() const { return path_; }
  const std::string& text() const { return text_; }
  double silent() const { return silent_; }
  std::string who() const {
    const auto held = parse_held(text_);
    return held ? one_line(held->who) : "another process";
  }

 private:
  std::filesystem::path path_;
  std::string text_;
  bool seen_ = false;
  double silent_ = 0, in_all_ = 0;  // seconds of looking
  Clock::time_point looked_ = Clock::now();
};

/// Removes the file of a holder that has ended, where it is still the same. Of those who see it at the same time one
/// may, by a file of its own: the others would remove the lock that the first one takes.
bool remove_ended(const Watch& watch) {
  const std::filesystem::path breaking = watch.path().string() + ".breaking";
  const Descriptor mine(::open(breaking.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (mine.get() < 0) {
    if (errno != EEXIST) throw_io_error(breaking, "cannot create", errno);
    return false;
  }
  const bool same = read_held(watch.path()) == watch.text();
  if (same) ::unlink(watch.path().c_str());
  ::unlink(breaking.c_str());
  return same;
}

/// remove_ended, also where whoever was about to do it was killed.
class Remover {
 public:
  explicit Remover(const std::filesystem::path& path) : breaking_(path.string() + ".breaking") {}
  bool remove(const Watch& watch) {
    if (remove_ended(watch)) return true;
    if (breaking_.look() == Watch::Sign::ended) ::unlink(breaking_.path().c_str());
    return false;
  }

 private:
  Watch breaking_;
};

}  // namespace

double lock_seconds() {
  static const double seconds = [] {
    const char* text = std::getenv("KLBENCH_LOCK_SECONDS");
    const double value = text ? std::strtod(text, nullptr) : 0;
    return value > 0 ? value : 30.0;
  }();
  return seconds;
}

LockHolder LockHolder::self() {
  LockHolder self;
  std::array<char, 256> text{};
  ::gethostname(text.data(), text.size() - 1);
  self.host = text.data();
  std::ifstream("/proc/sys/kernel/random/boot_id") >> self.boot;
  text.fill(0);
  if (::readlink("/proc/self/ns/pid", text.data(), text.size() - 1) > 0) self.processes = text.data();
  self.pid = ::getpid();
  if (const auto state = process_state(::getpid())) self.start_ticks = state->start_ticks;
  return self;
}

std::string LockHolder::since_now() const {
  return fmt::format("process {} on {} since {:%Y-%m-%d %H:%M:%S} UTC", pid, host, fmt::gmtime(std::time(nullptr)));
}

LockHolder::Life LockHolder::life() const {
  const LockHolder here = self();
  if (boot.empty() || processes.empty() || boot != here.boot || processes != here.processes) return Life::unknown;
  const auto state = process_state(static_cast<pid_t>(pid));
  return state && state->start_ticks == start_ticks && state->state != 'Z' ? Life::lives : Life::ended;
}

HeldFile::HeldFile(std::filesystem::path path, int lost_code)
    : path_(std::move(path)), text_(own_text()), lost_code_(lost_code) {
  Watch watch(path_);
  Remover remover(path_);
  bool taken_over = false, said = false;
  while (!create()) {
    const auto sign = watch.look();
    if (sign == Watch::Sign::lives) throw LockedError("locked by " + watch.who());
    if (sign == Watch::Sign::ended) taken_over = remover.remove(watch) || taken_over;
    if (!std::exchange(said, said || watch.silent() > 2 * beat_seconds()) && said) {
      spdlog::warn("{}: locked by {}, which gives no sign of life; taken over after {:g} s of silence", path_.string(),
                   watch.who(), lock_seconds());
    }
    sleep_for(std::min(kLookSeconds, beat_seconds() / 2));
  }
  const sigset_t outside = outside_signals();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &outside, &before);
  thread_ = std::thread([this] { beat(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // A holder that wakes up just now finds out before anything is done here.
  if (taken_over) sleep_for(2 * beat_seconds());
}

HeldFile::~HeldFile() {
  {
    const std::lock_guard guard(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (is_of(read_held(path_).value_or(""), text_)) ::unlink(path_.c_str());
}

bool HeldFile::create() {
  const Descriptor fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (fd.get() < 0 && errno != EEXIST) throw_io_error(path_, "cannot create", errno);
  if (fd.get() >= 0) write_all(fd.get(), with_count(beats_, text_), path_);
  return fd.get() >= 0;
}

void HeldFile::beat() {
  std::unique_lock guard(mutex_);
  const std::chrono::duration<double> pause(beat_seconds());
  while (!wake_.wait_for(guard, pause, [this] { return ending_; })) beat_once();
}

/// A file system that does not answer takes nothing away; a file that is gone or another's does.
void HeldFile::beat_once() {
  const Descriptor fd(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  if (fd.get() < 0 && errno != ENOENT) return;
  std::array<char, kLongestText> bytes{};
  const ssize_t size = fd.get() < 0 ? 0 : ::pread(fd.get(), bytes.data(), bytes.size(), 0);
  if (size < 0) return;
  const std::string now(bytes.data(), static_cast<std::size_t>(size));
  if (is_of(now, text_)) {
    const std::string next = with_count(++beats_, text_);
    if (::pwrite(fd.get(), next.data(), next.size(), 0) < 0) spdlog::debug("{}: cannot be written", path_.string());
    return;
  }
  const auto other = parse_held(now);
  fmt::print(stderr, "klbench: {}: taken over by {}: this process ends\n", path_.string(),
             other ? one_line(other->who) : "another process");
  std::fflush(stderr);
  ::_exit(lost_code_);
}

bool HeldFile::is_held(const std::filesystem::path& path) {
  const auto text = read_held(path);
  return text && life_of(*text) != LockHolder::Life::ended;
}

void remove_dead_locks(const std::filesystem::path& folder) {
  struct Looked {
    Watch watch;
    Remover remover;
  };
  std::list<Looked> left;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".held") left.push_back({Watch(entry.path()), Remover(entry.path())});
  }
  bool removed = false, said = false;
  while (!left.empty()) {
    left.remove_if([&](Looked& looked) {
      const auto sign = looked.watch.look();
      if (sign == Watch::Sign::ended) removed = looked.remover.remove(looked.watch) || removed;
      return sign == Watch::Sign::lives || sign == Watch::Sign::free;
    });
    if (left.empty()) break;
    if (!std::exchange(said, said || left.front().watch.silent() > 2 * beat_seconds()) && said) {
      spdlog::warn("{}: waiting for a sign of life of {}, {:g} s of silence at most", folder.string(),
                   left.front().watch.who(), lock_seconds());
    }
    sleep_for(std::min(kLookSeconds, beat_seconds() / 2));
  }
  if (removed) sleep_for(2 * beat_seconds());
}

}  // namespace klbench
