#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace klbench {

/// Where one tensor lies in a safetensors file.
struct TensorEntry {
  std::string type;  ///< F32, F64, I64, U8 or BOOL
  std::vector<std::int64_t> shape;
  std::string_view data;  ///< its raw bytes within the file
};

/// What the header of a safetensors file says: 8-byte little-endian header size, JSON header, raw data.
struct TensorHeader {
  std::map<std::string, TensorEntry> entries;
  std::map<std::string, std::string> texts;  ///< __metadata__ but for "data_hash", the hash of the data
};

/// Reads and checks a header; `bytes` is the whole file and must outlive the result. Every entry's data lies within the
/// file and has the size that its type and shape say; the data have the hash that the header gives them, where it does.
/// Throws UsageError "<name>: ..." for anything else.
TensorHeader parse_tensor_header(std::string_view bytes, const std::string& name);

}  // namespace klbench
