#include "training/tensor_file.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"

namespace klbench {

namespace {

using nlohmann::json;

const std::array<std::pair<const char*, torch::ScalarType>, 5> kTypes{{{"F32", torch::kFloat32},
                                                                       {"F64", torch::kFloat64},
                                                                       {"I64", torch::kInt64},
                                                                       {"U8", torch::kUInt8},
                                                                       {"BOOL", torch::kBool}}};

const char* type_name(torch::ScalarType type) {
  for (const auto& [name, candidate] : kTypes) {
    if (candidate == type) return name;
  }
  throw Error(fmt::format("tensors of type {} cannot be saved", torch::toString(type)));
}

torch::ScalarType type_from(const std::string& name) {
  for (const auto& [candidate, type] : kTypes) {
    if (candidate == name) return type;
  }
  throw std::runtime_error("unknown type " + name);
}

torch::Tensor read_tensor(const json& entry, std::string_view data) {
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto type = type_from(entry.at("dtype").get<std::string>());
  const auto begin = entry.at("data_offsets").at(0).get<std::uint64_t>();
  const auto end = entry.at("data_offsets").at(1).get<std::uint64_t>();
  if (begin > end || end > data.size()) throw std::runtime_error("data offsets out of range");
  std::uint64_t elements = 1;
  for (const auto size : shape) {
    if (size < 0 || (size > 0 && elements > data.size() / static_cast<std::uint64_t>(size))) {
      throw std::runtime_error("bad shape");
    }
    elements *= static_cast<std::uint64_t>(size);
  }
  if (elements * torch::elementSize(type) != end - begin) throw std::runtime_error("shape and data disagree");
  auto tensor = torch::empty(shape, type);
  if (end > begin) std::memcpy(tensor.data_ptr(), data.data() + begin, end - begin);
  return tensor;
}

}  // namespace

const torch::Tensor& TensorFile::tensor(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw Error(fmt::format("saved state has no tensor '{}'", name));
  return found->second;
}

const std::string& TensorFile::text(const std::string& name) const {
  const auto found = texts.find(name);
  if (found == texts.end()) throw Error(fmt::format("saved state has no entry '{}'", name));
  return found->second;
}

std::string encode_tensors(const TensorFile& file) {
  json header = json::object();
  if (!file.texts.empty()) header["__metadata__"] = file.texts;
  std::string data;
  for (const auto& [name, tensor] : file.tensors) {
    const auto flat = tensor.detach().cpu().contiguous();
    const std::size_t begin = data.size();
    data.append(static_cast<const char*>(flat.data_ptr()), flat.nbytes());
    header[name] = {{"dtype", type_name(flat.scalar_type())},
                    {"shape", flat.sizes().vec()},
                    {"data_offsets", {begin, data.size()}}};
  }
  std::string head = header.dump();
  head.resize((head.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = head.size();
  std::string bytes(reinterpret_cast<const char*>(&size), sizeof size);
  return bytes + head + data;
}

TensorFile parse_tensors(std::string_view bytes, const std::string& name) {
  try {
    std::uint64_t size = 0;
    if (bytes.size() < sizeof size) throw std::runtime_error("too short");
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (size > bytes.size()) throw std::runtime_error("header longer than the file");
    const json header = json::parse(bytes.substr(0, size));
    if (!header.is_object()) throw std::runtime_error("header is no JSON object");
    bytes.remove_prefix(size);
    TensorFile file;
    for (const auto& [key, entry] : header.items()) {
      if (key == "__metadata__") {
        file.texts = entry.get<std::map<std::string, std::string>>();
      } else {
        file.tensors[key] = read_tensor(entry, bytes);
      }
    }
    return file;
  } catch (const std::exception& error) {
    throw UsageError(Place{name}, fmt::format("not a readable weights file: {}", one_line(error.what())));
  }
}

}  // namespace klbench
