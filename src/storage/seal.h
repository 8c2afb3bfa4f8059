#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace klbench {

/// Every HDF5 file of klbench starts with a user block (a space HDF5 leaves to applications) that holds the XXH3-128 of
/// all bytes behind it, so that a flipped bit or a missing tail is seen before HDF5, which damaged files can crash,
/// looks at the file. A file that another program has written to is seen the same way.
inline constexpr std::size_t kSealSize = 512;

/// The user block for `content`.
std::string make_seal(std::string_view content);

/// Why `bytes` are not a whole sealed file; empty when they are.
std::string broken_seal(std::string_view bytes);

}  // namespace klbench
