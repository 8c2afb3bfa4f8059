#include "storage/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <random>
#include <thread>

#include "core/log.h"

namespace klbench {

namespace {

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

/// Whether the file lies where this kernel alone decides who has a lock.
bool is_of_this_machine(int fd) {
  static constexpr std::array<unsigned long, 9> kLocal = {0xef53,     0x58465342, 0x9123683e, 0x01021994, 0x858458f6,
                                                          0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e};
  struct statfs status {};  // ext2 to ext4, xfs, btrfs, tmpfs, ramfs, overlay, f2fs, zfs, bcachefs
  if (::fstatfs(fd, &status) != 0) return false;
  return std::find(kLocal.begin(), kLocal.end(), static_cast<unsigned long>(status.f_type)) != kLocal.end();
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path, int lost_code) {
  create_folders(folder_of(path));
  fd_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (fd_.get() < 0) throw_io_error(path, "cannot open", errno);
  const Flock lock = try_flock(fd_.get(), path);
  if (lock == Flock::held) {
    const std::string holder = read_file(path);
    throw LockedError(
        fmt::format("{}: locked by {}", path.string(), holder.empty() ? "another process" : one_line(holder)));
  }
  if (lock == Flock::unsupported || !is_of_this_machine(fd_.get())) take_held_file(path, lost_code);
  if (::ftruncate(fd_.get(), 0) != 0) throw_io_error(path, "cannot write", errno);
  write_all(fd_.get(), LockHolder::self().since_now(), path);
}

void FileLock::take_held_file(const std::filesystem::path& path, int lost_code) {
  try {
    held_.emplace(held_path(path), lost_code);
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
  const bool is_free = ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0;
  if (!is_free && !means_no_locks(errno)) return errno == EWOULDBLOCK;
  return (!is_free || !is_of_this_machine(fd.get())) && HeldFile::is_held(held_path(path));
}

AttemptToken::AttemptToken(std::filesystem::path path) : path_(std::move(path)) {
  std::random_device random;
  token_ = fmt::format("{} {:08x}{:08x}{:08x}{:08x}\n", LockHolder::self().since_now(), random(), random(), random(),
                       random());
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
