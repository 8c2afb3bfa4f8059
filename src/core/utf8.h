#pragma once

#include <cstddef>
#include <string_view>

namespace klbench {

/// Offset of the first byte that does not belong to well-formed UTF-8 (no overlong forms, no surrogates);
/// npos when there is none.
std::size_t find_invalid_utf8(std::string_view bytes);

}  // namespace klbench
