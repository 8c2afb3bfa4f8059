#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <string_view>

namespace klbench {

/// Named CPU tensors and texts.
struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> texts;

  /// Throws Error naming the missing entry.
  const torch::Tensor& tensor(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  /// The tensors whose names begin with `prefix`, under the rest of their names.
  std::map<std::string, torch::Tensor> below(const std::string& prefix) const;
};

/// The safetensors format (8-byte little-endian header size, JSON header, raw data; the texts are its __metadata__), so
/// that weights can be read outside klbench; the same content gives the same bytes. Types: F32, F64, I64, U8, BOOL.
/// The hash of the data stands among the metadata as "data_hash". `before` stands before it all. One buffer, no copies:
/// of a large model a checkpoint is what takes most memory.
std::string encode_tensors(const TensorFile& file, std::string_view before = "");

/// Reads encode_tensors back; throws UsageError "<name>: ..." for anything that is not a well-formed, undamaged file.
TensorFile parse_tensors(std::string_view bytes, const std::string& name);

}  // namespace klbench
