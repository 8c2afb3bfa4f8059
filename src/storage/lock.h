#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/files.h"
#include "storage/held_file.h"

namespace klbench {

/// An exclusive lock on a file, which ends with this object or its process; child processes do not inherit it. By
/// flock, and by a HeldFile `path`.held where other hosts may see the file too: there flock is missing, or may hold on
/// one host only. The file says who has it (process, host, since when); it is emptied, never removed, when the lock
/// ends.
class FileLock {
 public:
  /// Gives up after 0.2 s, of a holder on another host once it has given a sign of life. Throws LockedError naming the
  /// holder, Error on I/O failure. `lost_code`: exit code of this process where another host takes the lock over while
  /// it is stopped (HeldFile).
  explicit FileLock(const std::filesystem::path& path, int lost_code = 1);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  void take_held_file(const std::filesystem::path& path, int lost_code);

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
