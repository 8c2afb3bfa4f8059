#include "storage/lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "catch.h"
#include "core/process.h"
#include "temporary_folder.h"

using namespace klbench;

// Run by the tests below as a process of its own: exit code 0 when it gets the lock.
TEST_CASE("take the lock", "[.take_lock]") {
  const std::string path = std::getenv("KLBENCH_TEST_LOCK");
  try {
    const FileLock lock(path);
    std::ofstream(path + ".taken") << "x" << std::flush;
    if (std::getenv("KLBENCH_TEST_HOLD")) std::this_thread::sleep_for(std::chrono::seconds(30));
    std::_Exit(0);
  } catch (const LockedError& error) {
    std::ofstream(path + ".message") << error.what() << std::flush;
    std::_Exit(3);
  }
}

namespace {

int exit_code_of_other(const std::string& path) {
  return run_process({"env", "KLBENCH_TEST_LOCK=" + path, executable_path(), "[.take_lock]"}).exit_code;
}

}  // namespace

TEST_CASE("one process holds a lock, the next learns who, and may have it afterwards") {
  const TemporaryFolder folder;
  const std::string path = folder / "new" / "lock";
  {
    const FileLock lock(path);
    CHECK(exit_code_of_other(path) == 3);
    const std::string message = read_file(path + ".message");
    CHECK_THAT(message, ContainsSubstring("lock: locked by process " + std::to_string(::getpid()) + " on "));
    CHECK_THROWS_AS(FileLock(path), LockedError);
  }
  CHECK(exit_code_of_other(path) == 0);
  CHECK_NOTHROW(FileLock(path));
}

TEST_CASE("a killed holder's lock is free") {
  const TemporaryFolder folder;
  const std::string path = folder / "lock";
  const std::string self = executable_path();
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("KLBENCH_TEST_LOCK", path.c_str(), 1);
    ::setenv("KLBENCH_TEST_HOLD", "1", 1);
    ::execl(self.c_str(), self.c_str(), "[.take_lock]", nullptr);
    std::_Exit(127);
  }
  for (int i = 0; i < 1000 && !std::filesystem::exists(path + ".taken"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK_THROWS_WITH(FileLock(path), ContainsSubstring("process " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_NOTHROW(FileLock(path));
}

TEST_CASE("child processes do not inherit a lock") {
  const TemporaryFolder folder;
  const std::string path = folder / "lock";
  pid_t child = 0;
  {
    const FileLock lock(path);
    child = ::fork();
    if (child == 0) {
      ::execlp("sleep", "sleep", "30", nullptr);
      std::_Exit(127);
    }
    // Until exec the child shares the descriptor: wait for it to have become `sleep`.
    const std::string comm = "/proc/" + std::to_string(child) + "/comm";
    for (int i = 0; i < 1000 && read_file(comm) != "sleep\n"; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK_NOTHROW(FileLock(path));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("the newest attempt owns a cell") {
  const TemporaryFolder folder;
  const auto path = folder / "c.attempt";
  AttemptToken first(path);
  CHECK(first.still_mine());
  AttemptToken second(path);
  CHECK_FALSE(first.still_mine());
  CHECK(second.still_mine());
  first.release();
  CHECK(second.still_mine());
  second.release();
  CHECK_FALSE(second.still_mine());
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("locks and tokens that cannot be written are errors") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  CHECK_THROWS_WITH(FileLock(folder / "file" / "lock"), ContainsSubstring("file"));
  CHECK_THROWS_WITH(AttemptToken(folder / "file" / "token"), ContainsSubstring("file"));
}

namespace {

/// A line of a HeldFile as another holder would have written it.
std::string held_line(const LockHolder& holder) {
  return holder.host + "\t" + holder.boot + "\t" + std::to_string(holder.pid) + "\t" +
         std::to_string(holder.start_ticks) + "\tprocess of a test\n";
}

}  // namespace

TEST_CASE("a lock by a file of its own is held by one and removed with it") {
  const TemporaryFolder folder;
  const auto path = folder / "lock.held";
  {
    const HeldFile held(path);
    CHECK(HeldFile::is_held(path));
    CHECK_THROWS_WITH(HeldFile(path), ContainsSubstring("locked by process " + std::to_string(::getpid()) + " on ") &&
                                          ContainsSubstring("if that has ended, remove " + path.string()));
    CHECK(HeldFile::is_held(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(HeldFile::is_held(path));
}

TEST_CASE("the file of a dead holder is free, that of another host is not") {
  const TemporaryFolder folder;
  const auto path = folder / "lock.held";
  LockHolder gone = LockHolder::self();
  gone.start_ticks += 1;  // another process has got the number since
  write_file_durably(path, held_line(gone));
  CHECK_FALSE(HeldFile::is_held(path));
  CHECK_NOTHROW(HeldFile(path));
  LockHolder before_reboot = LockHolder::self();
  before_reboot.boot = "another";
  write_file_durably(path, held_line(before_reboot));
  CHECK_NOTHROW(HeldFile(path));
  LockHolder far = gone;
  far.host = "node7";
  write_file_durably(path, held_line(far));
  CHECK(HeldFile::is_held(path));
  CHECK_THROWS_WITH(HeldFile(path), ContainsSubstring("locked by process of a test"));
  write_file_durably(path, "");  // its writer has not finished
  CHECK(HeldFile::is_held(path));
}
