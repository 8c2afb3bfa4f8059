// A folder of a test's own, and the message of the UsageError it expects.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"

namespace klbench {

/// A new empty folder; removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "klbench_test_XXXXXX").string();
    if (!::mkdtemp(name.data())) throw Error("cannot make the folder " + name);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  /// Path of a file in it, as text.
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file, its folders included, and returns its path.
  std::string write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

/// A new folder that also holds the caches: XDG_CACHE_HOME lies in it from now on.
class FolderWithCache : public TemporaryFolder {
 public:
  FolderWithCache() { ::setenv("XDG_CACHE_HOME", file("cache").c_str(), 1); }
};

/// The message of the UsageError that `action` throws; "no error" where it throws none.
template <class Action>
std::string usage_error(Action action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace klbench
