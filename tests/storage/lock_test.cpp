#include "storage/lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stop_token>
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

const bool kQuick = ::setenv("KLBENCH_LOCK_SECONDS", "0.5", 1) == 0;

/// The file of a HeldFile as another holder would have written it.
std::string held_text(const LockHolder& holder, int beats = 0) {
  return std::to_string(10000000 + beats) + "\t" + holder.host + "\t" + holder.boot + "\t" + holder.processes + "\t" +
         std::to_string(holder.pid) + "\t" + std::to_string(holder.start_ticks) + "\tprocess of a test\n";
}

LockHolder on_another_host() {
  LockHolder holder = LockHolder::self();  // of our name and our number
  holder.boot = "another";
  return holder;
}

/// Has the file grow older as its holder would, until the end of this object.
class Beating {
 public:
  Beating(const std::filesystem::path& path, const LockHolder& holder) {
    std::ofstream(path) << held_text(holder);
    thread_ = std::jthread([path, holder](const std::stop_token& ended) {
      for (int beats = 1; !ended.stop_requested(); ++beats) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        std::fstream(path) << held_text(holder, beats);
      }
    });
  }

 private:
  std::jthread thread_;
};

}  // namespace

TEST_CASE("a lock by a file of its own is held by one and removed with it") {
  REQUIRE(kQuick);
  const TemporaryFolder folder;
  const auto path = folder / "lock.held";
  {
    const HeldFile held(path);
    CHECK(HeldFile::is_held(path));
    CHECK_THROWS_WITH(HeldFile(path), ContainsSubstring("locked by process " + std::to_string(::getpid()) + " on "));
    CHECK(HeldFile::is_held(path));
    const std::string before = read_file(path);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    CHECK(read_file(path) > before);  // its count has grown
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(HeldFile::is_held(path));
}

TEST_CASE("the file of a holder that is seen to have ended is free at once") {
  const TemporaryFolder folder;
  const auto path = folder / "lock.held";
  LockHolder gone = LockHolder::self();
  gone.start_ticks += 1;  // another process has got the number since
  write_file_durably(path, held_text(gone));
  CHECK_FALSE(HeldFile::is_held(path));
  CHECK_NOTHROW(HeldFile(path));
}

TEST_CASE("a holder that cannot be seen lives while its file changes") {
  const TemporaryFolder folder;
  const auto path = folder / "lock.held";
  LockHolder holder = on_another_host();
  if (GENERATE(false, true)) {  // a container of this machine
    holder = LockHolder::self();
    holder.processes = "pid:[1]";
    holder.pid = 999999999;
  }
  {
    const Beating beating(path, holder);
    CHECK(HeldFile::is_held(path));
    CHECK_THROWS_WITH(HeldFile(path), ContainsSubstring("locked by process of a test"));
    remove_dead_locks(folder.path());
    CHECK(std::filesystem::exists(path));
  }
  CHECK(HeldFile::is_held(path));  // nobody can tell at once
  const auto start = std::chrono::steady_clock::now();
  CHECK_NOTHROW(HeldFile(path));
  CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(500));
}

TEST_CASE("all files of a folder whose holders are silent go together, also those that say nothing") {
  const TemporaryFolder folder;
  const auto start = std::chrono::steady_clock::now();
  for (const char* name : {"a.held", "b.held"}) write_file_durably(folder / name, held_text(on_another_host()));
  write_file_durably(folder / "c.held", "");           // its writer was killed
  write_file_durably(folder / "a.held.breaking", "");  // as was who found out about it
  remove_dead_locks(folder.path());
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(4));
}

// Run by the test below as a process of its own.
TEST_CASE("hold a file", "[.hold_file]") {
  const HeldFile held(std::getenv("KLBENCH_TEST_LOCK"), 7);
  std::this_thread::sleep_for(std::chrono::seconds(30));
}

TEST_CASE("a holder that has lost its file ends") {
  const TemporaryFolder folder;
  const std::string path = folder.file("lock.held");
  std::thread other([&] {
    for (int i = 0; i < 1000 && !std::filesystem::exists(path); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    write_file_durably(path, held_text(on_another_host()));
  });
  const auto ended = run_process({"env", "KLBENCH_TEST_LOCK=" + path, executable_path(), "[.hold_file]"});
  other.join();
  CHECK(ended.exit_code == 7);
  CHECK_THAT(ended.err, ContainsSubstring("lock.held: taken over by process of a test: this process ends"));
  CHECK(read_file(path) == held_text(on_another_host()));
}
