#include "storage/collect.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "config/cell_files.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "storage/cell_file.h"
#include "storage/cost.h"
#include "storage/result_file.h"

namespace klbench {

namespace {

/// A JSON object of a file; nothing where there is none, or none any more: a run may be going on.
std::optional<nlohmann::json> read_object(const std::filesystem::path& path) {
  const auto text = read_file_if_there(path);
  if (!text) return std::nullopt;
  auto object = nlohmann::json::parse(*text, nullptr, false);
  if (object.is_object()) return object;
  spdlog::warn("{}: not JSON, left out", path.string());
  return std::nullopt;
}

/// run.json of a cell, with the names of the files kept beside its result; of a cell without result its outcome.json
/// where there is one.
void add_provenance(const std::filesystem::path& folder, const std::string& id,
                    std::map<std::string, std::string>& provenance) {
  const CellFiles files(folder, id);
  std::error_code error;
  const bool published = std::filesystem::exists(files.result(), error);
  auto record = published ? std::nullopt : read_object(files.outcome());
  if (!record) record = read_object(files.run_record());
  if (!record) return;
  for (const auto& [key, path] :
       {std::pair{"latents", files.latents()}, {"model", files.model()}, {"samples", files.samples()}}) {
    if (std::filesystem::exists(path, error)) (*record)[key] = folder.filename() / path.filename();
  }
  provenance[id] = record->dump();
}

}  // namespace

CellResult read_published_cell(const std::filesystem::path& folder, const std::string& id, const Manifest& manifest) {
  const std::filesystem::path path = CellFiles(folder, id).result();
  std::string bytes = read_existing(path);
  const auto known = manifest.entries().find(id);
  if (known != manifest.entries().end() && content_hash(bytes) != known->second.hash) {
    throw UsageError(path.string() + ": differs from its hash in the manifest");
  }
  CellResult cell = decode_cell(std::move(bytes), path.string());
  if (cell.id != id) throw UsageError(fmt::format("{}: holds cell {}", path.string(), cell.id));
  return cell;
}

CollectedCells collect(const std::filesystem::path& folder, const std::vector<std::string>& ids, const CellUse& use,
                       const CellElsewhere& elsewhere) {
  CollectedCells collected;
  const Manifest manifest(folder / "manifest.tsv");
  const auto published = [&](const std::string& id) -> std::optional<CellResult> {
    std::error_code error;
    if (!std::filesystem::exists(CellFiles(folder, id).result(), error)) return std::nullopt;
    try {
      return read_published_cell(folder, id, manifest);
    } catch (const Error& problem) {
      spdlog::warn("{}", problem.what());
      collected.damaged.emplace_back(problem.what());
      return std::nullopt;
    }
  };
  for (const auto& id : ids) {
    add_provenance(folder, id, collected.provenance);
    auto cell = published(id);
    if (!cell && elsewhere) {
      if (auto found = elsewhere(id)) {
        cell = std::move(found->first);
        if (!found->second.empty()) collected.provenance.emplace(id, std::move(found->second));
      }
    }
    if (cell) {
      const auto known = collected.provenance.find(id);
      if (known != collected.provenance.end()) cell->cost = cost_of(known->second);
      use(std::move(*cell));
    } else {
      collected.missing.push_back(id);
    }
  }
  return collected;
}

}  // namespace klbench
