#include "config/value_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace klbench {

nlohmann::ordered_json value_json(const Value& value) {
  if (const auto* real = std::get_if<double>(&value); real && !std::isfinite(*real)) return nullptr;
  return std::visit([](const auto& held) { return nlohmann::ordered_json(held); }, value);
}

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace klbench
