#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace klbench {

/// On the posterior mean, and on one sample of q(z|x) per x, what a decoder gets.
inline constexpr const char* kProbeMu = "probe_accuracy";
inline constexpr const char* kProbeZ = "probe_accuracy_z";

/// 100, 500, 1,000, 2,000, 10,000 and `all` training labels, as far as they are no more.
std::vector<std::int64_t> probe_label_counts(std::int64_t all);

/// The metric of a probe (kProbeMu, kProbeZ) with so many labels: probe_accuracy_100, probe_accuracy_1k, ..., and
/// without a number with all of them.
std::string probe_metric(const char* base, std::int64_t labels, bool all);

/// All metrics of probes with so many training examples, baselines included: of text that of the length, too.
std::vector<std::string> probe_metrics(std::int64_t train_size, bool text);

}  // namespace klbench
