#include "core/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace klbench {

namespace {

/// A number from 1 to 9999 in the environment, else `otherwise`.
unsigned short from_environment(const char* name, unsigned short otherwise) {
  const char* text = std::getenv(name);
  unsigned short value = 0;
  if (text == nullptr) return otherwise;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  return error == std::errc() && *end == '\0' && value > 0 && value < 10000 ? value : otherwise;
}

int failure = 0;  // of standard output, the first

}  // namespace

bool moves_cursor(int fd) {
  const char* term = std::getenv("TERM");
  return term != nullptr && *term != '\0' && std::string_view(term) != "dumb" && ::isatty(fd) != 0;
}

TerminalSize terminal_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) size = {};
  if (size.ws_col == 0) size.ws_col = from_environment("COLUMNS", 80);
  if (size.ws_row == 0) size.ws_row = from_environment("LINES", 24);
  return {size.ws_col, size.ws_row};
}

bool flush_output() {
  errno = 0;
  if (std::fflush(stdout) != 0 && failure == 0) failure = errno;
  if (std::ferror(stdout) != 0 && failure == 0) failure = EIO;
  return failure == 0;
}

int output_failure() { return failure; }

bool writes_utf8() {
  const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return false;
  const bool utf8 = std::string_view(::nl_langinfo_l(CODESET, locale)) == "UTF-8";
  ::freelocale(locale);
  return utf8;
}

}  // namespace klbench
