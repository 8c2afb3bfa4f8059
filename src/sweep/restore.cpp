#include "sweep/restore.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "storage/cell_file.h"
#include "storage/manifest.h"
#include "storage/set_aside.h"

namespace klbench {

namespace {

std::set<std::string> id_set(const std::vector<CellTask>& tasks) {
  std::set<std::string> ids;
  for (const auto& task : tasks) ids.insert(task.id);
  return ids;
}

/// Those of `ids` without a published file; none where there is no study file. Throws Error where that cannot be told.
std::set<std::string> lost_cells(const std::set<std::string>& ids, const ResultsLayout& layout) {
  std::set<std::string> lost;
  if (!exists_at(layout.study_file())) return lost;
  for (const auto& id : ids) {
    if (!exists_at(layout.cell(id).result())) lost.insert(id);
  }
  return lost;
}

/// Its run.json, without the names of files that may have gone with the folder.
void restore_run_record(const std::filesystem::path& path, const std::string& provenance) {
  std::error_code error;
  auto record = nlohmann::json::parse(provenance, nullptr, false);
  if (!record.is_object() || std::filesystem::exists(path, error)) return;
  for (const char* key : {"latents", "model", "samples"}) record.erase(key);
  write_file_durably(path, record.dump(2) + "\n");
}

}  // namespace

std::map<std::string, std::string> restorable_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  const auto lost = lost_cells(id_set(tasks), layout);
  if (lost.empty()) return {};
  try {
    auto found = read_study_provenance(layout.study_file());
    std::erase_if(found, [&](const auto& cell) { return !lost.contains(cell.first); });
    return found;
  } catch (const NewerResults&) {
    throw;
  } catch (const UsageError&) {  // damaged: restore_cells sets it aside
    return {};
  }
}

std::size_t restore_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  try {
    return write_back(id_set(tasks), layout);
  } catch (const NewerResults&) {
    throw;
  } catch (const UsageError& error) {
    spdlog::warn("{}; set aside as {}", error.what(), set_aside(layout.study_file()).string());
    return 0;
  }
}

std::size_t write_back(const std::set<std::string>& ids, const ResultsLayout& layout) {
  const auto lost = lost_cells(ids, layout);
  if (lost.empty()) return 0;
  const StoredCells study = read_study_cells(layout.study_file());
  Manifest manifest(layout.manifest());
  std::size_t written = 0;
  for (std::size_t row = 0; row < study.table.ids().size(); ++row) {
    const std::string& id = study.table.ids()[row];
    if (!lost.contains(id)) continue;
    const CellResult cell = study.table.cell(row);
    const auto path = layout.cell(id).result();
    const std::string hash = publish_cell(path, cell);
    if (cell.status == CellStatus::done)
      manifest.add(id, path, hash);  // of a diverged one the runner makes the outcome
    if (const auto known = study.provenance.find(id); known != study.provenance.end()) {
      restore_run_record(layout.cell(id).run_record(), known->second);
    }
    ++written;
  }
  return written;
}

}  // namespace klbench
