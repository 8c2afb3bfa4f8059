#include "cli/studies_here.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/study_target.h"
#include "core/error.h"

namespace klbench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostStudies = 8;
constexpr int kLinesRead = 100;

bool is_study(const fs::path& path) {
  std::error_code error;
  if (!names_yaml(path.string()) || !fs::is_regular_file(path, error)) return false;
  std::ifstream file(path);
  std::string line;
  for (int i = 0; i < kLinesRead && std::getline(file, line); ++i) {
    if (line.starts_with("study:")) return true;
  }
  return false;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> studies_here() {
  std::vector<std::string> studies;
  for (const auto& name : names_in(".")) {
    if (is_study(name)) studies.push_back(name);
  }
  const auto experiments = studies.size();
  for (const auto& name : names_in("experiments")) {
    const std::string path = "experiments/" + name + "/study.yaml";
    if (!is_study(path)) continue;
    const auto place =
        name == "quickstart" ? studies.begin() + static_cast<std::ptrdiff_t>(experiments) : studies.end();
    studies.insert(place, path);
  }
  return studies;
}

std::string studies_text() {
  auto studies = studies_here();
  if (studies.empty()) return "";
  if (studies.size() > kMostStudies) {
    const std::size_t more = studies.size() - kMostStudies;
    studies.resize(kMostStudies);
    studies.push_back(fmt::format("{} more", more));
  }
  return one_line(fmt::format("; here are {}", fmt::join(studies, ", ")));
}

}  // namespace klbench
