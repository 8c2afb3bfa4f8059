#include "plotting/kinds/floor_note.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "storage/records.h"

namespace klbench {

namespace {

constexpr double kBelow = 1e-3;  // of the floor; less cannot be seen

}  // namespace

void FloorNote::see(const std::string& label, double kl, std::optional<double> floor, std::optional<double> measured) {
  if (!floor || !(kl < *floor * (1 - kBelow))) return;
  if (measured && *measured < *floor * kFloorInForce) return;
  double& deepest = deepest_[label];
  deepest = std::max(deepest, *floor - kl);
}

std::string FloorNote::text(const std::string& split) const {
  if (deepest_.empty()) return "";
  std::vector<std::string> parts;
  for (const auto& [label, distance] : deepest_)
    parts.push_back(fmt::format("{} (by up to {:.2g} nats)", label, distance));
  const char* why = split == "train"
                        ? "the nominal floor leaves out eps, the exact floor of each batch was checked apart"
                        : "a floor holds on every training batch with that batch's statistics, not on other examples";
  return fmt::format("KL on {} lies below its floor in {}: {}", split, fmt::join(parts, ", "), why);
}

}  // namespace klbench
