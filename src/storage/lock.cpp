#include "storage/lock.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <random>
#include <thread>

#include "core/log.h"

namespace klbench {

namespace {

std::string who_am_i() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("process {} on {} since {:%Y-%m-%d %H:%M:%S} UTC", ::getpid(), host.data(),
                     fmt::gmtime(std::time(nullptr)));
}

/// Takes the lock, trying for a moment: somebody may only be asking whether it is held, or about to write its name.
bool try_lock(int fd, const std::filesystem::path& path) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) throw_io_error(path, "cannot lock", errno);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) {
  create_folders(folder_of(path));
  fd_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (fd_.get() < 0) throw_io_error(path, "cannot open", errno);
  if (!try_lock(fd_.get(), path)) {
    const std::string holder = read_file(path);
    throw LockedError(
        fmt::format("{}: locked by {}", path.string(), holder.empty() ? "another process" : one_line(holder)));
  }
  if (::ftruncate(fd_.get(), 0) != 0) throw_io_error(path, "cannot write", errno);
  write_all(fd_.get(), who_am_i(), path);
}

FileLock::~FileLock() {
  if (fd_.get() >= 0 && ::ftruncate(fd_.get(), 0) != 0) spdlog::debug("a lock file keeps the name of its last holder");
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
