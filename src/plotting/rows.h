#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plotting/group.h"

namespace klbench {

/// The row that `selector` names: its label as tables print it, or its method where only one row has that (the parts of
/// a composition in any order). `what` is how messages call it. Throws UsageError for none, and for several.
std::size_t find_row(const std::vector<Group>& groups, const std::string& selector, const std::string& what);

/// The row that others are compared with: the declared one; where none is declared the one plain vae; nothing where
/// that is not among `groups`.
std::optional<std::size_t> baseline_row(const std::vector<Group>& groups, const std::string& declared);

/// The row of every cell, as tables print it, by id.
std::map<std::string, std::string> row_labels(const StudyResult& study);

/// Declares a baseline for tables of the study; throws UsageError as find_row.
void set_baseline(StudyResult& study, const std::string& selector);

}  // namespace klbench
