#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "storage/lock.h"
#include "sweep/cell_states.h"
#include "sweep/garbage.h"

namespace klbench {

namespace {

/// "3.4 MB".
std::string size_text(std::uintmax_t bytes) {
  static constexpr std::array<const char*, 4> units = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < units.size(); ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

void print_garbage(const Garbage& garbage) {
  Listing listing{{"what", "name", "cell", "size"}, {}};
  for (const auto& cell : garbage.cells) {
    listing.rows.push_back({cell.finished ? "finished" : "unfinished", cell.id, cell.label, size_text(cell.bytes)});
  }
  if (!garbage.leftovers.empty()) {
    listing.rows.push_back(
        {"leftovers", fmt::format("{} files", garbage.leftovers.size()), "*.tmp.*", size_text(garbage.leftover_bytes)});
  }
  fmt::print("{}", format_listing(listing, "text"));
}

std::string total_text(const std::string& study, const Garbage& garbage, bool removed) {
  std::uintmax_t bytes = garbage.leftover_bytes;
  std::size_t finished = 0;
  for (const auto& cell : garbage.cells) {
    bytes += cell.bytes;
    finished += cell.finished ? 1 : 0;
  }
  if (garbage.cells.empty() && garbage.leftovers.empty()) return fmt::format("{}: nothing to remove", study);
  std::string text = fmt::format("{}: {} cells outside the grid, {} leftovers, {}", study, garbage.cells.size(),
                                 garbage.leftovers.size(), size_text(bytes));
  if (removed) return text + " removed";
  if (finished > 0) text += fmt::format("; the numbers of {} finished cells would be lost", finished);
  return text + "; nothing was removed, --delete does";
}

int collect_garbage(const StudyArguments& arguments, bool remove) {
  const StudyTarget target = locate_target(arguments);
  const ResultsLayout& layout = target.layout;
  std::error_code error;
  if (!std::filesystem::is_directory(layout.folder(), error)) {
    throw UsageError(fmt::format("{}: no such folder: there is nothing to remove", layout.folder().string()));
  }
  const Error going_on(fmt::format("{}: a run is going on; gc is for the time after it", layout.lock().string()));
  if (!remove && lock_is_held(layout.lock())) throw going_on;
  std::optional<FileLock> lock;
  try {
    if (remove) remove_dead_locks(layout.folder());
    if (remove) lock.emplace(layout.lock());
  } catch (const LockedError&) {
    throw going_on;
  }
  const Garbage garbage = find_garbage(layout, target.cells);
  print_garbage(garbage);
  if (remove) remove_garbage(garbage, layout);
  fmt::print("{}\n", total_text(layout.study, garbage, remove));
  return 0;
}

}  // namespace

Command gc_command() {
  return {"gc", "List the files of cells outside a study's grid and what killed runs left; --delete removes them",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto remove = std::make_shared<bool>(false);
            add_study(app, *arguments);
            app.add_flag("--delete", *remove, "Remove them, the numbers of finished cells outside the grid included");
            return [arguments, remove] { return collect_garbage(*arguments, *remove); };
          }};
}

}  // namespace klbench
