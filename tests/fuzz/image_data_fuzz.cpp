#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "data/cache.h"
#include "data/image/idx.h"

/// Any bytes are images, labels and cached images, or a UsageError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    const klbench::Images images = klbench::parse_idx_images(bytes, "images");
    if (images.size() < 1) std::abort();
  } catch (const klbench::UsageError&) {
  }
  try {
    if (klbench::parse_idx_labels(bytes, "labels", 3, "images").size() != 3) std::abort();
  } catch (const klbench::UsageError&) {
  }
  if (const auto corpus = klbench::parse_dataset(bytes)) {
    if (klbench::dataset_bytes(*corpus) != bytes) std::abort();
  }
  return 0;
}
