#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "training/tensor_header.h"

/// Any bytes are tensors that lie within them, or a UsageError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    for (const auto& [name, entry] : klbench::parse_tensor_header(bytes, "checkpoint").entries) {
      if (entry.data.begin() < bytes.begin() || entry.data.end() > bytes.end()) std::abort();
      std::size_t elements = 1;
      for (const auto length : entry.shape) elements *= static_cast<std::size_t>(length);
      if (entry.data.size() % (elements == 0 ? 1 : elements) != 0) std::abort();
    }
  } catch (const klbench::UsageError&) {
  }
  return 0;
}
