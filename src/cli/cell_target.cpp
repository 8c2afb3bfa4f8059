#include "cli/cell_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "config/cell_files.h"
#include "core/error.h"
#include "storage/cell_file.h"
#include "storage/collect.h"
#include "sweep/open_study.h"

namespace klbench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostListed = 10;

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_folder(entry.path())) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// Folders of studies in which a cell may lie, and how its id begins there.
struct Search {
  std::vector<fs::path> folders;
  std::string prefix;
};

Search search_of(const fs::path& cell, const std::string& results) {
  for (const auto& folder : {cell, results / cell}) {
    if (is_folder(folder)) return {{folder}, ""};
  }
  const std::string prefix = cell.filename().string();
  if (!cell.has_parent_path()) return {folders_in(results), prefix};
  if (is_folder(cell.parent_path())) return {{cell.parent_path()}, prefix};
  return {{results / cell.parent_path()}, prefix};
}

/// The files <id><suffix> whose id begins so; an id has no dot.
std::vector<fs::path> matches(const Search& search, const std::string& suffix) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& folder : search.folders) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      const bool whole = name.find('.') == name.size() - std::min(name.size(), suffix.size());
      if (whole && name.starts_with(search.prefix) && name.ends_with(suffix)) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// "tiny/0a1b...: vae seed=1", as far as the study's last run knows the cell.
std::string described(const fs::path& file) {
  const fs::path folder = file.parent_path();
  const std::string id = file.stem().string();
  std::string text = (folder.filename() / id).string();
  try {
    for (const auto& cell : read_plan_record({folder.parent_path(), folder.filename().string()}).cells) {
      if (cell.id == id) text += " (" + cell.label + ")";
    }
  } catch (const UsageError&) {  // without a label
  }
  return text;
}

[[noreturn]] void refuse_ambiguous(const std::string& cell, const std::vector<fs::path>& files) {
  std::vector<std::string> candidates;
  for (std::size_t i = 0; i < std::min(files.size(), kMostListed); ++i) candidates.push_back(described(files[i]));
  if (files.size() > kMostListed) candidates.push_back(fmt::format("{} more", files.size() - kMostListed));
  throw UsageError(fmt::format("'{}' may be any of {} cells; write more of the id: {}", cell, files.size(),
                               fmt::join(candidates, ", ")));
}

[[noreturn]] void refuse_unknown(const fs::path& file, const Search& search, const std::string& results,
                                 const std::string& suffix) {
  std::vector<std::string> places;
  for (const auto& folder : search.folders) places.push_back(folder.string());
  if (places.empty()) places.push_back(results);
  const bool model = suffix == ".model";
  throw UsageError(fmt::format("{}: no such {}; looked in {}{}", file.string(), model ? "kept model" : "cell",
                               fmt::join(places, ", "),
                               model ? "; a study keeps those of its cells, <id>.model, with keep.model: true" : ""));
}

}  // namespace

fs::path find_cell_file(const std::string& cell, const std::string& results, const std::string& suffix) {
  fs::path base = cell;
  if (base.extension() == ".h5" || base.extension() == ".model") base.replace_extension();
  const fs::path exact = base.string() + suffix;
  std::error_code error;
  if (fs::is_regular_file(exact, error)) return exact;
  const Search search = search_of(base, results);
  const auto files = matches(search, suffix);
  if (files.empty()) refuse_unknown(exact, search, results, suffix);
  if (files.size() > 1) refuse_ambiguous(cell, files);
  return files[0];
}

namespace {

/// results/<study>/<id>.h5 of the cells that only studies' files have, with these files.
std::map<fs::path, fs::path> stored_cells(const Search& search) {
  std::map<fs::path, fs::path> stored;
  for (const auto& folder : search.folders) {
    const fs::path file = folder.string() + ".h5";
    std::error_code error;
    if (!fs::is_regular_file(file, error)) continue;
    for (const auto& id : read_study_ids(file)) {
      const fs::path own = CellFiles(folder, id).result();
      if (id.starts_with(search.prefix) && !fs::exists(own, error)) stored.emplace(own, file);
    }
  }
  return stored;
}

TargetCell read_own(const fs::path& path) {
  const fs::path folder = path.parent_path();
  const std::string id = path.stem().string();
  TargetCell found{folder.filename().string(), {}, ""};
  auto collected = collect(folder, {id}, [&](CellResult&& cell) { found.result = std::move(cell); });
  if (!collected.damaged.empty()) throw UsageError(collected.damaged[0]);
  found.provenance = std::move(collected.provenance[id]);
  return found;
}

TargetCell read_stored(const fs::path& file, const std::string& id) {
  StoredCells cells = read_study_cells(file);
  const auto& ids = cells.table.ids();
  const auto row = static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id) - ids.begin());
  return {file.stem().string(), cells.table.cell(row), std::move(cells.provenance[id])};
}

}  // namespace

TargetCell read_cell_target(const std::string& cell, const std::string& results) {
  fs::path base = cell;
  if (base.extension() == ".h5") base.replace_extension();
  std::error_code error;
  const fs::path exact = fs::absolute(base).string() + ".h5";
  if (fs::is_regular_file(exact, error) && !is_folder(base)) return read_own(exact);
  Search search = search_of(base, results);
  const fs::path parent = base.parent_path();
  if (!parent.empty() && fs::is_regular_file(parent.string() + ".h5", error)) search.folders = {parent};
  if (parent.empty()) {  // studies of which only the file is left
    for (const auto& entry : fs::directory_iterator(results, error)) {
      fs::path folder = entry.path();
      if (folder.extension() == ".h5" && !is_folder(folder.replace_extension())) search.folders.push_back(folder);
    }
  }
  auto files = matches(search, ".h5");
  const auto stored = stored_cells(search);
  for (const auto& [path, file] : stored) files.push_back(path);
  if (files.empty()) refuse_unknown(exact, search, results, ".h5");
  if (files.size() > 1) refuse_ambiguous(cell, files);
  const auto of_study = stored.find(files[0]);
  return of_study == stored.end() ? read_own(files[0]) : read_stored(of_study->second, files[0].stem().string());
}

}  // namespace klbench
