#include "training/tensor_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/error.h"
#include "core/files.h"

namespace klbench {

namespace {

using nlohmann::json;

std::uint64_t element_size(const std::string& type) {
  static const std::map<std::string, std::uint64_t> sizes = {
      {"F32", 4}, {"F64", 8}, {"I64", 8}, {"U8", 1}, {"BOOL", 1}};
  const auto found = sizes.find(type);
  if (found == sizes.end()) throw std::runtime_error("unknown type " + type);
  return found->second;
}

std::uint64_t size_of(const TensorEntry& entry) {
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 48;
  std::uint64_t size = element_size(entry.type);
  bool empty = false;
  for (const auto length : entry.shape) {
    const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(length, 1));
    if (length < 0 || size > kLargest / factor) throw std::runtime_error("bad shape");
    size *= factor;
    empty = empty || length == 0;
  }
  return empty ? 0 : size;
}

TensorEntry read_entry(const json& node, std::string_view data) {
  TensorEntry entry{node.at("dtype").get<std::string>(), node.at("shape").get<std::vector<std::int64_t>>(), {}};
  const auto begin = node.at("data_offsets").at(0).get<std::uint64_t>();
  const auto end = node.at("data_offsets").at(1).get<std::uint64_t>();
  if (begin > end || end > data.size()) throw std::runtime_error("data offsets out of range");
  if (size_of(entry) != end - begin) throw std::runtime_error("shape and data disagree");
  entry.data = data.substr(begin, end - begin);
  return entry;
}

TensorHeader read_header(std::string_view bytes) {
  std::uint64_t size = 0;
  if (bytes.size() < sizeof size) throw std::runtime_error("too short");
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (size > bytes.size()) throw std::runtime_error("header longer than the file");
  const json nodes = json::parse(bytes.substr(0, size));
  if (!nodes.is_object()) throw std::runtime_error("header is no JSON object");
  bytes.remove_prefix(size);
  TensorHeader header;
  for (const auto& [key, node] : nodes.items()) {
    if (key == "__metadata__") {
      header.texts = node.get<std::map<std::string, std::string>>();
    } else {
      header.entries[key] = read_entry(node, bytes);
    }
  }
  if (const auto hash = header.texts.extract("data_hash"); !hash.empty() && hash.mapped() != content_hash(bytes)) {
    throw std::runtime_error("damaged: its data differ from their hash");
  }
  return header;
}

}  // namespace

TensorHeader parse_tensor_header(std::string_view bytes, const std::string& name) {
  try {
    return read_header(bytes);
  } catch (const std::exception& error) {
    throw UsageError(Place{name}, fmt::format("not a readable weights file: {}", one_line(error.what())));
  }
}

}  // namespace klbench
