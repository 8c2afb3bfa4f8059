#include <cstdint>
#include <string_view>

#include "config/yaml_reader.h"

namespace {

void read_values(const klbench::YamlNode& node) {
  if (node.is_scalar()) klbench::scalar_value(node);
  for (const auto& key : node.keys) read_values(key);
  for (const auto& item : node.items) read_values(item);
}

}  // namespace

/// Any text is a YAML tree within the limits or a UsageError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    read_values(klbench::parse_yaml({reinterpret_cast<const char*>(data), size}, "study.yaml"));
  } catch (const klbench::UsageError&) {
  }
  return 0;
}
