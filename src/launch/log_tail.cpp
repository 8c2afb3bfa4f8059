#include "launch/log_tail.h"

#include <algorithm>
#include <deque>
#include <fstream>

#include "core/error.h"

namespace klbench {

namespace {
constexpr std::int64_t kTailBytes = 16384;
constexpr std::size_t kLongestLogLine = 300;
}  // namespace

std::vector<std::string> log_tail(const std::filesystem::path& path, std::int64_t start, std::size_t lines) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  file.seekg(std::max(start, static_cast<std::int64_t>(file.tellg()) - kTailBytes));
  std::deque<std::string> tail;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    tail.push_back(one_line(std::string_view(line).substr(0, kLongestLogLine)));
    if (tail.size() > lines) tail.pop_front();
  }
  return {tail.begin(), tail.end()};
}

}  // namespace klbench
