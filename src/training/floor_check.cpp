#include "training/floor_check.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "regularizers/below_floor.h"

namespace klbench {

namespace {

/// Mean of the exact floors of the batches of an epoch, nats.
std::optional<double> floor_of_epoch(const std::vector<EpochRecord>& records, std::int64_t epoch) {
  for (const auto& record : records) {
    if (record.epoch != epoch) continue;
    const auto& train = record.metrics.at("train");
    const auto found = train.find("floor");
    if (found != train.end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace

torch::Tensor FloorCheck::measure(const torch::Tensor& kl, const torch::Tensor& floor) {
  const torch::NoGradGuard no_grad;
  const auto bound = floor.to(torch::kFloat64);
  const auto mean = kl.mean(0, false, torch::kFloat64);
  return torch::stack({below_floor(mean, bound).any().to(torch::kFloat64), (mean - bound).sum(), bound.sum()});
}

void FloorCheck::count(double below, double slack) {
  ++state_.batches;
  if (below > 0) ++state_.violations;
  state_.min_slack = std::min(state_.min_slack, slack);
}

void add_floor_facts(const FloorCheck::State& floors, double nominal, CellResult& result) {
  auto& facts = result.facts;
  if (!std::isnan(nominal)) facts["kl_floor_nominal"] = nominal;
  if (floors.batches > 0) {
    facts["floor_batches"] = floors.batches;
    facts["floor_violations"] = floors.violations;
    facts["floor_min_slack"] = floors.min_slack;
  }
  const auto selected = std::get<std::int64_t>(facts.at("selected_epoch"));
  if (const auto floor = floor_of_epoch(result.epochs, selected)) facts["kl_floor_measured"] = *floor;
}

}  // namespace klbench
