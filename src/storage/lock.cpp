#include "storage/lock.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <thread>
#include <utility>

#include "core/log.h"
#include "core/process.h"

namespace klbench {

namespace {

std::string who_am_i() {
  return fmt::format("process {} on {} since {:%Y-%m-%d %H:%M:%S} UTC", ::getpid(), LockHolder::self().host,
                     fmt::gmtime(std::time(nullptr)));
}

/// What flock answers where the file system has no locks.
bool means_no_locks(int error) { return error == ENOSYS || error == ENOLCK || error == EOPNOTSUPP; }

enum class Flock { taken, held, unsupported };

/// Takes the lock, trying for a moment: somebody may only be asking whether it is held, or about to write its name.
Flock try_flock(int fd, const std::filesystem::path& path) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return Flock::taken;
    if (means_no_locks(errno)) return Flock::unsupported;
    if (errno != EWOULDBLOCK) throw_io_error(path, "cannot lock", errno);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Flock::held;
}

std::filesystem::path held_path(const std::filesystem::path& path) { return path.string() + ".held"; }

struct HeldText {
  LockHolder holder;
  std::string who;
};

std::string encode(const HeldText& text) {
  const auto& [host, boot, pid, ticks] = text.holder;
  return fmt::format("{}\t{}\t{}\t{}\t{}\n", host, boot, pid, ticks, text.who);
}

/// Nothing where there is no file, or where its writer has not finished it.
std::optional<HeldText> read_held(const std::filesystem::path& path) {
  std::ifstream file(path);
  HeldText text;
  std::string pid;
  std::string ticks;
  for (std::string* field : {&text.holder.host, &text.holder.boot, &pid, &ticks}) {
    if (!std::getline(file, *field, '\t')) return std::nullopt;
  }
  if (!std::getline(file, text.who) || file.eof()) return std::nullopt;
  text.holder.pid = std::strtoll(pid.c_str(), nullptr, 10);
  text.holder.start_ticks = std::strtoull(ticks.c_str(), nullptr, 10);
  return text;
}

/// Removes the file of a dead holder. Of those who see it at the same time one may, by a file of its own: the others
/// would remove the lock that the first one takes.
void remove_dead(const std::filesystem::path& path) {
  const std::filesystem::path breaking = path.string() + ".breaking";
  const Descriptor mine(::open(breaking.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (mine.get() < 0) return;
  const auto text = read_held(path);
  if (text && !text->holder.may_live()) ::unlink(path.c_str());
  ::unlink(breaking.c_str());
}

}  // namespace

LockHolder LockHolder::self() {
  LockHolder self;
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  self.host = host.data();
  std::ifstream("/proc/sys/kernel/random/boot_id") >> self.boot;
  self.pid = ::getpid();
  if (const auto state = process_state(::getpid())) self.start_ticks = state->start_ticks;
  return self;
}

bool LockHolder::may_live() const {
  const LockHolder here = self();
  if (host != here.host) return true;
  if (boot != here.boot) return false;
  const auto state = process_state(static_cast<pid_t>(pid));
  return state && state->start_ticks == start_ticks && state->state != 'Z';
}

HeldFile::HeldFile(std::filesystem::path path) : path_(std::move(path)) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    const Descriptor fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (fd.get() >= 0) {
      write_all(fd.get(), encode({LockHolder::self(), who_am_i()}), path_);
      return;
    }
    if (errno != EEXIST) throw_io_error(path_, "cannot create", errno);
    const auto text = read_held(path_);
    if (text && !text->holder.may_live()) remove_dead(path_);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto text = read_held(path_);
  const std::string file = std::exchange(path_, {}).string();
  throw LockedError(
      fmt::format("locked by {}; if that has ended, remove {}", text ? one_line(text->who) : "another process", file));
}

HeldFile::~HeldFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

bool HeldFile::is_held(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return false;
  const auto text = read_held(path);
  return !text || text->holder.may_live();
}

FileLock::FileLock(const std::filesystem::path& path) {
  create_folders(folder_of(path));
  fd_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (fd_.get() < 0) throw_io_error(path, "cannot open", errno);
  const Flock lock = try_flock(fd_.get(), path);
  if (lock == Flock::held) {
    const std::string holder = read_file(path);
    throw LockedError(
        fmt::format("{}: locked by {}", path.string(), holder.empty() ? "another process" : one_line(holder)));
  }
  if (lock == Flock::unsupported) take_held_file(path);
  if (::ftruncate(fd_.get(), 0) != 0) throw_io_error(path, "cannot write", errno);
  write_all(fd_.get(), who_am_i(), path);
}

void FileLock::take_held_file(const std::filesystem::path& path) {
  try {
    held_.emplace(held_path(path));
  } catch (const LockedError& error) {
    throw LockedError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

FileLock::~FileLock() {
  if (fd_.get() >= 0 && ::ftruncate(fd_.get(), 0) != 0) spdlog::debug("a lock file keeps the name of its last holder");
}

bool lock_is_held(const std::filesystem::path& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return false;
  if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return false;
  return means_no_locks(errno) ? HeldFile::is_held(held_path(path)) : errno == EWOULDBLOCK;
}

AttemptToken::AttemptToken(std::filesystem::path path) : path_(std::move(path)) {
  std::random_device random;
  token_ = fmt::format("{} {:08x}{:08x}{:08x}{:08x}\n", who_am_i(), random(), random(), random(), random());
  write_file_durably(path_, token_);
}

bool AttemptToken::still_mine() const {
  try {
    return read_file(path_) == token_;
  } catch (const Error&) {
    return false;
  }
}

void AttemptToken::release() {
  std::error_code error;
  if (still_mine()) std::filesystem::remove(path_, error);
}

}  // namespace klbench
