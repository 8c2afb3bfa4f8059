#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

/// What a registered remedy breaks of the contract of Regularizer, one sentence each; empty: nothing. The remedy, made
/// with `options` over its defaults, trains a linear toy model through RegularizerStack as cells do. Checked: finite
/// values of the right shapes in every mode; gradients that reach the encoder and every parameter of the remedy; equal
/// numbers from equal seeds; a saved remedy goes on bit for bit; words fed and pooling within the model; posteriors of
/// an evaluation do not depend on the other examples, and those of training only where begin_statistics or
/// end_statistics is overridden; no batch lies under the analytic floor (relative tolerance 1e-4), nor the floor of a
/// spread batch under the nominal one. For the tests of plugins; throws UsageError for an unknown key or bad options.
std::vector<std::string> contract_violations(const std::string& key, const std::map<std::string, Value>& options = {});

}  // namespace klbench
