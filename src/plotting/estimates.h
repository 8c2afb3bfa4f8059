#pragma once

#include <string>
#include <vector>

#include "plotting/group.h"
#include "plotting/table.h"

namespace klbench {

/// How far each group's nll may lie above what more importance samples would find, nats: mean over its cells of nll_<K>
/// - nll_<largest K>, K the largest recorded count up to eval.nll_samples (eval.nll_check_examples records them). 0
/// where it was not measured.
std::vector<double> nll_gaps(const std::vector<Group>& groups, const std::string& split);

/// What a reader must know about estimated metrics of a table: fewer importance samples or sentences than the default,
/// sampling that stops early, the gap that K leaves, mutual information near its cap. One sentence each, of the columns
/// that it is about.
std::vector<TableNote::Part> estimate_notes(const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                                            const std::string& split);

}  // namespace klbench
