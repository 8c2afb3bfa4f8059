#include "training/checkpoint.h"

#include <fmt/format.h>

#include "core/build_info.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"

namespace klbench {

namespace {

std::string head(const std::string& id, std::string_view body) {
  return fmt::format("klbench-checkpoint {} {} {}\n", kSchemaVersion, id, content_hash(body));
}

}  // namespace

std::string encode_checkpoint(const std::string& id, const TensorFile& state) {
  const std::string as_long = head(id, "");
  std::string bytes = encode_tensors(state, as_long);
  return bytes.replace(0, as_long.size(), head(id, std::string_view(bytes).substr(as_long.size())));
}

std::optional<TensorFile> parse_checkpoint(std::string_view bytes, const std::string& id) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view body = bytes.substr(end + 1);
  if (bytes.substr(0, end + 1) != head(id, body)) return std::nullopt;
  return parse_tensors(body, "checkpoint of " + id);
}

void save_checkpoint(const std::filesystem::path& path, const std::string& id, const TensorFile& state) {
  write_file_durably(path, encode_checkpoint(id, state));
}

std::optional<TensorFile> load_checkpoint(const std::filesystem::path& path, const std::string& id) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  auto state = parse_checkpoint(read_file(path), id);
  if (!state) spdlog::warn("{}: damaged, of another cell or of another version; the cell starts anew", path.string());
  return state;
}

}  // namespace klbench
