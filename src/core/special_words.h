#pragma once

#include <cstdint>

namespace klbench {

/// Ids of the words that every vocabulary begins with: <pad>, <s>, </s>, <unk>.
inline constexpr std::int32_t kPad = 0, kStart = 1, kEnd = 2, kUnknown = 3;

}  // namespace klbench
