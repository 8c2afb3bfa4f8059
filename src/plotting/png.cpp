#include "plotting/png.h"

#include <zlib.h>

#include "core/error.h"

namespace klbench {

namespace {

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), 9) != Z_OK) {
    throw Error("a picture cannot be compressed");
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

std::string png_chunk(const std::string& type, const std::string& content) {
  const std::string body = type + content;
  const auto check = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(content.size())) + body + big_endian(static_cast<std::uint32_t>(check));
}

std::string png(std::size_t width, std::size_t height, std::size_t channels, std::string_view pixels) {
  std::string lines;
  for (std::size_t y = 0; y < height; ++y) {
    lines += '\0';  // no filter
    lines += pixels.substr(y * width * channels, width * channels);
  }
  std::string head =
      big_endian(static_cast<std::uint32_t>(width)) + big_endian(static_cast<std::uint32_t>(height)) + '\x08';
  head += channels == 3 ? '\x02' : '\0';
  head.append(3, '\0');
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", head) + png_chunk("IDAT", deflated(lines)) + png_chunk("IEND", "");
}

}  // namespace klbench
