#pragma once

#include <filesystem>
#include <string>

#include "core/error.h"
#include "core/files.h"

namespace klbench {

/// Somebody else holds a lock; the message says who.
class LockedError : public Error {
 public:
  using Error::Error;
};

/// An exclusive lock on a file (flock), which ends with this object or its process; child processes do not inherit it.
/// The file says who has it (process, host, since when); it is emptied, never removed, when the lock ends.
class FileLock {
 public:
  /// Gives up after 0.2 s. Throws LockedError naming the holder, Error on I/O failure.
  explicit FileLock(const std::filesystem::path& path);
  FileLock(FileLock&&) = default;
  FileLock& operator=(FileLock&&) = default;
  ~FileLock();

 private:
  Descriptor fd_;
};

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
