#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/study_target.h"
#include "launch/submissions.h"
#include "storage/journal.h"
#include "sweep/cell_states.h"
#include "sweep/reuse.h"

namespace klbench {

namespace {

std::string epochs_text(const std::filesystem::path& journal) {
  const auto records = read_journal(journal);
  return records.empty() ? "" : fmt::format("{} epochs", records.back().epoch);
}

/// State, id, label, and what more is known.
std::vector<std::string> row(const StudyTarget& target, const CellTask& cell, const CellSituation& situation,
                             bool is_queued) {
  std::string detail;
  if (situation.unverified) {
    detail = "has a result that the next run verifies";
  } else if (situation.collected) {
    detail = "in " + target.layout.study_file().string() + ", from where the next run takes it";
  } else if (situation.state == CellStatus::running || situation.state == CellStatus::stale) {
    detail = epochs_text(target.layout.cell(cell.id).journal());
  } else if (situation.outcome && situation.state != CellStatus::done) {
    detail = situation.outcome->reason;
  }
  return {state_name(situation, is_queued), cell.id, cell.label, detail};
}

int status(const StudyArguments& arguments, const std::string& format, bool why) {
  const StudyTarget target = why ? open_target(arguments) : locate_target(arguments);
  const auto fates = why ? foresee(target.cells, target.layout, {}) : std::vector<CellFate>{};
  const auto situations = examine_cells(target.cells, target.layout);
  const auto queued = queued_cells(target.layout.jobs());
  Listing listing{{"state", "id", "cell", "detail"}, {}};
  std::map<std::string, int> counts;
  std::string logs;
  for (std::size_t i = 0; i < target.cells.size(); ++i) {
    const CellTask& cell = target.cells[i];
    const CellSituation& situation = situations[i];
    const auto job = queued.find(cell.id);
    auto& shown = listing.rows.emplace_back(row(target, cell, situation, job != queued.end()));
    if (job != queued.end() && !finished(situation.state)) {
      shown[3] = shown[3].empty() || shown[0] == "queued" ? job->second : job->second + ", " + shown[3];
    }
    ++counts[shown[0]];
    if (why) shown.back() = fates[i].why;
    if (situation.state != CellStatus::failed) continue;
    logs += fmt::format("{}:\n", target.layout.cell(cell.id).log().string());
    for (const auto& line : situation.outcome->log_tail) logs += "    " + line + "\n";
  }
  fmt::print("{}", format_listing(listing, format));
  if (format != "text") return 0;
  std::string total = fmt::format("{}: {} cells", target.layout.study, target.cells.size());
  for (const auto& [state, count] : counts) total += fmt::format(", {} {}", count, state);
  fmt::print("{}{}\n", logs, total);
  if (!why) return 0;
  for (const auto& line : reuse_lines(target.layout.study, fates)) fmt::print("{}\n", line);
  return 0;
}

}  // namespace

Command status_command() {
  return {"status", "Show what is done, running, failed (with the end of its log), interrupted or stale",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto format = std::make_shared<std::string>("text");
            auto why = std::make_shared<bool>(false);
            add_study(app, *arguments);
            add_listing_format(app, *format);
            app.add_flag("--why", *why, "Which cells the next run reuses, and what is other in those that it does not");
            return [arguments, format, why] { return status(*arguments, *format, *why); };
          }};
}

}  // namespace klbench
