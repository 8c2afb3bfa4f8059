#include "plotting/pairing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
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

/// Tells one text from another; 0 for none.
std::size_t number_of(const std::string& text) { return text.empty() ? 0 : std::hash<std::string>()(text); }

/// Mean over some of the examples.
double mean_over(const Examples& examples, const std::vector<std::size_t>& some) {
  double sum = 0;
  for (const std::size_t i : some) sum += static_cast<double>(examples[i]);
  return sum / static_cast<double>(some.size());
}

/// Differences by seed and example; empty, with the reason, where the cells lack them. Sets the means over the examples
/// where not all cells have a value for each.
template <class Pairs>
PairedDifferences paired_by_example(const Pairs& shared, Pairing& pairing) {
  std::string& reason = pairing.by_seed_reason;
  std::vector<Examples> differences;
  for (const auto& [a, b] : shared) {
    if (a->examples.empty() || b->examples.empty()) {
      reason = "the results keep no value of it by example";
      return {};
    }
    if (a->data == 0 || a->examples.size() != shared[0].first->examples.size() ||
        b->examples.size() != a->examples.size()) {
      reason = "the results do not say which examples are the same";
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
  for (std::size_t s = 0; s < shared.size() && measured.size() < differences[0].size(); ++s) {
    pairing.a[s] = mean_over(shared[s].first->examples, measured);
    pairing.b[s] = mean_over(shared[s].second->examples, measured);
  }
  return data;
}

}  // namespace

PairableRow::PairableRow(const Group& group, const std::string& split, const std::string& metric) {
  std::map<std::int64_t, const CellResult*> by_seed;
  for (const CellResult* cell : group.cells) {
    if (final_scalar(*cell, split, metric)) by_seed[cell_seed(*cell)] = cell;
  }
  for (const auto& [seed, cell] : by_seed) {
    cells_.push_back({seed, *final_scalar(*cell, split, metric)});
    Cell& row = cells_.back();
    if (const FinalMetric* found = final_metric(*cell, split, metric)) {  // not of seconds and their like
      const auto hash = cell->facts.find("test_sentences");
      const auto count = found->attributes.find("examples");
      row.data = hash == cell->facts.end() ? 0 : number_of(to_string(hash->second));
      row.count = count == found->attributes.end() ? 0 : number_of(to_string(count->second));
    }
    row.examples = examples_of(*cell, split, metric);
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
  const auto not_tested = [&](std::string reason) {
    pairing.difference.reset();
    pairing.no_test_reason = std::move(reason);
    return pairing;
  };
  if (shared.size() < kSeedsForTest) {
    return not_tested(
        fmt::format("{} shared seed{}, and it takes {}", shared.size(), shared.size() == 1 ? "" : "s", kSeedsForTest));
  }
  const auto other_data = [](const auto& pair) { return pair.first->data != pair.second->data; };
  if (std::any_of(shared.begin(), shared.end(), other_data))
    return not_tested("they were not measured on the same data");
  PairedDifferences data = paired_by_example(shared, pairing);
  if (data.values.empty()) {
    const auto others = [](const auto& pair) { return pair.first->count != pair.second->count; };
    if (std::any_of(shared.begin(), shared.end(), others))
      return not_tested("they were not measured on the same examples");
    data = {shared.size(), 1, pairing.a};
    for (std::size_t s = 0; s < shared.size(); ++s) data.values[s] -= pairing.b[s];
  } else {
    pairing.examples = data.examples;
  }
  pairing.difference.emplace(data);
  const double rounding = 1e-9 * std::abs(pairing.difference->mean());
  if (pairing.difference->standard_error() > rounding) return pairing;
  return not_tested("the difference is the same for all seeds, of which no t test can say how sure it is");
}

Pairing pair_rows(const Group& a, const Group& b, const std::string& split, const std::string& metric) {
  return pair_rows(PairableRow(a, split, metric), PairableRow(b, split, metric));
}

}  // namespace klbench
