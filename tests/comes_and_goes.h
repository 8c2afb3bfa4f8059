#pragma once

#include <atomic>
#include <filesystem>
#include <string_view>
#include <thread>

#include "core/files.h"

namespace klbench::testing {

/// A file that another thread moves in and out of its place as long as this lives.
class ComesAndGoes {
 public:
  ComesAndGoes(const std::filesystem::path& path, std::string_view bytes) {
    const std::filesystem::path away = path.string() + ".away";
    write_file_durably(away, bytes);
    mover_ = std::thread([this, path, away] {
      while (!ended_) {
        std::filesystem::rename(away, path);
        std::filesystem::rename(path, away);
      }
    });
  }
  ComesAndGoes(const ComesAndGoes&) = delete;
  ComesAndGoes& operator=(const ComesAndGoes&) = delete;
  ~ComesAndGoes() {
    ended_ = true;
    mover_.join();
  }

 private:
  std::atomic<bool> ended_ = false;
  std::thread mover_;
};

}  // namespace klbench::testing
