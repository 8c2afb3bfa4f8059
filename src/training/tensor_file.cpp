#include "training/tensor_file.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "training/tensor_header.h"

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
  throw Error("unknown type " + name);
}

torch::Tensor read_tensor(const TensorEntry& entry) {
  auto tensor = torch::empty(entry.shape, type_from(entry.type));
  if (!entry.data.empty()) std::memcpy(tensor.data_ptr(), entry.data.data(), entry.data.size());
  return tensor;
}

}  // namespace

const torch::Tensor& TensorFile::tensor(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw Error(fmt::format("saved state has no tensor '{}'", name));
  return found->second;
}

std::map<std::string, torch::Tensor> TensorFile::below(const std::string& prefix) const {
  std::map<std::string, torch::Tensor> found;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) found[name.substr(prefix.size())] = tensor;
  }
  return found;
}

const std::string& TensorFile::text(const std::string& name) const {
  const auto found = texts.find(name);
  if (found == texts.end()) throw Error(fmt::format("saved state has no entry '{}'", name));
  return found->second;
}

EncodedTensors::EncodedTensors(const TensorFile& file) {
  json header = json::object();
  std::size_t size = 0;
  for (const auto& [name, tensor] : file.tensors) {
    const std::size_t begin = size;
    size += tensor.nbytes();
    header[name] = {
        {"dtype", type_name(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}, {"data_offsets", {begin, size}}};
    data_.push_back(tensor.detach().cpu().contiguous());
  }
  header["__metadata__"] = file.texts;
  header["__metadata__"]["data_hash"] = content_hash(pieces());
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  head_.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
}

Pieces EncodedTensors::pieces() const {
  Pieces pieces{head_};
  for (const auto& tensor : data_) pieces.emplace_back(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  return pieces;
}

TensorFile parse_tensors(std::string_view bytes, const std::string& name) {
  const TensorHeader header = parse_tensor_header(bytes, name);
  TensorFile file{{}, header.texts};
  for (const auto& [key, entry] : header.entries) file.tensors[key] = read_tensor(entry);
  return file;
}

}  // namespace klbench
