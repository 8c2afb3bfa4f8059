#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plotting/group.h"

namespace klbench {

/// The one of the study's `groups` that `selector` names: by its label as tables print it, by its method (the parts of
/// a composition in any order), or by as many of its options as it takes, "bn_vae pixelcnn lr=.1" (Selector). `what` is
/// how messages call it. Throws UsageError for none, and for several.
std::size_t find_row(const StudyResult& study, const std::vector<Group>& groups, const std::string& selector,
                     const std::string& what);

/// What `selector`, which names none of `groups`, may mean: the rows of its method, or the methods where it has none.
std::vector<std::string> near_rows(const std::vector<Group>& groups, const std::string& selector);

/// The row that others are compared with: the one that the study declares; where it declares none the one plain vae;
/// nothing where that is not among `groups`.
std::optional<std::size_t> baseline_row(const StudyResult& study, const std::vector<Group>& groups);

/// The row of every cell, as tables print it, by id.
std::map<std::string, std::string> row_labels(const StudyResult& study);

/// Declares a baseline for tables of the study; throws UsageError as find_row.
void set_baseline(StudyResult& study, const std::string& selector);

}  // namespace klbench
