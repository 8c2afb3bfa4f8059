#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"

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
/// The hash of the data stands among the metadata as "data_hash". Of tensors on the CPU nothing is copied.
class EncodedTensors {
 public:
  explicit EncodedTensors(const TensorFile& file);
  /// The file's bytes, valid as long as this object and the values of the tensors.
  Pieces pieces() const;

 private:
  std::string head_;
  std::vector<torch::Tensor> data_;  ///< contiguous, on the CPU
};

/// Reads it back; throws UsageError "<name>: ..." for anything that is not a well-formed, undamaged file.
TensorFile parse_tensors(std::string_view bytes, const std::string& name);

}  // namespace klbench
