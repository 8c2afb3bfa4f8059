#include "core/files.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>

#include "catch.h"
#include "comes_and_goes.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.exit_code() == 1);
    return error.what();
  }
  return "no error";
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) count += entry.exists() ? 1 : 0;
  return count;
}

/// Caps the size of files this process may write; the signal that goes with it is ignored, so that write fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("A file written durably reads back byte for byte, in folders that did not exist") {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\r\n\xff", 6);
  write_file_durably(folder.path() / "x/y/z.bin", bytes);
  CHECK(read_file(folder.path() / "x/y/z.bin") == bytes);
  CHECK(files_in(folder.path() / "x/y") == 1);  // no temporary is left
}

TEST_CASE("Writing replaces the whole file") {
  const TemporaryFolder folder;
  write_file_durably(folder.file("a"), std::string(100000, 'x'));
  CHECK(read_file(folder.file("a")).size() == 100000);
  write_file_durably(folder.file("a"), "short");
  CHECK(read_file(folder.file("a")) == "short");
  write_file_durably(folder.file("a"), "");
  CHECK(read_file(folder.file("a")).empty());
}

TEST_CASE("Reading what is not there names path and reason") {
  const TemporaryFolder folder;
  CHECK_THAT(error_of([&] { read_file(folder.file("none")); }), ContainsSubstring(folder.file("none")));
  CHECK_THAT(error_of([&] { read_file(folder.file("none")); }), ContainsSubstring("No such file"));
}

TEST_CASE("A file that others make and remove meanwhile is read whole or not there") {
  const TemporaryFolder folder;
  const std::string path = folder.file("comes_and_goes");
  CHECK_FALSE(read_file_if_there(path).has_value());
  CHECK_FALSE(read_file_if_there(path + "/below").has_value());
  CHECK(error_of([&] { read_file_if_there(folder.path()); }).ends_with(": a folder, where a file is wanted"));
  const testing::ComesAndGoes other(path, "whole");
  int there = 0, gone = 0;
  std::string wrong = "none";
  const auto read = [&] {
    const auto text = read_file_if_there(path);
    ++(text ? there : gone);
    if (text && *text != "whole") wrong = *text;
  };
  while (wrong == "none" && (there < 10000 || gone < 10000)) {
    if (const auto failure = error_of(read); failure != "no error") wrong = failure;
  }
  CHECK(wrong == "none");
}

