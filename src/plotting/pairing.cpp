#include "plotting/pairing.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace klbench {

namespace {

using Examples = std::vector<float>;

const Examples* kept(const CellResult& cell, const std::string& split, const std::string& metric) {
  const FinalMetric* found = final_metric(cell, split, metric);
  return found && !found->examples.empty() ? &found->examples : nullptr;
}

/// The metric of every example; empty where the cell does not keep it.
Examples examples_of(const CellResult& cell, const std::string& split, const std::string& metric) {
  if (metric != "elbo") {
    const Examples* found = kept(cell, split, metric);
    return found ? *found : Examples();
  }
  const Examples* rec = kept(cell, split, "rec");
  const Examples* kl = kept(cell, split, "kl");
  const bool latent = final_metric(cell, split, "kl") != nullptr;
  if (!rec || (latent && (!kl || kl->size() != rec->size()))) return {};
  Examples elbo(*rec);
  for (std::size_t i = 0; i < elbo.size(); ++i) elbo[i] = -(elbo[i] + (latent ? (*kl)[i] : 0.0F));
  return elbo;
}

std::string sentences_of(const CellResult& cell, const std::string& split) {
  const auto fact = cell.facts.find(split + "_sentences");
  if (fact == cell.facts.end()) return "";
  const auto* hash = std::get_if<std::string>(&fact->second);
  return hash ? *hash : "";
}

std::map<std::int64_t, const CellResult*> by_seed(const Group& group, const std::string& split,
                                                  const std::string& metric) {
  std::map<std::int64_t, const CellResult*> cells;
  for (const CellResult* cell : group.cells) {
    if (final_scalar(*cell, split, metric)) cells[cell_seed(*cell)] = cell;
  }
  return cells;
}

struct Cells {
  const CellResult* a;
  const CellResult* b;
};

/// Differences by seed and example; empty, with the reason, where the cells lack them.
PairedDifferences by_example(const std::vector<Cells>& shared, const std::string& split, const std::string& metric,
                             std::string& reason) {
  static const char* kMeans[] = {"rec", "kl", "nll", "elbo"};
  if (std::find(std::begin(kMeans), std::end(kMeans), metric) == std::end(kMeans)) {
    reason = "it has no value by example";
    return {};
  }
  const std::string sentences = sentences_of(*shared[0].a, split);
  std::vector<Examples> differences;
  for (const auto& [a, b] : shared) {
    Examples of_a = examples_of(*a, split, metric);
    const Examples of_b = examples_of(*b, split, metric);
    if (of_a.empty() || of_b.empty()) {
      reason = "the results keep no values by example";
      return {};
    }
    const bool same = sentences_of(*a, split) == sentences && sentences_of(*b, split) == sentences;
    if (sentences.empty() || !same || of_a.size() != of_b.size() ||
        (!differences.empty() && differences[0].size() != of_a.size())) {
      reason = "they were not evaluated on the same examples";
      return {};
    }
    std::transform(of_a.begin(), of_a.end(), of_b.begin(), of_a.begin(), std::minus<>());
    differences.push_back(std::move(of_a));
  }
  std::vector<std::size_t> measured;
  for (std::size_t i = 0; i < differences[0].size(); ++i) {
    const bool all = std::all_of(differences.begin(), differences.end(),
                                 [&](const Examples& seed) { return std::isfinite(seed[i]); });
    if (all) measured.push_back(i);
  }
  if (measured.size() < 2) {
    reason = "they share fewer than two examples";
    return {};
  }
  PairedDifferences data{shared.size(), measured.size(), {}};
  for (const auto& seed : differences) {
    for (const std::size_t i : measured) data.values.push_back(static_cast<double>(seed[i]));
  }
  return data;
}

}  // namespace

Pairing pair_rows(const Group& a, const Group& b, const std::string& split, const std::string& metric) {
  const auto of_a = by_seed(a, split, metric), of_b = by_seed(b, split, metric);
  Pairing pairing;
  std::vector<Cells> shared;
  for (const auto& [seed, cell] : of_a) {
    const auto other = of_b.find(seed);
    if (other == of_b.end()) continue;
    shared.push_back({cell, other->second});
    pairing.a.push_back(*final_scalar(*cell, split, metric));
    pairing.b.push_back(*final_scalar(*other->second, split, metric));
  }
  if (shared.size() < kSeedsForTest) return pairing;
  PairedDifferences data = by_example(shared, split, metric, pairing.by_seed_reason);
  if (data.values.empty()) {
    data = {shared.size(), 1, pairing.a};
    for (std::size_t s = 0; s < shared.size(); ++s) data.values[s] -= pairing.b[s];
  } else {
    pairing.examples = data.examples;
  }
  pairing.difference.emplace(data);
  return pairing;
}

}  // namespace klbench
