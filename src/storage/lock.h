#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/files.h"

namespace klbench {

/// Somebody else holds a lock; the message says who.
class LockedError : public Error {
 public:
  using Error::Error;
};

/// Who holds a lock: a process of a host since that host was started.
struct LockHolder {
  std::string host;
  std::string boot;
  long long pid = 0;
  unsigned long long start_ticks = 0;

  static LockHolder self();
  /// False where it is known to have ended: a process of this host that is not there any more.
  bool may_live() const;
};

/// A lock by exclusive creation of a file, for file systems without flock: one line, LockHolder and since when, removed
/// when the lock ends. A holder of this host that has died is found out and its file removed; one of another host
/// cannot be.
class HeldFile {
 public:
  /// Throws LockedError naming the holder and how to free a lock that nobody holds, Error on I/O failure.
  explicit HeldFile(std::filesystem::path path);
  HeldFile(HeldFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  HeldFile& operator=(HeldFile&&) = delete;
  ~HeldFile();

  /// Whether somebody holds it.
  static bool is_held(const std::filesystem::path& path);

 private:
  std::filesystem::path path_;
};

/// An exclusive lock on a file, which ends with this object or its process; child processes do not inherit it. By
/// flock, and by a HeldFile `path`.held where the file system has none. The file says who has it (process, host, since
/// when); it is emptied, never removed, when the lock ends.
class FileLock {
 public:
  /// Gives up after 0.2 s. Throws LockedError naming the holder, Error on I/O failure.
  explicit FileLock(const std::filesystem::path& path);
  FileLock(FileLock&&) = default;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  void take_held_file(const std::filesystem::path& path);

  Descriptor fd_;
  std::optional<HeldFile> held_;
};

/// Whether some process holds the lock on `path`.
bool lock_is_held(const std::filesystem::path& path);

/// Marks one attempt at a cell as the newest: whoever started later owns the cell and alone may publish it.
class AttemptToken {
 public:
  /// Writes a unique token durably to `path` (<id>.attempt). Throws Error.
  explicit AttemptToken(std::filesystem::path path);
  /// False once another attempt has started (or the file is gone or unreadable).
  bool still_mine() const;
  /// Removes the file if it is still ours: the attempt is over.
  void release();

 private:
  std::filesystem::path path_;
  std::string token_;
};

}  // namespace klbench
