#include "config/probe_metrics.h"

#include <fmt/format.h>

namespace klbench {

std::vector<std::int64_t> probe_label_counts(std::int64_t all) {
  std::vector<std::int64_t> counts;
  for (const std::int64_t count : {100, 500, 1000, 2000, 10000}) {
    if (count < all) counts.push_back(count);
  }
  counts.push_back(all);
  return counts;
}

std::string probe_metric(const char* base, std::int64_t labels, bool all) {
  if (all) return base;
  return labels % 1000 == 0 ? fmt::format("{}_{}k", base, labels / 1000) : fmt::format("{}_{}", base, labels);
}

std::vector<std::string> probe_metrics(std::int64_t train_size, bool text) {
  std::vector<std::string> names = {"probe_accuracy_majority"};
  if (text) names.emplace_back("probe_accuracy_length");
  for (const auto count : probe_label_counts(train_size)) {
    for (const char* base : {kProbeMu, kProbeZ}) names.push_back(probe_metric(base, count, count == train_size));
  }
  return names;
}

}  // namespace klbench
