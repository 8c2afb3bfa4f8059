#include "core/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "core/error.h"

namespace klbench {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

void throw_io_error(const std::filesystem::path& path, const char* what, int error) {
  const std::string text = fmt::format("{}: {}: {}", path.string(), what, std::strerror(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG || error == EROFS) throw StorageError(text);
  throw Error(text);
}

void write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_io_error(path, "cannot write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0 && ::fsync(fd.get()) == 0) return;
  // CIFS and some FUSE file systems cannot sync a folder: there is nothing more that could be done.
  if (fd.get() >= 0 && (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS)) return;
  throw_io_error(folder, "cannot sync folder", errno);
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

void create_folders(const std::filesystem::path& folder) {
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return;
  const std::filesystem::path parent = folder_of(folder);
  create_folders(parent);
  if (std::filesystem::create_directory(folder, error)) return sync_folder(parent);
  if (error == std::errc::file_exists) throw UsageError(folder.string() + ": a file, where a folder is wanted");
  if (error) throw_io_error(folder, "cannot create folder", error.value());
}

void require_writable(const std::filesystem::path& folder) {
  create_folders(folder);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw_io_error(folder, "cannot write there", errno);
}

bool exists_at(const std::filesystem::path& path) {
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (error) throw_io_error(path, "cannot look there", error.value());
  return there;
}

const char* other_than_file(const std::filesystem::path& path) {
  std::error_code error;
  switch (std::filesystem::status(path, error).type()) {
    case std::filesystem::file_type::directory:
      return "a folder";
    case std::filesystem::file_type::fifo:
      return "a pipe";
    case std::filesystem::file_type::socket:
      return "a socket";
    case std::filesystem::file_type::character:
    case std::filesystem::file_type::block:
      return "a device";
    default:
      return nullptr;
  }
}

std::string read_file(const std::filesystem::path& path) {
  auto bytes = read_file_if_there(path);
  if (!bytes) throw_io_error(path, "cannot open", ENOENT);
  return std::move(*bytes);
}

std::optional<std::string> read_file_if_there(const std::filesystem::path& path) {
  if (const char* what = other_than_file(path)) {
    throw Error(fmt::format("{}: {}, where a file is wanted", path.string(), what));
  }
  // O_NONBLOCK: a pipe that takes the file's place meanwhile is not waited for.
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (fd.get() < 0) throw_io_error(path, "cannot open", errno);
  std::string bytes;
  struct stat state {};
  if (::fstat(fd.get(), &state) == 0 && state.st_size > 0) bytes.reserve(static_cast<std::size_t>(state.st_size));
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_io_error(path, "cannot read", errno);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

void write_file_durably(const std::filesystem::path& path, std::string_view bytes) {
  write_file_durably(path, Pieces{bytes});
}

void write_file_durably(const std::filesystem::path& path, const Pieces& pieces) {
  static std::atomic<unsigned> counter{0};
  const std::filesystem::path folder = folder_of(path);
  if (const char* what = path.has_filename() ? other_than_file(path) : "a folder") {
    throw UsageError(fmt::format("{}: {}, where a file is wanted", path.string(), what));
  }
  create_folders(folder);
  std::filesystem::path temporary;  // errors name `path`, which is what the user knows
  try {
    {
      Descriptor fd;
      do {  // a process of another host or container may have our number
        temporary = fmt::format("{}.tmp.{}.{}", path.string(), ::getpid(), counter++);
        fd = Descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
      } while (fd.get() < 0 && errno == EEXIST);
      if (fd.get() < 0) {
        const int reason = errno;
        temporary.clear();
        throw_io_error(path, "cannot create", reason);
      }
      for (const auto piece : pieces) write_all(fd.get(), piece, path);
      if (::fsync(fd.get()) != 0) throw_io_error(path, "cannot sync", errno);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw_io_error(path, "cannot publish", errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(folder);
}

namespace {

std::string digits(const XXH128_hash_t& hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }

}  // namespace

std::string content_hash(std::string_view bytes) { return digits(XXH3_128bits(bytes.data(), bytes.size())); }

std::string content_hash(const Pieces& pieces) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  if (!state) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  for (const auto piece : pieces) XXH3_128bits_update(state.get(), piece.data(), piece.size());
  return digits(XXH3_128bits_digest(state.get()));
}

std::string file_hash(const std::filesystem::path& path) { return content_hash(read_file(path)); }

std::filesystem::path cache_folder() {
  if (const char* folder = std::getenv("XDG_CACHE_HOME"); folder && *folder) {
    return std::filesystem::path(folder) / "klbench";
  }
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home && *home ? home : "/tmp") / ".cache" / "klbench";
}

}  // namespace klbench
