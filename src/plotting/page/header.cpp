#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "core/build_info.h"
#include "core/error.h"
#include "plotting/page/parts.h"
#include "plotting/report.h"
#include "plotting/selection.h"

namespace klbench::page {

namespace {

/// The text of the comment that the YAML begins with; a line for editors ("yaml-language-server: ...") is none of it.
std::string leading_comment(const std::string& yaml) {
  std::istringstream stream(yaml);
  std::string comment;
  for (std::string line; std::getline(stream, line) && line.starts_with('#');) {
    const std::size_t begin = line.find_first_not_of("# \t");
    if (begin == std::string::npos || line.find("yaml-language-server") != std::string::npos) continue;
    comment += (comment.empty() ? "" : " ") + line.substr(begin);
  }
  return comment;
}

Json parsed(const std::map<std::string, std::string>& texts, const std::string& id) {
  const auto found = texts.find(id);
  auto object = found == texts.end() ? Json() : Json::parse(found->second, nullptr, false);
  return object.is_object() ? object : Json::object();
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string count_text(const StudyResult& study) {
  std::map<std::string, std::size_t> states;
  for (const auto& cell : study.cells) ++states[to_string(cell.status)];
  for (const auto& id : study.missing) ++states[failure_reason(study, id).empty() ? "missing" : "failed"];
  std::vector<std::string> parts;
  for (const auto& [state, count] : states) parts.push_back(fmt::format("{} {}", count, state));
  return fmt::format("{}: {}", study.cells.size() + study.missing.size(), fmt::join(parts, ", "));
}

std::string hours(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  return seconds < 7200 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

/// What is known of the cells' machines and runs, [name, text] each.
Json run_facts(const StudyResult& study) {
  std::map<std::string, std::set<std::string>> of_runs;
  std::map<std::string, std::set<std::string>> options;
  std::set<std::string> times;
  double seconds = 0;
  for (const auto& cell : study.cells) {
    const Json record = parsed(study.provenance, cell.id);
    for (const char* key : {"git_revision", "cpu", "gpu", "libtorch"}) of_runs[key].insert(text_at(record, key));
    for (const char* key : {"started", "written"}) times.insert(text_at(record, key).substr(0, 10));
    for (const char* name : {"trainer.precision", "trainer.device"}) {
      const auto option = cell.config.find(name);
      if (option != cell.config.end()) options[name].insert(to_string(option->second));
    }
    for (const char* name : {"train_seconds", "evaluation_seconds"}) {
      const auto cost = cell.cost.find(name);
      if (cost != cell.cost.end()) seconds += cost->second;
    }
  }
  Json facts = Json::array();
  const auto add = [&](const char* name, std::set<std::string> values) {
    values.erase("");
    if (!values.empty()) facts.push_back({name, fmt::format("{}", fmt::join(values, ", "))});
  };
  add("CPU", of_runs["cpu"]);
  add("GPU", of_runs["gpu"]);
  add("Device", options["trainer.device"]);
  add("Precision", options["trainer.precision"]);
  add("Trained with revision", of_runs["git_revision"]);
  add("LibTorch", of_runs["libtorch"]);
  times.erase("");
  if (!times.empty()) {
    const std::string first = *times.begin(), last = *times.rbegin();
    facts.push_back({"Trained on", first == last ? first : first + " to " + last});
  }
  if (seconds > 0) facts.push_back({"Computing time", hours(seconds)});
  return facts;
}

/// `outcome`: an outcome.json; its log is taken where the cell's own is not there.
Json failure(const PageExtras& extras, const std::string& id, const std::string& label, const std::string& state,
             const Json& outcome) {
  Json log = Json::array();
  if (const auto tail = outcome.find("log"); tail != outcome.end() && tail->is_array()) log = *tail;
  if (const auto own = extras.logs.find(id); own != extras.logs.end()) log = own->second;
  return {
      {"id", id}, {"label", label}, {"state", state}, {"reason", text_at(outcome, "reason")}, {"log", std::move(log)}};
}

Json failures(const Sources& sources) {
  const StudyResult& study = sources.study;
  Json all = Json::array();
  for (const auto& cell : study.cells) {
    if (cell.status == CellStatus::done) continue;
    const std::string label = fmt::format(
        "{} seed={}", sources.groups[sources.group_of[static_cast<std::size_t>(&cell - study.cells.data())]].label,
        cell_seed(cell));
    all.push_back(
        failure(sources.extras, cell.id, label, to_string(cell.status), parsed(sources.extras.outcomes, cell.id)));
  }
  for (const auto& id : study.missing) {
    const auto label = sources.extras.labels.find(id);
    const Json outcome = parsed(study.provenance, id);
    const std::string state = text_at(outcome, "state");
    all.push_back(failure(sources.extras, id, label == sources.extras.labels.end() ? "" : label->second,
                          state.empty() ? "missing" : state, outcome));
  }
  return all;
}

}  // namespace

Json header(const Sources& sources) {
  const StudyResult& study = sources.study;
  Json facts = Json::array({Json::array({"Cells", count_text(study)})});
  for (auto& fact : run_facts(study)) facts.push_back(std::move(fact));
  Json notes = Json::array();
  const auto cells = selected_cells(study, "");
  for (const auto& lines : {floors_line(cells), data_lines(cells)}) {
    std::istringstream stream(lines);
    for (std::string line; std::getline(stream, line);) notes.push_back(line);
  }
  if (const auto note = failing_floors(sources.groups); !note.empty()) notes.push_back(note);
  return {{"name", one_line(study.name)},
          {"question", leading_comment(study.study_yaml)},
          {"yaml", study.study_yaml},
          {"source", sources.extras.source},
          {"made_by", fmt::format("klbench {} ({})", version(), git_revision())},
          {"facts", std::move(facts)},
          {"notes", std::move(notes)},
          {"failures", failures(sources)}};
}

}  // namespace klbench::page
