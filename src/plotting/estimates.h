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

/// The spec of a registered metric, of whatever weights (mi_last, mi_running: that of mi); null for others.
const ComponentSpec* registered_metric(const std::string& metric);

/// What a reader must know about estimated metrics of a table: fewer importance samples or sentences than the default,
/// sampling that stops early, the gap that K leaves, bounds that no K tightens, mutual information near its cap; and
/// why rows have none of a metric. One sentence each, of the columns that it is about.
std::vector<TableNote::Part> estimate_notes(const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                                            const std::string& split);

}  // namespace klbench
