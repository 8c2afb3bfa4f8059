#include "data/text_source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/files.h"
#include "data/foreign_format.h"

namespace klbench {

namespace {

constexpr std::size_t kMaxUnpackedBytes = std::size_t{4} << 30;
constexpr int kGzipOnly = 15 + 16;  // window bits of zlib, with a gzip header

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw Error("zlib does not start");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Unpacks the member at the start of `packed` and drops it from there; false when it is cut or corrupt.
  bool member(std::string_view& packed, std::string& out, const std::string& file) {
    inflateReset(&stream_);
    char buffer[1 << 16];
    for (;;) {
      // avail_in is 32 bits wide, the file need not be.
      const std::size_t given = std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max());
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
      stream_.avail_in = static_cast<uInt>(given);
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = sizeof buffer;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      packed.remove_prefix(given - stream_.avail_in);
      out.append(buffer, sizeof buffer - stream_.avail_out);
      if (out.size() > kMaxUnpackedBytes) throw UsageError({file}, "more than 4 GiB when unpacked");
      if (status == Z_STREAM_END) return true;
      if (status != Z_OK) return false;
    }
  }

 private:
  z_stream stream_{};
};

std::string unpack(std::string_view packed, const std::string& file) {
  Inflater inflater;
  std::string out;
  do {
    if (!inflater.member(packed, out, file)) throw UsageError({file}, "truncated or corrupt gzip file");
  } while (!packed.empty());
  return out;
}

/// Length of the UTF-8 sequence at the start of `text` (RFC 3629), 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned a = byte(0);
  const unsigned b = byte(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return tail(1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    const bool overlong = a == 0xE0 && b < 0xA0;
    const bool surrogate = a == 0xED && b > 0x9F;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    const bool out_of_range = (a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F);
    return tail(1) && tail(2) && tail(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

/// What is wrong with a control character in `text`, and what to do.
std::string control_problem(unsigned char byte, std::string_view text, const std::string& file) {
  const auto replaced = [&](const char* by) {
    return fmt::format("tr '{}' < {} > {}.txt", by, shell_word(file), shell_word(file));
  };
  switch (byte) {
    case '\r':
      return text.find('\n') == text.npos
                 ? "lines that end in carriage returns alone; write: " + replaced("\\r' '\\n")
                 : "a carriage return within the line; write a space instead: " + replaced("\\r' ' ");
    case '\f':
    case '\v':
      return fmt::format("a {} within the line; write a space instead: {}", byte == '\f' ? "form feed" : "vertical tab",
                         replaced(byte == '\f' ? "\\f' ' " : "\\v' ' "));
    case 0:
      return "a NUL byte: binary data, a text file in UTF-8 is wanted";
    default:
      return fmt::format("byte 0x{:02x}: binary data, a text file in UTF-8 is wanted", byte);
  }
}

void check_line(std::string_view content, const Place& place, std::string_view text) {
  for (std::size_t i = 0; i < content.size();) {
    const auto byte = static_cast<unsigned char>(content[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
      throw UsageError(place, control_problem(byte, text, place.file));
    }
    const std::size_t length = utf8_length(content.substr(i));
    if (length == 0) {
      throw UsageError(place,
                       fmt::format("byte 0x{:02x} is not valid UTF-8; {}", byte, encoding_advice(text, place.file)));
    }
    i += length;
  }
}

/// `text` without the lines at its end that have nothing but blanks.
std::string_view without_blank_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (last == text.npos) return {};
  return text.substr(0, std::min(text.find('\n', last), text.size() - 1) + 1);
}

}  // namespace

std::string read_source(const std::string& path) {
  for (const char* own : {"/dev/stdin", "/dev/fd/", "/proc/self/"}) {
    if (path.starts_with(own)) {
      throw UsageError({path}, "every cell reads its data again, in a process of its own; write it to a file first");
    }
  }
  try {
    return read_file(path);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

std::string source_text(std::string bytes, const std::string& file) {
  refuse_foreign_format(bytes, file);
  const bool packed = bytes.starts_with("\x1f\x8b") || file.ends_with(".gz");
  if (!packed) return bytes;
  std::string text = unpack(bytes, file);
  refuse_foreign_format(text, file, /*unpacked=*/true);
  return text;
}

void for_each_line(std::string_view text, const std::string& file,
                   const std::function<void(int line, std::string_view content)>& handle) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.empty()) throw UsageError({file, 1}, "the file is empty");
  text = without_blank_end(text);
  if (text.empty()) throw UsageError({file, 1}, "the file has nothing but empty lines");
  const std::string_view whole = text;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.ends_with('\r')) content.remove_suffix(1);
    check_line(content, {file, line}, whole);
    handle(line, content);
  }
}

}  // namespace klbench
