#include "storage/seal.h"

#include <fmt/format.h>

#include "core/files.h"

namespace klbench {

namespace {
constexpr std::string_view kMagic = "klbench HDF5 file, XXH3-128 of what follows byte 512: ";
}

std::string make_seal(std::string_view content) {
  std::string seal = fmt::format("{}{}\n", kMagic, content_hash(content));
  seal.resize(kSealSize, '\0');
  return seal;
}

std::string broken_seal(std::string_view bytes) {
  if (bytes.size() < kSealSize || !bytes.starts_with(kMagic))
    return "not a klbench result file, or its head is damaged";
  if (bytes.substr(0, kSealSize) != make_seal(bytes.substr(kSealSize))) {
    return "damaged, truncated or changed since it was written: its content does not match its checksum";
  }
  return {};
}

}  // namespace klbench
