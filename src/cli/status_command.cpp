#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/study_target.h"
#include "storage/journal.h"
#include "sweep/cell_states.h"
#include "sweep/log_tail.h"

namespace klbench {

namespace {

std::string epochs_text(const std::filesystem::path& journal) {
  const auto records = read_journal(journal);
  return records.empty() ? "" : fmt::format("{} epochs", records.back().epoch);
}

std::string state_name(const CellSituation& situation) {
  return situation.unverified ? "unverified" : to_string(situation.state);
}

/// State, id, label, and what more is known.
std::vector<std::string> row(const StudyTarget& target, const CellTask& cell, const CellSituation& situation) {
  std::string detail;
  if (situation.unverified) {
    detail = "has a result that the next run verifies";
  } else if (situation.state == CellState::running || situation.state == CellState::stale) {
    detail = epochs_text(target.layout.cell(cell.id, ".journal"));
  } else if (situation.outcome && situation.state != CellState::done) {
    detail = situation.outcome->reason;
  }
  return {state_name(situation), cell.id, cell.label, detail};
}

int status(const StudyArguments& arguments, const std::string& format) {
  const StudyTarget target = locate_target(arguments);
  const Manifest manifest(target.layout.manifest());
  Listing listing{{"state", "id", "cell", "detail"}, {}};
  std::map<std::string, int> counts;
  std::string logs;
  for (const auto& cell : target.cells) {
    const CellSituation situation = examine_cell(target.layout, cell.id, manifest);
    ++counts[state_name(situation)];
    listing.rows.push_back(row(target, cell, situation));
    if (situation.state != CellState::failed) continue;
    logs += fmt::format("{}:\n", target.layout.cell(cell.id, ".log").string());
    for (const auto& line : situation.outcome->log_tail) logs += "    " + line + "\n";
  }
  fmt::print("{}", format_listing(listing, format));
  if (format != "text") return 0;
  std::string total = fmt::format("{}: {} cells", target.layout.study, target.cells.size());
  for (const auto& [state, count] : counts) total += fmt::format(", {} {}", count, state);
  fmt::print("{}{}\n", logs, total);
  return 0;
}

}  // namespace

Command status_command() {
  return {"status", "Show what is done, running, failed (with the end of its log), interrupted or stale",
          [](CLI::App& app) {
            auto arguments = std::make_shared<StudyArguments>();
            auto format = std::make_shared<std::string>("text");
            add_study(app, *arguments);
            add_listing_format(app, *format);
            return [arguments, format] { return status(*arguments, *format); };
          }};
}

}  // namespace klbench
