#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "core/error.h"

namespace klbench {

/// Somebody else holds a lock; the message says who.
class LockedError : public Error {
 public:
  using Error::Error;
};

/// Who holds a lock: a process among those that one running kernel shows under one numbering.
struct LockHolder {
  std::string host;       ///< for people; hosts that share a folder may have one name
  std::string boot;       ///< of the kernel, since it was started
  std::string processes;  ///< the numbering (PID namespace): a container has its own
  long long pid = 0;
  unsigned long long start_ticks = 0;

  static LockHolder self();
  /// "process 12 on node7 since 2026-03-04 05:06:07 UTC", which is now.
  std::string since_now() const;
  enum class Life { lives, ended, unknown };
  /// unknown: of another kernel or numbering, where the process cannot be seen.
  Life life() const;
};

/// A lock by exclusive creation of a file, for folders that hosts share and where flock is missing or reaches no other
/// host. The file says who holds it, since when, and, over and over, that its holder lives: a count that grows ten
/// times in lock_seconds(). No clocks are compared: whoever wants the lock looks at the file, and takes it over where
/// the text stays the same for lock_seconds() of its own looking (a holder that this process can see is judged at
/// once). A holder that finds, late after a pause, that the file is another's ends its process at once: it owns nothing
/// more.
class HeldFile {
 public:
  /// Throws LockedError naming the holder, Error on I/O failure. `lost_code`: exit code of the process that has lost
  /// it.
  explicit HeldFile(std::filesystem::path path, int lost_code = 1);
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;
  /// Removes the file.
  ~HeldFile();

  /// Whether somebody holds it; a holder that cannot be seen is taken to live.
  static bool is_held(const std::filesystem::path& path);

 private:
  bool create();
  void beat();
  void beat_once();

  std::filesystem::path path_;
  std::string text_;  ///< of the file, but the count
  std::size_t beats_ = 0;
  int lost_code_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

/// Seconds of silence after which a holder that cannot be seen counts as ended: 30, or $KLBENCH_LOCK_SECONDS, which
/// must be the same on all hosts.
double lock_seconds();

/// Removes the files of holders that have ended from a folder: *.held that stay silent, all looked at together. Returns
/// at once where there are none of holders that cannot be seen. Throws Error.
void remove_dead_locks(const std::filesystem::path& folder);

}  // namespace klbench
