#pragma once

#include <filesystem>
#include <stop_token>
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
    mover_ = std::jthread([path, away](const std::stop_token& ended) {
      while (!ended.stop_requested()) {
        std::filesystem::rename(away, path);
        std::filesystem::rename(path, away);
      }
    });
  }

 private:
  std::jthread mover_;
};

}  // namespace klbench::testing
