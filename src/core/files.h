#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace klbench {

/// Whether anything is at `path`; throws Error with the system's reason where that cannot be told.
bool exists_at(const std::filesystem::path& path);

/// What stands at `path` where it is not a file: "a folder", "a pipe", "a socket", "a device"; null for a file and for
/// nothing.
const char* other_than_file(const std::filesystem::path& path);

/// Whole content of a regular file; throws Error naming the path and the system's reason, or what else it is (a pipe
/// would be waited for, a device may never end).
std::string read_file(const std::filesystem::path& path);

/// The same; nothing where there is no file. To look first and read then would fail on files that a run makes or
/// removes in between.
std::optional<std::string> read_file_if_there(const std::filesystem::path& path);

/// Publishes `bytes` at `path` so that a reader, a kill or a power loss sees the old file or the whole new one:
/// unique temporary in the same folder, write, fsync, rename, fsync of the folder. Creates missing folders.
/// Throws Error naming the path and the system's reason, and removes the temporary; UsageError where `path` is a folder
/// or a device.
void write_file_durably(const std::filesystem::path& path, std::string_view bytes);

/// Bytes that lie elsewhere, piece by piece: what is large need not be joined to be hashed and written.
using Pieces = std::vector<std::string_view>;
void write_file_durably(const std::filesystem::path& path, const Pieces& pieces);

/// XXH3-128 as 32 hexadecimal digits.
std::string content_hash(std::string_view bytes);
std::string content_hash(const Pieces& pieces);
std::string file_hash(const std::filesystem::path& path);

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  int release();

 private:
  int fd_;
};

/// Mode of every file that is created; the umask takes away what the user does not want to give.
inline constexpr int kFileMode = 0666;

/// Nothing more can be written where the results lie: disk or quota full, file size limited, read-only.
class StorageError : public Error {
 public:
  using Error::Error;
};

/// Throws Error "path: what: reason of errno `error`"; StorageError where no other file can be written either.
[[noreturn]] void throw_io_error(const std::filesystem::path& path, const char* what, int error);

/// Writes all of `bytes` at the descriptor's position (one write(2) unless the system takes less); throws Error.
void write_all(int fd, std::string_view bytes, const std::filesystem::path& path);

/// fsync of a folder: what was created, renamed or removed in it survives a power loss, where the file system can sync
/// folders at all; throws Error.
void sync_folder(const std::filesystem::path& folder);

/// The folder `path` is in; "." where it names none.
std::filesystem::path folder_of(const std::filesystem::path& path);

/// Creates the missing folders of `folder` so that they survive a power loss; throws Error.
void create_folders(const std::filesystem::path& folder);

/// Creates `folder` where it is missing; throws Error with the system's reason where no file can be made in it.
void require_writable(const std::filesystem::path& folder);

/// Folder for caches and scratch that may be deleted at any time: $XDG_CACHE_HOME/klbench or ~/.cache/klbench.
std::filesystem::path cache_folder();

}  // namespace klbench
