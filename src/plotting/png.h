#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace klbench {

/// Four bytes of a PNG's numbers.
std::string big_endian(std::uint32_t value);

/// A chunk with its length and checksum; `type` has four letters.
std::string png_chunk(const std::string& type, const std::string& content);

/// A PNG of one (grey) or three (RGB) channels of 8 bits; `pixels` [height * width * channels].
std::string png(std::size_t width, std::size_t height, std::size_t channels, std::string_view pixels);

}  // namespace klbench
