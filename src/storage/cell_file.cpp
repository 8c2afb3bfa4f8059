#include "storage/cell_file.h"

#include <fmt/format.h>

#include "core/build_info.h"
#include "core/error.h"
#include "core/files.h"
#include "storage/cell_tables.h"
#include "storage/result_file.h"

namespace klbench {

void write_head(hdf5::Group& root, const std::string& kind) {
  root.set("kind", kind);
  root.set("schema_version", std::int64_t{kSchemaVersion});
  root.set("numerics_version", std::int64_t{kNumericsVersion});
}

void check_head(const hdf5::Group& root, const std::string& kind) {
  const auto schema = root.attribute<std::int64_t>("schema_version");
  const std::string file = root.place().substr(0, root.place().rfind(": /"));
  if (schema > kSchemaVersion) {
    throw NewerResults(fmt::format(
        "{}: written by a newer klbench (schema version {}, this one reads {}); use that one, or another --results",
        file, schema, kSchemaVersion));
  }
  if (schema != kSchemaVersion)
    throw UsageError(fmt::format("{}: schema version {}, this klbench reads {}", file, schema, kSchemaVersion));
  const auto found = root.attribute<std::string>("kind");
  if (found != kind)
    throw UsageError(fmt::format("{}: results of a {}, not of a {}", root.place(), one_line(found), kind));
}

std::string read_existing(const std::filesystem::path& path) {
  if (const char* what = other_than_file(path)) {
    throw UsageError(fmt::format("{}: {}, where a file is wanted", path.string(), what));
  }
  auto bytes = read_file_if_there(path);
  if (!bytes) throw UsageError(path.string() + ": no such file");
  return std::move(*bytes);
}

void publish_image(const std::filesystem::path& path, std::string_view image) {
  write_file_durably(path, image);
  if (read_file(path) == image) return;
  std::error_code error;
  std::filesystem::remove(path, error);
  throw Error(path.string() + ": read back differs from what was written; removed");
}

std::string encode_cell(const CellResult& result) {
  hdf5::Writer writer("cell " + result.id);
  write_head(writer.root(), "cell");
  write_cell_tables(writer.root(), result);
  return writer.image();
}

CellResult decode_cell(std::string bytes, const std::string& place) {
  const hdf5::Reader reader(std::move(bytes), place);
  const hdf5::Group root = reader.root();
  check_head(root, "cell");
  return read_cell_tables(root);
}

std::string publish_cell(const std::filesystem::path& path, const CellResult& result) {
  const std::string image = encode_cell(result);
  decode_cell(image, path.string());
  publish_image(path, image);
  return content_hash(image);
}

CellResult read_cell(const std::filesystem::path& path) { return decode_cell(read_existing(path), path.string()); }

}  // namespace klbench
