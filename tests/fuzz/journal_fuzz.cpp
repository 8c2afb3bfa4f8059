#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "storage/journal.h"

/// Any bytes are a journal with some valid records in front; what is valid reads the same without the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto parsed = klbench::parse_journal(bytes, "");
  if (parsed.valid_bytes() > size) std::abort();
  const auto again = klbench::parse_journal(bytes.substr(0, parsed.valid_bytes()), "");
  if (again.ends != parsed.ends || again.checksums != parsed.checksums) std::abort();
  if (const auto record = klbench::decode_record(bytes)) {
    const std::string written = klbench::encode_record(*record);
    const auto read = klbench::decode_record(written);
    if (!read || klbench::encode_record(*read) != written) std::abort();
  }
  return 0;
}
