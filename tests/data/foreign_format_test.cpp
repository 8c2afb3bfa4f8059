#include "data/text/foreign_format.h"

#include <zlib.h>

#include "catch.h"
#include "core/process.h"
#include "data/helpers.h"
#include "data/text/text_source.h"

using namespace klbench;
using namespace std::string_literals;

namespace {

std::string refusal(const std::string& bytes, const std::string& file) {
  return usage_error([&] { refuse_foreign_format(bytes, file); });
}

std::string in_utf16(const std::string& ascii, bool big_endian) {
  std::string out;
  for (const char c : ascii) out += big_endian ? "\0"s + c : c + "\0"s;
  return out;
}

}  // namespace

TEST_CASE("formats are told by how they begin, with the command that makes text of them") {
  const std::string wanted = "; text in UTF-8 is wanted: ";
  CHECK(refusal("\xFD"
                "7zXZ\0\0\4"s,
                "d/a.txt.xz") == "d/a.txt.xz: packed by xz" + wanted + "xz -dc d/a.txt.xz > d/a.txt");
  CHECK(refusal("BZh91AY&SY..", "a b.bz2") == "a b.bz2: packed by bzip2" + wanted + "bzip2 -dc 'a b.bz2' > 'a b'");
  CHECK(refusal("\x28\xB5\x2F\xFD\x24", "a") == "a: packed by zstd" + wanted + "zstd -dc a > a.txt");
  CHECK(refusal("PK\x03\x04\x14", "a.zip") == "a.zip: a zip archive" + wanted + "unzip a.zip");
  CHECK(refusal("\x89HDF\r\n\x1a\n", "a.h5") == "a.h5: an HDF5 file; text in UTF-8 is wanted");
  CHECK(refusal("version https://git-lfs.github.com/spec/v1\noid", "a") ==
        "a: the placeholder of Git LFS" + wanted + "git lfs pull");
  CHECK(refusal(std::string(257, 'x') + "ustar\0"s, "a.tar") == "a.tar: a tar archive" + wanted + "tar -xf a.tar");
  CHECK(refusal("\xFF\xFEm\0o\0"s, "a") == "a: UTF-16" + wanted + "iconv -f UTF-16 -t UTF-8 a > a.txt");
  CHECK(refusal("\xFF\xFE\0\0m\0\0\0"s, "a") == "a: UTF-32" + wanted + "iconv -f UTF-32 -t UTF-8 a > a.txt");
  CHECK(refusal(in_utf16("one two\n", false), "a") == "a: UTF-16LE" + wanted + "iconv -f UTF-16LE -t UTF-8 a > a.txt");
  CHECK(refusal(in_utf16("one two\n", true), "a") == "a: UTF-16BE" + wanted + "iconv -f UTF-16BE -t UTF-8 a > a.txt");
}

TEST_CASE("text passes, whatever it begins with") {
  for (const char* text :
       {"", "a b\n", "PAR1 is a word", "BZh is one , too", "LZIP", "Rar , I said", "\x1f\x8b gzip"}) {
    CHECK(refusal(text, "f") == "no error");
  }
  CHECK(refusal("a\0b c d\n"s, "f") == "no error");  // left to the check of lines
}

TEST_CASE("what comes out of gzip is looked at again") {
  const FolderWithCache scratch;
  const std::string path = scratch.file("a.gz");
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, "\xFE\xFF\0m", 4);
  gzclose(file);
  CHECK(usage_error([&] { source_text(read_source(path), "a.gz"); }) ==
        "a.gz: UTF-16; text in UTF-8 is wanted: iconv -f UTF-16 -t UTF-8 <(gzip -dc a.gz) > a");
}

TEST_CASE("text that is not UTF-8 gets the encoding that its bytes speak for") {
  CHECK(encoding_advice("caf\xE9 na\xEFve\n", "a") == "if the file is Latin-1: iconv -f ISO-8859-1 -t UTF-8 a > a.txt");
  CHECK(encoding_advice("it\x92s\n", "a") == "if the file is Latin-1: iconv -f WINDOWS-1252 -t UTF-8 a > a.txt");
  CHECK(encoding_advice("caf\xC3\xA9\ncaf\xE9\n", "a") ==
        "other lines are, so this one is damaged: iconv -c -t UTF-8 a > a.txt");
}
