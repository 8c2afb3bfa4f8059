#include "data/text/text_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/files.h"
#include "core/shell.h"
#include "data/text/foreign_format.h"

namespace klbench {

namespace {

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

std::string source_text(std::string bytes, const std::string& file) {
  refuse_foreign_format(bytes, file);
  if (!is_packed(bytes, file)) return bytes;
  std::string text = unpacked(std::move(bytes), file);
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
