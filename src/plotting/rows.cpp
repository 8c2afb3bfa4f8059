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

std::vector<std::size_t> rows_named(const std::vector<Group>& groups, const std::string& selector) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (is_label(groups[i], selector)) return {i};
    if (same_method(groups[i].method, selector)) found.push_back(i);
  }
  return found;
}

}  // namespace

std::size_t find_row(const std::vector<Group>& groups, const std::string& selector, const std::string& what) {
  const auto found = rows_named(groups, selector);
  if (found.size() == 1) return found[0];
  std::vector<std::string> labels;
  if (found.empty()) {
    for (const auto& group : groups) labels.push_back(group.row);
    throw UsageError(unknown_name(what, selector, labels));
  }
  for (const std::size_t i : found) labels.push_back(fmt::format("'{}'", one_line(groups[i].row)));
  throw UsageError(fmt::format("{} '{}' may be any of {} rows; write one of {}", what, one_line(selector), found.size(),
                               fmt::join(labels, ", ")));
}

std::optional<std::size_t> baseline_row(const std::vector<Group>& groups, const std::string& declared) {
  const auto found = rows_named(groups, declared.empty() ? "vae" : declared);
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
  study.baseline = groups[find_row(groups, selector, "baseline")].row;
}

}  // namespace klbench
