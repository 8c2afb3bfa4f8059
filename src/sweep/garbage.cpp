#include "sweep/garbage.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/study.h"
#include "core/error.h"
#include "core/files.h"
#include "storage/lock.h"
#include "storage/manifest.h"
#include "sweep/cell_states.h"
#include "sweep/labels.h"
#include "sweep/plan.h"

namespace klbench {

namespace {

/// The regular files of a folder, by name; none where there is no folder.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::error_code vanished;
    if (entry.is_regular_file(vanished)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool has(const std::filesystem::path& path, const char* part) {
  return path.filename().string().find(part) != std::string::npos;
}

/// The id of the cell a file belongs to: 16 hexadecimal digits before the first dot; else empty.
std::string id_of(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::string id = name.substr(0, name.find('.'));
  const bool is_id = id.size() == kIdDigits && id.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_id && id.size() < name.size() ? id : "";
}

std::uintmax_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

void add_labels(std::vector<Garbage::Cell>& cells, const ResultsLayout& layout) {
  const Schema schema = full_schema();
  std::vector<CellConfig> configs;
  std::vector<Garbage::Cell*> owners;
  for (auto& cell : cells) {
    const auto path = layout.cell(cell.id).config();
    try {
      configs.push_back(parse_cell(read_file(path), path.string(), schema));
      owners.push_back(&cell);
    } catch (const Error&) {  // without a label
    }
  }
  std::vector<const CellConfig*> pointers;
  for (const auto& config : configs) pointers.push_back(&config);
  const auto labels = cell_labels(pointers);
  for (std::size_t i = 0; i < labels.size(); ++i) owners[i]->label = labels[i];
}

}  // namespace

std::vector<std::filesystem::path> leftover_files(const ResultsLayout& layout) {
  std::vector<std::filesystem::path> leftovers;
  for (const auto& path : files_in(layout.folder())) {
    const std::string name = path.filename().string();
    if (!has(path, ".tmp.") || lock_is_held(layout.cell(name.substr(0, name.find('.'))).lock())) continue;
    leftovers.push_back(path);
  }
  const std::string prefix = layout.study_file().filename().string() + ".tmp.";
  for (const auto& path : files_in(layout.root)) {
    if (path.filename().string().starts_with(prefix)) leftovers.push_back(path);
  }
  return leftovers;
}

Garbage find_garbage(const ResultsLayout& layout, const std::vector<CellTask>& grid) {
  std::set<std::string> wanted;
  for (const auto& task : grid) wanted.insert(task.id);
  std::map<std::string, Garbage::Cell> cells;
  for (const auto& path : files_in(layout.folder())) {
    const std::string id = id_of(path);
    if (id.empty() || wanted.contains(id) || has(path, ".edited") || lock_is_held(layout.cell(id).lock())) continue;
    auto& cell = cells[id];
    cell.id = id;
    cell.bytes += size_of(path);
    const bool result = path == layout.cell(id).result();
    cell.finished = cell.finished || result;
    cell.files.insert(result ? cell.files.end() : cell.files.begin(), path);
  }
  Garbage garbage;
  for (auto& [id, cell] : cells) garbage.cells.push_back(std::move(cell));
  add_labels(garbage.cells, layout);
  for (const auto& path : leftover_files(layout)) {
    if (cells.contains(id_of(path))) continue;  // goes with its cell
    garbage.leftover_bytes += size_of(path);
    garbage.leftovers.push_back(path);
  }
  return garbage;
}

void remove_garbage(const Garbage& garbage, const ResultsLayout& layout) {
  const auto remove = [](const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::remove(path, error);
    if (error) throw_io_error(path, "cannot remove", error.value());
  };
  for (const auto& path : garbage.leftovers) remove(path);
  Manifest manifest(layout.manifest());
  for (const auto& cell : garbage.cells) {
    for (const auto& path : cell.files) remove(path);
    manifest.forget(cell.id);
  }
  sync_folder(layout.folder());
}

}  // namespace klbench
