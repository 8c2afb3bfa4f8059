#include "plotting/picture_bytes.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <map>
#include <utility>

#include "plotting/png.h"

namespace klbench {

namespace {

constexpr std::size_t kAfterHeader = 8 + 25;  // signature and IHDR

}  // namespace

bool is_whole(std::string_view bytes, const std::string& format) {
  static const std::map<std::string, std::pair<std::string, std::string>> kEnds = {
      {"png", {"\x89PNG", "IEND\xAE\x42\x60\x82"}}, {"svg", {"<?xml", "</svg>"}}, {"pdf", {"%PDF-", "%%EOF"}}};
  const auto& [head, tail] = kEnds.at(format);
  return bytes.starts_with(head) && bytes.substr(0, bytes.find_last_not_of(" \r\n") + 1).ends_with(tail);
}

std::string with_fixed_date(std::string pdf) {
  const std::string key = "/CreationDate (D:";
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t seconds = epoch ? std::strtoll(epoch, nullptr, 10) : 0;
  const std::string date = fmt::format("{:%Y%m%d%H%M%S}", fmt::gmtime(seconds));
  const std::size_t at = pdf.find(key);
  if (at == std::string::npos) return pdf;
  const std::size_t first = at + key.size(), end = pdf.find(')', first);
  if (end == std::string::npos || end - first < date.size()) return pdf;
  const std::size_t zone = end - first - date.size();  // "Z" or "+01'00": the file's offsets stay
  return pdf.replace(first, end - first, date + (zone == 1 ? "Z" : std::string("+00'00'").substr(0, zone)));
}

std::string with_resolution(std::string png, int dpi) {
  const auto per_metre = static_cast<std::uint32_t>(std::lround(dpi / 0.0254));
  return png.insert(kAfterHeader, png_chunk("pHYs", big_endian(per_metre) + big_endian(per_metre) + '\1'));
}

}  // namespace klbench
