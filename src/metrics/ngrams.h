#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace klbench {

using Words = std::vector<std::int32_t>;

/// How often each run of n words stands in a sentence.
inline std::map<Words, std::int64_t> ngrams(const Words& words, std::size_t n) {
  std::map<Words, std::int64_t> counts;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
    ++counts[Words(begin, begin + static_cast<std::ptrdiff_t>(n))];
  }
  return counts;
}

}  // namespace klbench
