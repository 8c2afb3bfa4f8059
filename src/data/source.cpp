#include "data/source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

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

bool is_packed(std::string_view bytes, const std::string& file) {
  return bytes.starts_with("\x1f\x8b") || file.ends_with(".gz");
}

std::string unpacked(std::string bytes, const std::string& file) {
  return is_packed(bytes, file) ? unpack(bytes, file) : std::move(bytes);
}

}  // namespace klbench
