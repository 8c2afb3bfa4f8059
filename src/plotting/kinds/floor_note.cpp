#include "plotting/kinds/floor_note.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace klbench {

namespace {

constexpr double kBelow = 1e-3;  // of the floor; less cannot be seen

}  // namespace

void FloorNote::see(const std::string& label, double kl, std::optional<double> floor, std::optional<double> measured) {
  if (!floor || !(kl < *floor * (1 - kBelow))) return;
  if (measured && *measured < *floor / 2) {
    const auto [lowest, fresh] = not_in_force_.emplace(label, *measured);
    lowest->second = std::min(lowest->second, *measured);
    return;
  }
  double& deepest = deepest_[label];
  deepest = std::max(deepest, *floor - kl);
}

std::string FloorNote::text(const std::string& split) const {
  std::vector<std::string> parts, notes;
  for (const auto& [label, lowest] : not_in_force_) parts.push_back(fmt::format("{} ({:.2g} nats)", label, lowest));
  if (!parts.empty()) {
    notes.push_back(fmt::format(
        "the nominal floor, which leaves out eps, is not in force in {}: in brackets the lowest exact floor of a "
        "training batch",
        fmt::join(parts, ", ")));
    parts.clear();
  }
  if (deepest_.empty()) return fmt::format("{}", fmt::join(notes, "; "));
  for (const auto& [label, distance] : deepest_)
    parts.push_back(fmt::format("{} (by up to {:.2g} nats)", label, distance));
  const char* why = split == "train"
                        ? "the nominal floor leaves out eps, the exact floor of each batch was checked apart"
                        : "a floor holds on every training batch with that batch's statistics, not on other examples";
  notes.push_back(fmt::format("KL on {} lies below its floor in {}: {}", split, fmt::join(parts, ", "), why));
  return fmt::format("{}", fmt::join(notes, "; "));
}

}  // namespace klbench
