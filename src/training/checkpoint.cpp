#include "training/checkpoint.h"

#include <fmt/format.h>

#include "core/build_info.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"

namespace klbench {

namespace {

std::string head(const std::string& id, const std::string& hash) {
  return fmt::format("klbench-checkpoint {} {} {}\n", kSchemaVersion, id, hash);
}

}  // namespace

std::optional<TensorFile> parse_checkpoint(std::string_view bytes, const std::string& id) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view body = bytes.substr(end + 1);
  if (bytes.substr(0, end + 1) != head(id, content_hash(body))) return std::nullopt;
  return parse_tensors(body, "checkpoint of " + id);
}

void save_checkpoint(const std::filesystem::path& path, const std::string& id, const TensorFile& state) {
  const EncodedTensors body(state);
  Pieces pieces = body.pieces();
  const std::string line = head(id, content_hash(pieces));
  pieces.insert(pieces.begin(), line);
  write_file_durably(path, pieces);
}

std::optional<TensorFile> load_checkpoint(const std::filesystem::path& path, const std::string& id) {
  const auto bytes = read_file_if_there(path);
  if (!bytes) return std::nullopt;
  auto state = parse_checkpoint(*bytes, id);
  if (!state) spdlog::warn("{}: damaged, of another cell or of another version; the cell starts anew", path.string());
  return state;
}

}  // namespace klbench
