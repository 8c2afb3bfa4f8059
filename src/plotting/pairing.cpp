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

/// Differences by seed and example; empty, with the reason, where the cells lack them.
template <class Pairs>
PairedDifferences paired_by_example(const Pairs& shared, bool has_examples, std::string& reason) {
  if (!has_examples) {
    reason = "it has no value by example";
    return {};
  }
  const std::string& sentences = shared[0].first->sentences;
  std::vector<Examples> differences;
  for (const auto& [a, b] : shared) {
    if (a->examples.empty() || b->examples.empty()) {
      reason = "the results keep no values by example";
      return {};
    }
    if (sentences.empty() || a->sentences != sentences || b->sentences != sentences ||
        a->examples.size() != b->examples.size() || a->examples.size() != shared[0].first->examples.size()) {
      reason = "they were not evaluated on the same examples";
      return {};
    }
    Examples& difference = differences.emplace_back(a->examples);
    std::transform(difference.begin(), difference.end(), b->examples.begin(), difference.begin(), std::minus<>());
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

bool is_mean_over_examples(const std::string& metric) {
  static const char* kMeans[] = {"rec", "kl", "nll", "elbo"};
  return std::find(std::begin(kMeans), std::end(kMeans), metric) != std::end(kMeans);
}

}  // namespace

PairableRow::PairableRow(const Group& group, const std::string& split, const std::string& metric)
    : has_examples_(is_mean_over_examples(metric)) {
  std::map<std::int64_t, const CellResult*> by_seed;
  for (const CellResult* cell : group.cells) {
    if (final_scalar(*cell, split, metric)) by_seed[cell_seed(*cell)] = cell;
  }
  for (const auto& [seed, cell] : by_seed) {
    cells_.push_back({seed, *final_scalar(*cell, split, metric)});
    if (!has_examples_) continue;
    cells_.back().examples = examples_of(*cell, split, metric);
    cells_.back().sentences = sentences_of(*cell, split);
  }
}

Pairing pair_rows(const PairableRow& a, const PairableRow& b) {
  using Cell = PairableRow::Cell;
  Pairing pairing;
  std::vector<std::pair<const Cell*, const Cell*>> shared;
  const std::size_t most = std::min(a.cells_.size(), b.cells_.size());
  pairing.a.reserve(most);
  pairing.b.reserve(most);
  shared.reserve(most);
  for (auto of_a = a.cells_.begin(), of_b = b.cells_.begin(); of_a != a.cells_.end() && of_b != b.cells_.end();) {
    if (of_a->seed == of_b->seed) {
      pairing.a.push_back(of_a->value);
      pairing.b.push_back(of_b->value);
      shared.emplace_back(&*of_a++, &*of_b++);
    } else {
      ++(of_a->seed < of_b->seed ? of_a : of_b);
    }
  }
  if (shared.size() < kSeedsForTest) return pairing;
  PairedDifferences data = paired_by_example(shared, a.has_examples_, pairing.by_seed_reason);
  if (data.values.empty()) {
    data = {shared.size(), 1, pairing.a};
    for (std::size_t s = 0; s < shared.size(); ++s) data.values[s] -= pairing.b[s];
  } else {
    pairing.examples = data.examples;
  }
  pairing.difference.emplace(data);
  return pairing;
}

Pairing pair_rows(const Group& a, const Group& b, const std::string& split, const std::string& metric) {
  return pair_rows(PairableRow(a, split, metric), PairableRow(b, split, metric));
}

}  // namespace klbench
