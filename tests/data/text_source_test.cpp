#include "data/text/text_source.h"

#include <zlib.h>

#include "catch.h"
#include "data/helpers.h"

using namespace klbench;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  for_each_line(text, "f", [&](int number, std::string_view line) {
    lines.emplace_back(line);
    CHECK(number == static_cast<int>(lines.size()));
  });
  return lines;
}

std::string gzip(const std::string& text, const TemporaryFolder& scratch) {
  const std::string path = scratch.file("packed");
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  return read_source(path);
}

}  // namespace

TEST_CASE("lines end in LF or CRLF, and a byte order mark is dropped") {
  CHECK(lines_of("a b\nc\n") == Lines{"a b", "c"});
  CHECK(lines_of("a\r\n\r\nb") == Lines{"a", "", "b"});
  CHECK(lines_of("\xEF\xBB\xBFx") == Lines{"x"});
  CHECK(lines_of("z\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\ty") == Lines{"z\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\ty"});
}

TEST_CASE("what is not a text file in UTF-8 is refused with file and line") {
  const std::string nul("a\nb\0c\n", 6);
  const std::pair<std::string, std::string> cases[] = {
      {"", "f:1: the file is empty"},
      {"\xEF\xBB\xBF", "f:1: the file is empty"},
      {"\r\n \n\t\n", "f:1: the file has nothing but empty lines"},
      {nul, "f:2: a NUL byte: binary data, a text file in UTF-8 is wanted"},
      {"a\nb\nc\x1b[1m", "f:3: byte 0x1b: binary data, a text file in UTF-8 is wanted"},
      {"a\nb\rc\n", "f:2: a carriage return within the line; write a space instead: tr '\\r' ' ' < f > f.txt"},
      {"a\r\r\n\nb", "f:1: a carriage return within the line; write a space instead: tr '\\r' ' ' < f > f.txt"},
      {"a\rb\rc\r", "f:1: lines that end in carriage returns alone; write: tr '\\r' '\\n' < f > f.txt"},
      {"a\nb\fc\n", "f:2: a form feed within the line; write a space instead: tr '\\f' ' ' < f > f.txt"},
      {"a\vb", "f:1: a vertical tab within the line; write a space instead: tr '\\v' ' ' < f > f.txt"},
      {"a\n\xff\n", "f:2: byte 0xff is not valid UTF-8; "},
      {"\xC3", "f:1: byte 0xc3 is not valid UTF-8; "},              // cut
      {"x\xC0\x80", "f:1: byte 0xc0 is not valid UTF-8; "},         // overlong NUL
      {"\xE0\x9F\xBF", "f:1: byte 0xe0 is not valid UTF-8; "},      // overlong
      {"\xED\xA0\x80", "f:1: byte 0xed is not valid UTF-8; "},      // surrogate
      {"\xF4\x90\x80\x80", "f:1: byte 0xf4 is not valid UTF-8; "},  // beyond U+10FFFF
      {"\x80", "f:1: byte 0x80 is not valid UTF-8; "}};
  for (const auto& [text, message] : cases) {
    const std::string error =
        usage_error([&, &bytes = text] { for_each_line(bytes, "f", [](int, std::string_view) {}); });
    CHECK(error.substr(0, message.size()) == message);
    CHECK((error.size() == message.size() || message.ends_with("UTF-8; ")));
  }
}

TEST_CASE("empty lines at the end of a file are nothing") {
  CHECK(lines_of("a\n\nb\t\n\n \t\r\n\n") == Lines{"a", "", "b\t"});
  CHECK(lines_of("a \n \n") == Lines{"a "});
}

TEST_CASE("gzip is unpacked, several members are joined") {
  const FolderWithCache scratch;
  const std::string large(300000, 'x');
  CHECK(source_text(gzip("a\n", scratch), "f.gz") == "a\n");
  CHECK(source_text(gzip(large, scratch), "any_name") == large);
  CHECK(source_text(gzip("a\n", scratch) + gzip("b\n", scratch), "f.gz") == "a\nb\n");
  CHECK(source_text("plain\n", "f.txt") == "plain\n");
}

TEST_CASE("a gzip that is cut anywhere, changed or followed by other data is refused") {
  const FolderWithCache scratch;
  const std::string packed = gzip("some words\nof a text\n", scratch);
  const std::string message = "f.gz: truncated or corrupt gzip file";
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CHECK(usage_error([&] { source_text(packed.substr(0, size), "f.gz"); }) == message);
  }
  std::string flipped = packed;
  flipped[packed.size() - 6] ^= 1;  // in the checksum
  CHECK(usage_error([&] { source_text(flipped, "f.gz"); }) == message);
  CHECK(usage_error([&] { source_text(packed + "tail", "f.gz"); }) == message);
  CHECK(usage_error([&] { source_text("not packed\n", "f.gz"); }) == message);
}

TEST_CASE("a missing file is named with the reason") {
  CHECK(usage_error([] { read_source("/nonexistent/text"); }) ==
        "/nonexistent/text: cannot open: No such file or directory");
  CHECK(usage_error([] { read_source("/tmp"); }) == "/tmp: a folder, where a file is wanted");
  for (const char* own : {"/dev/stdin", "/dev/fd/63", "/proc/self/fd/0"}) {
    CHECK(usage_error([&] { read_source(own); }) ==
          own + std::string(": every cell reads its data again, in a process of its own; write it to a file first"));
  }
}
