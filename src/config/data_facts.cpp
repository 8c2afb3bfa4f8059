#include "config/data_facts.h"

#include <fmt/format.h>

#include <utility>

namespace klbench {

namespace {

constexpr double kMuchUnknown = 0.2;  // a share of the words of valid and test

std::int64_t count_of(const std::map<std::string, Value>& facts, const std::string& name) {
  const auto found = facts.find(name);
  const auto* count = found == facts.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return count ? *count : 0;
}

}  // namespace

std::vector<std::string> data_warnings(const std::map<std::string, Value>& facts) {
  std::vector<std::string> warnings;
  const auto share = facts.find("valid_test_unk_share");
  if (const auto* unknown = share == facts.end() ? nullptr : std::get_if<double>(&share->second);
      unknown && *unknown > kMuchUnknown) {
    warnings.push_back(
        fmt::format("{:.0f}% of the words of valid and test are <unk>: lower min_count, raise the limit "
                    "of the vocabulary, or give the vocabulary of this data",
                    100 * *unknown));
  }
  std::string shared;
  for (const auto& [split, other] : {std::pair{"valid", "train"}, {"test", "train"}, {"test", "valid"}}) {
    const std::int64_t count = count_of(facts, fmt::format("{}_in_{}", split, other));
    if (count == 0) continue;
    shared += fmt::format("{}{} of the {} sentences of {} are in {} too", shared.empty() ? "" : ", ", count,
                          count_of(facts, fmt::format("{}_examples", split)), split, other);
  }
  if (!shared.empty()) warnings.push_back(shared + ": what is measured on them is not new to the model");
  return warnings;
}

}  // namespace klbench
