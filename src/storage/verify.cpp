#include "storage/verify.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "config/cell_files.h"
#include "core/error.h"
#include "core/files.h"
#include "storage/cell_file.h"
#include "storage/collect.h"
#include "storage/hdf5.h"
#include "storage/manifest.h"
#include "storage/result_file.h"

namespace klbench {

namespace {

/// What is found in one file.
struct Findings {
  const std::filesystem::path& file;
  std::vector<Problem>& problems;

  void add(std::string text, std::vector<std::string> cells = {}) const {
    problems.push_back({file, std::move(cells), std::move(text)});
  }
  /// Runs `check`; what it throws becomes a problem.
  template <class Check>
  void note(const Check& check, const std::vector<std::string>& cells = {}) const {
    try {
      check();
    } catch (const std::exception& error) {
      add(error.what(), cells);
    }
  }
};

/// Reads every dataset below `group`.
void check_datasets(const hdf5::Group& group, const Findings& found) {
  found.note([&] {
    for (const auto& name : group.members()) {
      found.note([&] {
        if (group.is_group(name)) {
          check_datasets(group.group(name), found);
        } else {
          group.dataset(name).check();
        }
      });
    }
  });
}

void check_cell(const CellResult& cell, const Findings& found) {
  const auto problem = [&](const std::string& what) {
    found.add(fmt::format("{}: cell {}: {}", found.file.string(), cell.id, what), {cell.id});
  };
  if (cell.config_yaml.empty() || cell.config.empty()) problem("no configuration");
  if (cell.status == CellStatus::done && cell.final.empty()) problem("done, but without final metrics");
  const auto later = [](const EpochRecord& a, const EpochRecord& b) { return a.epoch >= b.epoch; };
  if (std::adjacent_find(cell.epochs.begin(), cell.epochs.end(), later) != cell.epochs.end()) {
    problem("epochs are not in order");
  }
}

void check_study(const Findings& found) {
  const StudyResult study = read_study(found.file);
  for (const auto& cell : study.cells) check_cell(cell, found);
  for (auto& problem : missing_cells(found.file, study.missing, study.missing.size() + study.cells.size()))
    found.problems.push_back(std::move(problem));
}

}  // namespace

std::vector<Problem> missing_cells(const std::filesystem::path& place, const std::vector<std::string>& missing,
                                   std::size_t all) {
  if (missing.empty()) return {};
  return {{place, missing,
           fmt::format("{}: {} of {} cells are missing: {}", place.string(), missing.size(), all,
                       fmt::join(missing, ", "))}};
}

std::vector<Problem> verify_study_file(const std::filesystem::path& path) {
  std::vector<Problem> problems;
  const Findings found{path, problems};
  found.note([&] {
    const hdf5::Reader reader(read_existing(path), path.string());
    const hdf5::Group root = reader.root();
    check_datasets(root, found);
    found.note([&] {
      if (root.attribute<std::string>("kind") == "cell") {
        check_cell(read_cell(path), found);
      } else {
        check_study(found);
      }
    });
  });
  return problems;
}

std::vector<Problem> verify_cell_folder(const std::filesystem::path& folder) {
  std::vector<Problem> problems;
  const Manifest manifest(folder / "manifest.tsv");
  std::set<std::string> ids;
  for (const auto& [id, entry] : manifest.entries()) ids.insert(id);
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    const std::string stem = file.path().stem().string();
    if (file.path().extension() == ".h5" && stem.find('.') == std::string::npos) ids.insert(stem);
  }
  for (const auto& id : ids) {
    const std::filesystem::path path = CellFiles(folder, id).result();
    const Findings found{path, problems};
    found.note([&] { check_cell(read_published_cell(folder, id, manifest), found); }, {id});
  }
  return problems;
}

}  // namespace klbench
