#include "plotting/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"
#include "plotting/selection.h"

namespace klbench {

namespace {

/// Whether `selector` is the row's name but for the order of the method's parts.
bool is_label(const Group& group, const std::string& selector) {
  const std::size_t blank = std::min(selector.find(' '), selector.size());
  return group.row.substr(group.method.size()) == selector.substr(blank) &&
         same_method(group.method, selector.substr(0, blank));
}

/// The row that has this name; else those of the method; else those all of whose cells are selected.
std::vector<std::size_t> rows_named(const StudyResult& study, const std::vector<Group>& groups,
                                    const std::string& selector) {
  std::vector<std::size_t> of_method, selected;
  const Selector words(study, selector);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    if (is_label(group, selector)) return {i};
    if (same_method(group.method, selector)) of_method.push_back(i);
    const auto& cells = group.cells.empty() ? group.diverged : group.cells;
    const auto is_selected = [&](const CellResult* cell) { return words.selects(*cell); };
    if (!cells.empty() && std::all_of(cells.begin(), cells.end(), is_selected)) selected.push_back(i);
  }
  return of_method.empty() ? selected : of_method;
}

}  // namespace

std::vector<std::string> near_rows(const std::vector<Group>& groups, const std::string& selector) {
  std::set<std::string> rows, methods;
  for (const auto& group : groups) {
    methods.insert(group.method);
    if (same_method(group.method, selector.substr(0, selector.find(' ')))) rows.insert(group.row);
  }
  const auto& near = rows.empty() ? methods : rows;
  return {near.begin(), near.end()};
}

std::size_t find_row(const StudyResult& study, const std::vector<Group>& groups, const std::string& selector,
                     const std::string& what) {
  const auto found = rows_named(study, groups, selector);
  if (found.size() == 1) return found[0];
  if (found.empty() && selects_any(study, selector)) {
    throw UsageError(
        fmt::format("{} '{}' is a part of a row; name the row, and choose among its cells with --filter, e.g. seed=0",
                    what, one_line(selector)));
  }
  if (found.empty()) {
    throw UsageError(unknown_name(what, selector, near_rows(groups, selector)) + without_result(study));
  }
  std::vector<std::string> labels;
  for (const std::size_t i : found) labels.push_back(fmt::format("'{}'", one_line(groups[i].row)));
  throw UsageError(fmt::format("{} '{}' may be any of {} rows; write one of {}", what, one_line(selector), found.size(),
                               fmt::join(labels, ", ")));
}

std::optional<std::size_t> baseline_row(const StudyResult& study, const std::vector<Group>& groups) {
  const auto found = rows_named(study, groups, study.baseline.empty() ? "vae" : study.baseline);
  return found.size() == 1 ? std::optional(found[0]) : std::nullopt;
}

std::map<std::string, std::string> row_labels(const StudyResult& study) {
  std::map<std::string, std::string> labels;
  for (const auto& group : group_cells(study, {})) {
    for (const auto* cells : {&group.cells, &group.diverged}) {
      for (const CellResult* cell : *cells) labels[cell->id] = group.row;
    }
  }
  return labels;
}

void set_baseline(StudyResult& study, const std::string& selector) {
  const auto groups = group_cells(study, {});
  study.baseline = groups[find_row(study, groups, selector, "baseline")].row;
}

}  // namespace klbench
