#include "data/text/foreign_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/shell.h"
#include "core/utf8.h"

namespace klbench {

namespace {

using namespace std::string_view_literals;

/// How a format begins, what it is called, and the command that makes text of it; {0} is the file, {1} a name for the
/// text.
struct Format {
  std::string_view magic;
  const char* name;
  const char* repair;
};

constexpr Format kFormats[] = {
    {"\xFF\xFE\0\0"sv, "UTF-32", "iconv -f UTF-32 -t UTF-8 {0} > {1}"},  // before UTF-16, which it begins like
    {"\0\0\xFE\xFF"sv, "UTF-32", "iconv -f UTF-32 -t UTF-8 {0} > {1}"},
    {"\xFF\xFE"sv, "UTF-16", "iconv -f UTF-16 -t UTF-8 {0} > {1}"},
    {"\xFE\xFF"sv, "UTF-16", "iconv -f UTF-16 -t UTF-8 {0} > {1}"},
    {"\xFD"
     "7zXZ\0"sv,
     "packed by xz", "xz -dc {0} > {1}"},
    {"BZh"sv, "packed by bzip2", "bzip2 -dc {0} > {1}"},
    {"\x28\xB5\x2F\xFD"sv, "packed by zstd", "zstd -dc {0} > {1}"},
    {"\x04\x22\x4D\x18"sv, "packed by lz4", "lz4 -dc {0} > {1}"},
    {"LZIP\x01"sv, "packed by lzip", "lzip -dc {0} > {1}"},
    {"\x5D\0\0"sv, "packed by lzma", "xz --format=lzma -dc {0} > {1}"},
    {"\x1F\x9D"sv, "packed by compress", "gzip -dc {0} > {1}"},
    {"PK\x03\x04"sv, "a zip archive", "unzip {0}"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7z archive", "7z x {0}"},
    {"Rar!\x1A\x07"sv, "a rar archive", "unrar x {0}"},
    {"%PDF-"sv, "a PDF", "pdftotext {0} {1}"},
    {"\x89HDF\r\n"sv, "an HDF5 file", ""},
    {"PAR1\x15"sv, "a Parquet file", ""},
    {"version https://git-lfs.github.com/spec/"sv, "the placeholder of Git LFS", "git lfs pull"},
};

constexpr std::size_t kTarMagicAt = 257;

bool is_bzip2(std::string_view bytes) {
  return bytes.size() >= 10 && bytes[3] >= '1' && bytes[3] <= '9' &&
         (bytes.substr(4, 6) == "1AY&SY" || bytes.substr(4, 6) == "\x17\x72\x45\x38\x50\x90");
}

/// "UTF-16LE" or "UTF-16BE" where every NUL stands in the same half of the pairs of bytes, and a tenth of them have one
/// (line ends, spaces, all of ASCII); else null.
const char* utf16_without_mark(std::string_view bytes) {
  bytes = bytes.substr(0, std::min<std::size_t>(bytes.size(), 1 << 16));
  std::size_t nuls[2] = {0, 0};
  for (std::size_t i = 0; i < bytes.size(); ++i) nuls[i % 2] += bytes[i] == '\0' ? 1 : 0;
  const std::size_t all = nuls[0] + nuls[1];
  if (all < 2 || all * 20 < bytes.size() || (nuls[0] > 0 && nuls[1] > 0)) return nullptr;
  return nuls[1] > 0 ? "UTF-16LE" : "UTF-16BE";
}

/// A name for the text of `file`: without the ending of a packed file, else with one of its own.
std::string text_name(const std::string& file) {
  for (const char* ending : {".xz", ".bz2", ".zst", ".lz4", ".lz", ".lzma", ".Z", ".gz"}) {
    if (file.ends_with(ending)) return shell_word(file.substr(0, file.size() - std::string_view(ending).size()));
  }
  return shell_word(file + ".txt");
}

/// What a command reads the text of `file` from.
std::string text_input(const std::string& file, bool unpacked) {
  return unpacked ? fmt::format("<(gzip -dc {})", shell_word(file)) : shell_word(file);
}

[[noreturn]] void refuse(const std::string& file, bool unpacked, const char* name, const std::string& repair) {
  const std::string command = fmt::format(fmt::runtime(repair), text_input(file, unpacked), text_name(file));
  throw UsageError({file}, fmt::format("{}; text in UTF-8 is wanted{}{}", name, repair.empty() ? "" : ": ", command));
}

}  // namespace

void refuse_foreign_format(std::string_view bytes, const std::string& file, bool unpacked) {
  for (const Format& format : kFormats) {
    if (!bytes.starts_with(format.magic) || (format.magic == "BZh" && !is_bzip2(bytes))) continue;
    refuse(file, unpacked, format.name, format.repair);
  }
  if (bytes.size() > kTarMagicAt && bytes.substr(kTarMagicAt).starts_with("ustar")) {
    refuse(file, unpacked, "a tar archive", "tar -xf {0}");
  }
  if (const char* encoding = utf16_without_mark(bytes)) {
    refuse(file, unpacked, encoding, fmt::format("iconv -f {} -t UTF-8 {{0}} > {{1}}", encoding));
  }
}

std::string encoding_advice(std::string_view text, const std::string& file) {
  // Where some bytes beyond ASCII are good UTF-8, the text is meant so and is damaged here.
  bool any_valid = false;
  bool any_control = false;  // of ISO 8859, which Windows-1252 uses for letters and quotes
  while (!text.empty()) {
    const std::size_t bad = std::min(find_invalid_utf8(text), text.size());
    any_valid = any_valid || std::any_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bad),
                                         [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (bad < text.size()) any_control = any_control || static_cast<unsigned char>(text[bad]) < 0xA0;
    text.remove_prefix(std::min(bad + 1, text.size()));
  }
  const std::string from = text_input(file, file.ends_with(".gz"));
  const std::string to = text_name(file);
  if (any_valid) return fmt::format("other lines are, so this one is damaged: iconv -c -t UTF-8 {} > {}", from, to);
  return fmt::format("if the file is Latin-1: iconv -f {} -t UTF-8 {} > {}",
                     any_control ? "WINDOWS-1252" : "ISO-8859-1", from, to);
}

}  // namespace klbench
