#include "plotting/page/encode.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace klbench {

namespace {

/// The upper 24 bits of a float; what rounds to infinity is infinite.
std::uint32_t three_bytes(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return (std::isfinite(value) ? bits + 0x80U : bits) >> 8U;
}

}  // namespace

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * k) & 63U];
  }
  return out;
}

std::string packed(const std::vector<double>& values) {
  std::string bytes;
  bytes.reserve(3 * values.size());
  for (const double value : values) {
    const std::uint32_t bits = three_bytes(value);
    for (unsigned shift = 0; shift < 24; shift += 8) bytes += static_cast<char>(bits >> shift & 0xFFU);
  }
  return base64(bytes);
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace klbench
