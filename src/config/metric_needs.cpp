#include "config/metric_needs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace klbench {

std::string needs_text(const ComponentSpec& metric) {
  static const std::map<std::string, std::string> texts = {
      {kStandardLatent, "Gaussian posteriors and the prior N(0, I)"},
      {kNormalPrior, "the prior N(0, I)"},
      {kFlatLatent, "z in R^d, not on the sphere"},
      {kScoredLatent, "a posterior whose log q is known for every z"},
      {kTwoPosteriors, "a remedy that decodes from another posterior than it penalises"},
      {kTwoExamples, "a split of two examples or more"},
      {kLabels, "labels"}};
  std::vector<std::string> parts;
  for (const auto& need : metric.needs) {
    const auto found = texts.find(need);
    parts.push_back(found == texts.end() ? need + ": true" : found->second);  // else an option of the study
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

}  // namespace klbench
