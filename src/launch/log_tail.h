#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace klbench {

/// The last `lines` lines of a log, from offset `start` on, each made printable and cut at 300 characters; reads at
/// most the last 16 KiB. Empty where the file cannot be read.
std::vector<std::string> log_tail(const std::filesystem::path& path, std::int64_t start = 0, std::size_t lines = 5);

}  // namespace klbench
