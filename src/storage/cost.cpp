#include "storage/cost.h"

#include <nlohmann/json.hpp>

namespace klbench {

std::map<std::string, double> cost_of(const std::string& provenance) {
  std::map<std::string, double> cost;
  const auto fields = nlohmann::json::parse(provenance, nullptr, false);
  if (!fields.is_object()) return cost;
  for (const auto& [key, value] : fields.items()) {
    if (value.is_number()) cost[key] = value.get<double>();
  }
  return cost;
}

}  // namespace klbench
