#include "plotting/estimates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <set>

#include "config/cell_config.h"
#include "config/metric_needs.h"
#include "statistics/summary.h"

namespace klbench {

namespace {

constexpr std::int64_t kDefaultNllSamples = 500;
constexpr double kLooseNats = 1;

using Note = TableNote::Part;

/// Those of `metrics` that are one of the estimates `names`, of whatever weights.
std::vector<std::string> resting_on(const std::vector<std::string>& metrics, const std::vector<std::string>& names) {
  std::set<std::string> found;
  for (const auto& metric : metrics) {
    for (const auto& name : names) {
      if (metric == name || metric == name + "_last" || metric == name + "_running") found.insert(metric);
    }
  }
  return {found.begin(), found.end()};
}

/// nll_<K> of a cell by K.
std::map<std::int64_t, double> nll_by_samples(const CellResult& cell, const std::string& split) {
  std::map<std::int64_t, double> by_samples;
  const auto metrics = cell.final.find(split);
  if (metrics == cell.final.end()) return by_samples;
  for (const auto& [name, metric] : metrics->second) {
    std::int64_t samples = 0;
    const char* end = name.data() + name.size();
    if (!name.starts_with("nll_") || std::from_chars(name.data() + 4, end, samples).ptr != end) continue;
    if (const auto value = final_scalar(cell, split, name)) by_samples[samples] = *value;
  }
  return by_samples;
}

/// Values of a numeric option among groups with finished cells and a latent, where `take` wants them.
template <class Take>
std::set<double> option_values(const std::vector<Group>& groups, const std::string& option, const Take& take) {
  std::set<double> values;
  for (const auto& group : groups) {
    if (group.cells.empty() || is_language_model(group.method)) continue;  // whose nll is exact
    if (const auto value = option_number(*group.cells[0], option); value && take(*value)) values.insert(*value);
  }
  return values;
}

Note samples_note(const std::vector<Group>& groups, const std::vector<std::string>& metrics) {
  const auto estimated = resting_on(metrics, {"nll", "ppl", "bpd", "rate_used"});
  if (estimated.empty()) return {};
  const auto positive = [](double value) { return value > 0; };
  const auto samples =
      option_values(groups, "eval.nll_samples", [](double value) { return value < kDefaultNllSamples; });
  const auto all_samples = option_values(groups, "eval.nll_samples", positive);
  const auto examples = option_values(groups, "eval.nll_examples", positive);
  const auto tolerances = option_values(groups, "eval.nll_tolerance", positive);
  std::vector<std::string> parts;
  if (!samples.empty()) {
    parts.push_back(
        fmt::format("with only {} samples an example (default {})", fmt::join(samples, " or "), kDefaultNllSamples));
  }
  if (all_samples.size() > 1) {
    parts.push_back(
        fmt::format("with {} samples in its rows, of which fewer give higher values", fmt::join(all_samples, " or ")));
  }
  if (!examples.empty()) parts.push_back(fmt::format("on {} examples of the split", fmt::join(examples, " or ")));
  if (!tolerances.empty()) {
    parts.push_back(fmt::format("stopped at a standard error of {} nats", fmt::join(tolerances, " or ")));
  }
  if (parts.empty()) return {};
  return {fmt::format("{{}}: importance-weighted bound {}.", fmt::join(parts, ", ")), estimated};
}

Note gap_note(const std::vector<Group>& groups, const std::vector<std::string>& metrics, const std::string& split) {
  const auto gaps = nll_gaps(groups, split);
  const auto largest = std::max_element(gaps.begin(), gaps.end());
  const auto estimated = resting_on(metrics, {"nll"});
  if (estimated.empty() || largest == gaps.end() || *largest <= 0) return {};
  const Group& worst = groups[static_cast<std::size_t>(largest - gaps.begin())];
  std::int64_t most = 0;
  for (const CellResult* cell : worst.cells) {
    const auto by_samples = nll_by_samples(*cell, split);
    if (!by_samples.empty()) most = std::max(most, by_samples.rbegin()->first);
  }
  return {fmt::format("nll lies {:.2f} nats above its value with K = {} in {}, on average over seeds, the most of all "
                      "rows; rows within their gap of the best are marked too.",
                      *largest, most, worst.label),
          estimated};
}

/// Rows of which the bound says that far more of z is used than the decoder loses with the z of another example.
Note loose_note(const std::vector<Group>& groups, const std::vector<std::string>& metrics, const std::string& split) {
  const auto estimated = resting_on(metrics, {"nll", "ppl", "bpd", "rate_used"});
  if (estimated.empty()) return {};
  std::vector<std::string> rows;
  for (const auto& group : groups) {
    const auto used = values_of(final_by_seed(group, split, "rate_used"));
    const auto gap = values_of(final_by_seed(group, split, "swap_gap"));
    if (used.empty() || gap.empty()) continue;
    const double excess = summarise(used).mean - summarise(gap).mean;
    if (excess > kLooseNats) rows.push_back(fmt::format("{} (by {:.1f} nats)", group.label, excess));
  }
  if (rows.empty()) return {};
  return {fmt::format(
              "{{}}: probably too high in {}, as rate_used is far above swap_gap, what the decoder loses with the z "
              "of another example: posteriors too narrow for importance samples, or a decoder that knows little "
              "of the prior.",
              fmt::join(rows, ", ")),
          estimated};
}

Note mi_note(const std::vector<Group>& groups, const std::vector<std::string>& metrics, const std::string& split) {
  std::set<std::string> labels;
  for (const auto& group : groups) {
    for (const CellResult* cell : group.cells) {
      const FinalMetric* mi = final_metric(*cell, split, "mi");
      if (!mi) continue;
      const auto near = mi->attributes.find("mi_near_cap");
      if (near != mi->attributes.end() && near->second == Value(true)) labels.insert(group.label);
    }
  }
  const auto estimated = resting_on(metrics, {"mi", "marginal_kl_gap"});
  if (labels.empty() || estimated.empty()) return {};
  return {fmt::format("{{}}: mi is within 3 nats of its cap ln N, hence possibly too low by 0.1 nats or more (and "
                      "kl - mi too high), in {}.",
                      fmt::join(labels, ", ")),
          estimated};
}

/// The baselines of a table with probes that has no column for them: "from 0.21 to 0.23" where cells differ.
Note baselines_note(const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                    const std::string& split) {
  const auto is_baseline = [](const std::string& metric) {
    return metric == "probe_accuracy_length" || metric == "probe_accuracy_majority";
  };
  std::vector<std::string> probes;
  std::copy_if(metrics.begin(), metrics.end(), std::back_inserter(probes),
               [](const std::string& metric) { return metric.starts_with("probe_accuracy"); });
  if (probes.empty() || std::any_of(probes.begin(), probes.end(), is_baseline)) return {};
  std::vector<std::string> parts;
  for (const auto& [metric, what] :
       {std::pair{"probe_accuracy_majority", "the majority class"}, {"probe_accuracy_length", "the length alone"}}) {
    std::vector<double> found;
    for (const auto& group : groups) {
      for (const auto& [seed, value] : final_by_seed(group, split, metric)) found.push_back(value);
    }
    if (found.empty()) continue;
    const auto [low, high] = std::minmax_element(found.begin(), found.end());
    const auto least = fmt::format("{:.3f}", *low), most = fmt::format("{:.3f}", *high);
    parts.push_back(fmt::format("{} of {}", least == most ? least : fmt::format("{} to {}", least, most), what));
  }
  if (parts.empty()) return {};
  return {fmt::format("Probes, with all labels: against {}.", fmt::join(parts, " and ")), probes};
}

/// Rows without a metric that others have, as their model lacks what it needs.
std::vector<Note> needs_notes(const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                              const std::string& split) {
  std::map<std::pair<std::string, std::vector<std::string>>, std::vector<std::string>> columns;  // by need and rows
  for (const auto& metric : metrics) {
    const ComponentSpec* spec = registered_metric(metric);
    if (!spec || spec->needs.empty()) continue;
    std::vector<std::string> rows;
    for (const auto& group : groups) {
      const bool is_blank = !group.cells.empty() && final_by_seed(group, split, metric).empty();
      if (is_blank && !is_language_model(group.method)) rows.push_back(group.label);
    }
    if (!rows.empty()) columns[{needs_text(*spec), std::move(rows)}].push_back(metric);
  }
  std::vector<Note> notes;
  for (auto& [of, names] : columns) {
    notes.push_back({fmt::format("{{}}: only with {}, hence not of {}.", of.first, fmt::join(of.second, ", ")), names});
  }
  return notes;
}

double nll_gap(const Group& group, const std::string& split) {
  std::vector<double> gaps;
  for (const CellResult* cell : group.cells) {
    const auto by_samples = nll_by_samples(*cell, split);
    const auto samples = option_number(*cell, "eval.nll_samples");
    if (by_samples.empty() || !samples) continue;
    auto own = by_samples.upper_bound(static_cast<std::int64_t>(*samples));
    if (own == by_samples.begin()) continue;
    gaps.push_back((--own)->second - by_samples.rbegin()->second);
  }
  return gaps.empty() ? 0 : std::max(0.0, summarise(gaps).mean);
}

}  // namespace

const ComponentSpec* registered_metric(const std::string& metric) {
  std::string base = metric;
  for (const char* suffix : {"_last", "_running"}) {
    if (base.ends_with(suffix)) base.resize(base.size() - std::string(suffix).size());
  }
  const auto found = registered_metrics().find(base);
  return found == registered_metrics().end() ? nullptr : &found->second;
}

std::vector<double> nll_gaps(const std::vector<Group>& groups, const std::string& split) {
  std::vector<double> gaps;
  for (const auto& group : groups) gaps.push_back(nll_gap(group, split));
  return gaps;
}

std::vector<TableNote::Part> estimate_notes(const std::vector<Group>& groups, const std::vector<std::string>& metrics,
                                            const std::string& split) {
  std::vector<Note> notes = {samples_note(groups, metrics), gap_note(groups, metrics, split),
                             loose_note(groups, metrics, split), mi_note(groups, metrics, split),
                             baselines_note(groups, metrics, split)};
  std::erase_if(notes, [](const Note& note) { return note.text.empty(); });
  for (auto& note : needs_notes(groups, metrics, split)) notes.push_back(std::move(note));
  return notes;
}

}  // namespace klbench
