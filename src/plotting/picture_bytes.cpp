#include "plotting/picture_bytes.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "core/process.h"
#include "plotting/png.h"

namespace klbench {

namespace {

constexpr std::size_t kAfterHeader = 8 + 25;  // signature and IHDR

constexpr const char* kDateKey = "/CreationDate (D:";

/// The PDF with its objects in the clear; as it is where qpdf is not there.
std::string opened(const std::filesystem::path& file) {
  const std::string clear = file.string() + ".clear";
  try {
    // The usual identifier is made of the time.
    run_process({"qpdf", "--object-streams=disable", "--static-id", file.string(), clear});
  } catch (const Error& error) {
    spdlog::debug("{}", error.what());
  }
  std::error_code ignored;
  return read_file(std::filesystem::exists(clear, ignored) ? std::filesystem::path(clear) : file);
}

}  // namespace

bool is_whole(std::string_view bytes, const std::string& format) {
  static const std::map<std::string, std::pair<std::string, std::string>> kEnds = {
      {"png", {"\x89PNG", "IEND\xAE\x42\x60\x82"}}, {"svg", {"<?xml", "</svg>"}}, {"pdf", {"%PDF-", "%%EOF"}}};
  const auto& [head, tail] = kEnds.at(format);
  return bytes.starts_with(head) && bytes.substr(0, bytes.find_last_not_of(" \r\n") + 1).ends_with(tail);
}

std::string with_fixed_date(std::string pdf) {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t seconds = epoch ? std::strtoll(epoch, nullptr, 10) : 0;
  const std::string date = fmt::format("{:%Y%m%d%H%M%S}", fmt::gmtime(seconds));
  const std::size_t at = pdf.find(kDateKey);
  if (at == std::string::npos) return pdf;
  const std::size_t first = at + std::strlen(kDateKey), end = pdf.find(')', first);
  if (end == std::string::npos || end - first < date.size()) return pdf;
  const std::size_t zone = end - first - date.size();  // "Z" or "+01'00": the file's offsets stay
  return pdf.replace(first, end - first, date + (zone == 1 ? "Z" : std::string("+00'00'").substr(0, zone)));
}

std::string read_with_fixed_date(const std::filesystem::path& file) {
  std::string pdf = read_file(file);
  return with_fixed_date(pdf.find(kDateKey) == std::string::npos ? opened(file) : std::move(pdf));
}

std::string with_resolution(std::string png, int dpi) {
  const auto per_metre = static_cast<std::uint32_t>(std::lround(dpi / 0.0254));
  return png.insert(kAfterHeader, png_chunk("pHYs", big_endian(per_metre) + big_endian(per_metre) + '\1'));
}

}  // namespace klbench
