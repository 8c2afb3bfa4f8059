#pragma once

#include <cstdint>

namespace klbench {

/// Sizes of an image; all 0: there is none.
struct ImageShape {
  std::int64_t channels = 0, height = 0, width = 0;
  std::int64_t pixels() const { return channels * height * width; }
  bool operator==(const ImageShape&) const = default;
};

}  // namespace klbench
