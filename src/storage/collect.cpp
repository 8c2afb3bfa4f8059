#include "storage/collect.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "storage/cell_file.h"
#include "storage/result_file.h"

namespace klbench {

namespace {

std::filesystem::path cell_path(const std::filesystem::path& folder, const std::string& id) {
  return folder / (id + ".h5");
}

void add_provenance(const std::filesystem::path& folder, const std::string& id, StudyResult& study) {
  const std::filesystem::path path = folder / (id + ".run.json");
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  std::string text = read_file(path);
  if (nlohmann::json::accept(text)) {
    study.provenance[id] = std::move(text);
  } else {
    spdlog::warn("{}: not JSON, left out", path.string());
  }
}

}  // namespace

CellResult read_published_cell(const std::filesystem::path& folder, const std::string& id, const Manifest& manifest) {
  const std::filesystem::path path = cell_path(folder, id);
  std::string bytes = read_existing(path);
  const auto known = manifest.entries().find(id);
  if (known != manifest.entries().end() && content_hash(bytes) != known->second.hash) {
    throw UsageError(path.string() + ": differs from its hash in the manifest");
  }
  CellResult cell = decode_cell(std::move(bytes), path.string());
  if (cell.id != id) throw UsageError(fmt::format("{}: holds cell {}", path.string(), cell.id));
  return cell;
}

StudyResult collect(const std::filesystem::path& folder, const std::string& name, const std::string& study_yaml,
                    const std::vector<FigureSpec>& figures, const std::vector<std::string>& ids,
                    std::vector<std::string>* damaged) {
  StudyResult study{name, study_yaml, figures, {}, {}, {}};
  const Manifest manifest(folder / "manifest.tsv");
  for (const auto& id : ids) {
    add_provenance(folder, id, study);
    std::error_code error;
    if (!std::filesystem::exists(cell_path(folder, id), error)) {
      study.missing.push_back(id);
      continue;
    }
    try {
      study.cells.push_back(read_published_cell(folder, id, manifest));
    } catch (const Error& problem) {
      spdlog::warn("{}", problem.what());
      if (damaged) damaged->push_back(problem.what());
      study.missing.push_back(id);
    }
  }
  return study;
}

}  // namespace klbench
