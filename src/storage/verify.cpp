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

using Problems = std::vector<std::string>;

/// Runs `check`; what it throws becomes a problem.
template <class Check>
void note(Problems& problems, const Check& check) {
  try {
    check();
  } catch (const std::exception& error) {
    problems.push_back(error.what());
  }
}

/// Reads every dataset below `group`.
void check_datasets(const hdf5::Group& group, Problems& problems) {
  note(problems, [&] {
    for (const auto& name : group.members()) {
      note(problems, [&] {
        if (group.is_group(name)) {
          check_datasets(group.group(name), problems);
        } else {
          group.dataset(name).check();
        }
      });
    }
  });
}

void check_cell(const CellResult& cell, const std::string& place, Problems& problems) {
  const auto problem = [&](const std::string& what) {
    problems.push_back(fmt::format("{}: cell {}: {}", place, cell.id, what));
  };
  if (cell.config_yaml.empty() || cell.config.empty()) problem("no configuration");
  if (cell.status == CellStatus::done && cell.final.empty()) problem("done, but without final metrics");
  const auto later = [](const EpochRecord& a, const EpochRecord& b) { return a.epoch >= b.epoch; };
  if (std::adjacent_find(cell.epochs.begin(), cell.epochs.end(), later) != cell.epochs.end()) {
    problem("epochs are not in order");
  }
}

void check_study(const std::filesystem::path& path, Problems& problems) {
  const StudyResult study = read_study(path);
  for (const auto& cell : study.cells) check_cell(cell, path.string(), problems);
  if (!study.missing.empty()) {
    problems.push_back(fmt::format("{}: {} of {} cells are missing: {}", path.string(), study.missing.size(),
                                   study.missing.size() + study.cells.size(), fmt::join(study.missing, ", ")));
  }
}

}  // namespace

std::vector<std::string> verify_study_file(const std::filesystem::path& path) {
  Problems problems;
  note(problems, [&] {
    const hdf5::Reader reader(read_existing(path), path.string());
    const hdf5::Group root = reader.root();
    check_datasets(root, problems);
    note(problems, [&] {
      if (root.attribute<std::string>("kind") == "cell") {
        check_cell(read_cell(path), path.string(), problems);
      } else {
        check_study(path, problems);
      }
    });
  });
  return problems;
}

std::vector<std::string> verify_cell_folder(const std::filesystem::path& folder) {
  Problems problems;
  const Manifest manifest(folder / "manifest.tsv");
  std::set<std::string> ids;
  for (const auto& [id, entry] : manifest.entries()) ids.insert(id);
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    const std::string stem = file.path().stem().string();
    if (file.path().extension() == ".h5" && stem.find('.') == std::string::npos) ids.insert(stem);
  }
  for (const auto& id : ids) {
    note(problems, [&] {
      const std::filesystem::path path = CellFiles(folder, id).result();
      check_cell(read_published_cell(folder, id, manifest), path.string(), problems);
    });
  }
  return problems;
}

}  // namespace klbench
