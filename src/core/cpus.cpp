#include "core/cpus.h"

#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace klbench {

namespace {

/// A whole positive number; nothing for anything else ("max", "-1", no file).
std::optional<long long> positive(const std::string& text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

/// The words of a small file; none where it cannot be read.
std::vector<std::string> words_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> words;
  for (std::string word; file >> word;) words.push_back(word);
  return words;
}

/// Quota over period of one group, in CPUs.
std::optional<double> quota_of(const std::filesystem::path& group) {
  auto words = words_of(group / "cpu.max");
  if (words.empty()) {
    words = words_of(group / "cpu.cfs_quota_us");
    const auto period = words_of(group / "cpu.cfs_period_us");
    words.insert(words.end(), period.begin(), period.end());
  }
  if (words.size() != 2) return std::nullopt;
  const auto quota = positive(words[0]);
  const auto period = positive(words[1]);
  if (!quota || !period) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

/// True for "cpu" among "cpu,cpuacct".
bool lists_cpu(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name == "cpu") return true;
  }
  return false;
}

}  // namespace

std::optional<unsigned> quota_cpus(const std::filesystem::path& membership, const std::filesystem::path& mount) {
  std::optional<double> smallest;
  const auto look_up_from = [&](const std::filesystem::path& root, std::filesystem::path group) {
    for (group = group.relative_path();; group = group.parent_path()) {
      if (const auto quota = quota_of(root / group)) smallest = std::min(smallest.value_or(*quota), *quota);
      if (group.empty()) return;
    }
  };
  std::ifstream file(membership);
  for (std::string line; std::getline(file, line);) {  // "0::/group" (2) or "4:cpu,cpuacct:/group" (1)
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controllers.empty()) look_up_from(mount, line.substr(second + 1));
    if (lists_cpu(controllers)) look_up_from(mount / controllers, line.substr(second + 1));
    if (lists_cpu(controllers) && controllers != "cpu") look_up_from(mount / "cpu", line.substr(second + 1));
  }
  if (!smallest) return std::nullopt;
  return static_cast<unsigned>(std::max(1.0, *smallest));
}

unsigned usable_cpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  long long cpus = 1;
  if (::sched_getaffinity(0, sizeof mask, &mask) == 0) cpus = CPU_COUNT(&mask);
  if (const auto quota = quota_cpus()) cpus = std::min<long long>(cpus, *quota);
  if (const char* slurm = std::getenv("SLURM_CPUS_PER_TASK")) cpus = std::min(cpus, positive(slurm).value_or(cpus));
  return static_cast<unsigned>(std::max(1LL, cpus));
}

std::string cpu_name(const std::filesystem::path& info) {
  std::ifstream lines(info);
  std::string name, vectors;
  for (std::string line; std::getline(lines, line) && !line.empty();) {  // the first CPU
    if (line.starts_with("model name")) name = line.substr(line.find(':') + 2);
    if (!line.starts_with("flags")) continue;
    for (const auto& [flag, said] : {std::pair{" avx512f", ", AVX-512"}, {" avx2", ", AVX2"}}) {
      if (vectors.empty() && (line + " ").find(std::string(flag) + " ") != std::string::npos) vectors = said;
    }
  }
  return name.empty() ? "unknown" : name + vectors;
}

bool same_cpu(const std::string& name, const std::string& other) {
  return name == other || name.starts_with(other + ", AVX") || other.starts_with(name + ", AVX");
}

std::string gpu_names(const std::filesystem::path& cards) {
  std::set<std::string> names;
  std::error_code none;
  for (const auto& card : std::filesystem::directory_iterator(cards, none)) {
    std::ifstream information(card.path() / "information");
    for (std::string line; std::getline(information, line);) {
      const auto name = line.find_first_not_of(" \t", line.find(':') + 1);
      if (line.starts_with("Model:") && name != std::string::npos) names.insert(line.substr(name));
    }
  }
  return names.empty() ? "unknown" : fmt::format("{}", fmt::join(names, " and "));
}

}  // namespace klbench