TEST_CASE("Only files are read: a folder, a pipe, a socket and a device are refused at once") {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string socket = folder.file("socket");
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  const Descriptor end(::socket(AF_UNIX, SOCK_STREAM, 0));
  REQUIRE(::bind(end.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  std::filesystem::create_symlink(pipe, folder.path() / "link");

  CHECK(error_of([&] { read_file(folder.path()); }) == folder.path().string() + ": a folder, where a file is wanted");
  CHECK(error_of([&] { read_file(pipe); }) == pipe + ": a pipe, where a file is wanted");
  CHECK(error_of([&] { read_file(folder.file("link")); }) == folder.file("link") + ": a pipe, where a file is wanted");
  CHECK(error_of([&] { read_file(socket); }) == socket + ": a socket, where a file is wanted");
  CHECK(error_of([] { read_file("/dev/zero"); }) == "/dev/zero: a device, where a file is wanted");
}

TEST_CASE("Writing below a file fails and leaves it alone") {
  const TemporaryFolder folder;
  folder.write("file", "kept");
  CHECK_THROWS_WITH(write_file_durably(folder.path() / "file/inner", "x"),
                    (folder.path() / "file").string() + ": a file, where a folder is wanted");
  CHECK(read_file(folder.file("file")) == "kept");
}

TEST_CASE("Writing over a folder fails and leaves no temporary") {
  const TemporaryFolder folder;
  folder.write("target/inside", "kept");
  CHECK(usage_error([&] { write_file_durably(folder.path() / "target", "x"); }) ==
        folder.file("target") + ": a folder, where a file is wanted");
  CHECK(files_in(folder.path()) == 1);
  CHECK(read_file(folder.path() / "target/inside") == "kept");
}

TEST_CASE("Only a file is written, and errors name it") {
  const TemporaryFolder folder;
  CHECK(usage_error([&] { write_file_durably(folder.file("new/"), "x"); }) ==
        folder.file("new/") + ": a folder, where a file is wanted");
  CHECK(usage_error([] { write_file_durably("/dev/null", "x"); }) == "/dev/null: a device, where a file is wanted");
  CHECK(error_of([] { write_file_durably("/proc/file", "x"); }) ==
        "/proc/file: cannot create: No such file or directory");
  const FileSizeLimit limit(10);
  CHECK(error_of([&] { write_file_durably(folder.file("a"), std::string(100, 'x')); }) ==
        folder.file("a") + ": cannot write: File too large");
}

TEST_CASE("A folder can be written, or it is said why not") {
  const TemporaryFolder folder;
  require_writable(folder.path() / "x/y");
  CHECK(std::filesystem::is_directory(folder.path() / "x/y"));
  CHECK(error_of([] { require_writable("/proc/nowhere"); }) ==
        "/proc/nowhere: cannot create folder: No such file or directory");
}

TEST_CASE("A write the system cuts short keeps the old file and leaves no temporary") {
  const TemporaryFolder folder;
  write_file_durably(folder.file("a"), "old");
  {
    const FileSizeLimit limit(4096);
    CHECK_THAT(error_of([&] { write_file_durably(folder.file("a"), std::string(10000, 'x')); }),
               ContainsSubstring("File too large"));
  }
  CHECK(read_file(folder.file("a")) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("Hashes are XXH3-128 in 32 digits") {
  CHECK(content_hash("") == "99aa06d3014798d86001c324468d497f");
  CHECK(content_hash("a") != content_hash("b"));
  CHECK(content_hash(Pieces{"some", "", " bytes"}) == content_hash("some bytes"));
  CHECK(content_hash(std::string(1, '\0')) != content_hash(""));
  const TemporaryFolder folder;
  CHECK(file_hash(folder.write("a", "some bytes")) == content_hash("some bytes"));
}

TEST_CASE("The cache folder follows XDG_CACHE_HOME and falls back to HOME") {
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::string saved = before ? before : "";
  ::setenv("XDG_CACHE_HOME", "/some/cache", 1);
  CHECK(cache_folder() == "/some/cache/klbench");
  ::unsetenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  CHECK(cache_folder() == std::filesystem::path(home && *home ? home : "/tmp") / ".cache/klbench");
  if (before) ::setenv("XDG_CACHE_HOME", saved.c_str(), 1);
}

TEST_CASE("the umask decides who may read and write what is published") {
  const TemporaryFolder folder;
  struct stat status {};
  for (const auto& [mask, mode] : {std::pair{0002U, 0664U}, std::pair{0077U, 0600U}, std::pair{0022U, 0644U}}) {
    const mode_t before = ::umask(mask);
    write_file_durably(folder / "file", "x");
    ::umask(before);
    REQUIRE(::stat(folder.file("file").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == mode);
  }
}

TEST_CASE("a file system that cannot sync folders is good enough") {
  CHECK_NOTHROW(sync_folder("/proc"));  // answers EINVAL
  CHECK_THROWS_AS(sync_folder("/proc/nothing/there"), Error);
}

TEST_CASE("errors that no other file would be spared are told apart") {
  for (const int error : {ENOSPC, EDQUOT, EFBIG, EROFS}) {
    CHECK_THROWS_AS(throw_io_error("some/file", "cannot write", error), StorageError);
  }
  CHECK_THROWS_WITH(throw_io_error("some/file", "cannot write", ENOSPC),
                    "some/file: cannot write: No space left on device");
  try {
    throw_io_error("some/file", "cannot write", EACCES);
  } catch (const StorageError&) {
    FAIL("not a matter of the storage");
  } catch (const Error&) {
  }
}
