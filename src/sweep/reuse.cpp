#include "sweep/reuse.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/cpus.h"
#include "core/files.h"
#include "storage/manifest.h"
#include "sweep/cell_states.h"
#include "sweep/progress_view.h"
#include "sweep/restore.h"

namespace klbench {

namespace {

constexpr std::size_t kMaxReasons = 8;

/// A finished cell of the study's folder, of this grid or another, or one of this grid in the study's file.
struct KnownCell {
  std::string id;
  Identity identity{};  ///< empty: made before identities were kept
  double seconds = 0;
  std::string cpu{};
};

/// `record`: its run.json; a damaged one tells nothing.
KnownCell known_cell(const std::string& id, const std::string& record) {
  const auto run = nlohmann::json::parse(record, nullptr, false);
  try {
    return {id, run.value("identity", Identity{}),
            run.value("train_seconds", 0.0) + run.value("evaluation_seconds", 0.0), run.value("cpu", "")};
  } catch (const std::exception&) {
    return {id};
  }
}

/// `collected`: those that only the study's file has, with their run.json.
std::vector<KnownCell> known_cells(const ResultsLayout& layout, const std::map<std::string, std::string>& collected) {
  std::vector<KnownCell> known;
  for (const auto& [id, record] : collected) known.push_back(known_cell(id, record));
  std::error_code error;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(layout.folder(), error)) {
    if (entry.path().filename().string().ends_with(".run.json")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const std::string id = path.filename().string().substr(0, path.filename().string().find('.'));
    if (!std::filesystem::exists(layout.cell(id).result(), error)) continue;
    try {
      known.push_back(known_cell(id, read_file(path)));
    } catch (const Error&) {
      known.push_back({id});
    }
  }
  return known;
}

std::string why_new(const Identity& identity, const std::vector<KnownCell>& known) {
  std::vector<FactChange> fewest;
  for (const auto& cell : known) {
    if (cell.identity.empty()) continue;
    auto found = differences(cell.identity, identity);
    if (fewest.empty() || found.size() < fewest.size()) fewest = std::move(found);
  }
  if (!fewest.empty()) return difference_text(fewest);
  return known.empty() ? "no cell is finished yet"
                       : "the finished cells here are from before klbench noted what a cell depends on";
}

/// The CPU type that trained a finished cell, where it is not this machine's.
std::string other_cpu(const std::string& id, const std::vector<KnownCell>& known) {
  const auto cell = std::find_if(known.begin(), known.end(), [&](const KnownCell& c) { return c.id == id; });
  return cell == known.end() || same_cpu(cell->cpu, cpu_name()) ? "" : cell->cpu;
}

/// What training costs depends on: everything but the seed, the code, the data's words and the remedy's own options.
Identity cost_key(Identity identity) {
  std::erase_if(identity, [](const auto& entry) {
    const std::string& fact = entry.first;
    return fact == "seed" || fact == "numerics" || fact == "data" || fact.starts_with("regularizer.") ||
           fact.find(' ') != std::string::npos;
  });
  return identity;
}

std::optional<double> seconds_of(const Identity& identity, const std::vector<KnownCell>& known) {
  const Identity key = cost_key(identity);
  double sum = 0;
  int count = 0;
  for (const auto& cell : known) {
    if (cell.seconds <= 0 || cell.identity.empty() || cost_key(cell.identity) != key) continue;
    sum += cell.seconds;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

std::string why_started(const CellSituation& situation, const RunPolicy& policy, const Identity& identity,
                        const std::vector<KnownCell>& known) {
  switch (situation.state) {
    case CellStatus::done:
    case CellStatus::diverged:
      return policy.retrain || (policy.retry_diverged && situation.state == CellStatus::diverged)
                 ? "trained again as asked"
                 : "trained again for its weights";
    case CellStatus::failed:
      return fmt::format("failed before: {}", situation.outcome ? situation.outcome->reason : "");
    case CellStatus::unconfirmed:
      return "diverged, to be confirmed";
    case CellStatus::interrupted:
    case CellStatus::stale:
      return "goes on where it was stopped";
    case CellStatus::running:
      return "is running elsewhere";
    case CellStatus::missing:
      break;
  }
  return why_new(identity, known);
}

std::vector<CellSituation> examine(const std::vector<CellTask>& tasks, const ResultsLayout& layout,
                                   const std::map<std::string, std::string>& collected) {
  const Manifest manifest(layout.manifest());
  std::vector<CellSituation> situations;
  for (const auto& task : tasks) {
    situations.push_back(examine_cell(layout, task.id, manifest));
    situations.back().collected = collected.contains(task.id);
  }
  return situations;
}

/// The cells that a run with this policy starts.
std::vector<bool> started_cells(const std::vector<CellStatus>& states, const RunPolicy& policy) {
  std::vector<bool> starts(states.size(), false);
  Schedule schedule(states, policy);
  while (const auto cell = schedule.next()) starts[*cell] = true;
  return starts;
}

}  // namespace

std::vector<CellSituation> examine_cells(const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  return examine(tasks, layout, restorable_cells(tasks, layout));
}

std::vector<CellFate> foresee(const std::vector<CellTask>& tasks, const ResultsLayout& layout,
                              const RunPolicy& policy) {
  const auto collected = restorable_cells(tasks, layout);
  const auto known = known_cells(layout, collected);
  auto situations = examine(tasks, layout, collected);
  std::vector<CellStatus> states;
  for (auto& situation : situations) {
    if (situation.unverified || situation.collected) situation.state = CellStatus::done;
    states.push_back(situation.state);
  }
  const auto starts = started_cells(states, policy);
  std::vector<CellFate> fates;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    CellFate& fate = fates.emplace_back();
    fate.starts = starts[i];
    fate.reused = !fate.starts && finished(states[i]);
    if (fate.reused) {
      fate.why = situations[i].collected    ? fmt::format("taken from {}", layout.study_file().string())
                 : situations[i].unverified ? "has a result that the run verifies"
                                            : "reused";
      fate.other_cpu = other_cpu(tasks[i].id, known);
      if (!fate.other_cpu.empty()) fate.why += ", trained on another CPU type: " + fate.other_cpu;
    } else {
      fate.why = why_started(situations[i], policy, tasks[i].identity, known);
    }
    if (fate.starts) fate.seconds = seconds_of(tasks[i].identity, known);
  }
  return fates;
}

namespace {

/// "  2 of the reused were trained on another CPU type (Intel Xeon), which rounds differently"; nothing where none was.
std::vector<std::string> cpu_lines(const std::vector<CellFate>& fates) {
  std::size_t count = 0;
  std::set<std::string> names;
  for (const auto& fate : fates) {
    if (fate.other_cpu.empty()) continue;
    ++count;
    names.insert(fate.other_cpu);
  }
  if (count == 0) return {};
  return {fmt::format("  {} of the reused trained on another CPU type, which rounds differently: {}", count,
                      fmt::join(names, ", "))};
}

}  // namespace

std::vector<std::string> reuse_lines(const std::string& study, const std::vector<CellFate>& fates) {
  std::size_t reused = 0, starts = 0;
  std::vector<std::pair<std::string, std::size_t>> reasons;  // in the order of the grid
  for (const auto& fate : fates) {
    reused += fate.reused ? 1 : 0;
    starts += fate.starts ? 1 : 0;
    if (!fate.starts) continue;
    const auto same = std::find_if(reasons.begin(), reasons.end(), [&](const auto& r) { return r.first == fate.why; });
    if (same == reasons.end()) {
      reasons.emplace_back(fate.why, 1);
    } else {
      ++same->second;
    }
  }
  std::vector<std::string> lines = {
      fmt::format("{}: {} cells, {} reused, {} to train", study, fates.size(), reused, starts)};
  for (std::size_t i = 0; i < std::min(reasons.size(), kMaxReasons); ++i) {
    lines.push_back(fmt::format("  {}: {}", reasons[i].second, reasons[i].first));
  }
  if (reasons.size() > kMaxReasons) {
    lines.push_back(fmt::format("  {} more reasons: klbench status --why {}", reasons.size() - kMaxReasons, study));
  }
  for (auto& line : cpu_lines(fates)) lines.push_back(std::move(line));
  return lines;
}

std::string estimate_line(const std::vector<CellFate>& fates, std::size_t workers) {
  double sum = 0, longest = 0;
  std::size_t known = 0, unknown = 0;
  for (const auto& fate : fates) {
    if (!fate.starts) continue;
    ++(fate.seconds ? known : unknown);
    sum += fate.seconds.value_or(0);
    longest = std::max(longest, fate.seconds.value_or(0));
  }
  if (known + unknown == 0) return "estimated time: none, nothing is to train";
  if (known == 0) return "estimated time: unknown, no cell of the same method and size is finished";
  const double seconds = std::max(longest, sum / static_cast<double>(workers));
  return fmt::format(
      "estimated time: {}{} with {} worker{}{}", unknown > 0 ? "more than " : "", duration_text(seconds), workers,
      workers == 1 ? "" : "s",
      unknown > 0 ? fmt::format(" ({} cells are of a method or size that none is finished of)", unknown) : "");
}

}  // namespace klbench
