#include "storage/cell_numbers.h"

#include "config/cell_config.h"

namespace klbench {

namespace {

constexpr const char* kDiagnostics = "diagnostics";

std::optional<double> as_number(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return std::nullopt;
}

/// `number` with each of `values`.
void use_all(CellNumber number, const std::vector<double>& values, const std::function<void(const CellNumber&)>& use) {
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (values.size() > 1) number.dimension = j;
    number.value = values[j];
    use(number);
  }
}

}  // namespace

void each_number(const CellResult& cell, const std::function<void(const CellNumber&)>& use) {
  for (const auto& epoch : cell.epochs) {
    for (const auto& [split, metrics] : epoch.metrics) {
      for (const auto& [name, value] : metrics) use({.split = split, .name = name, .epoch = &epoch, .value = value});
    }
    for (const auto& [name, values] : epoch.diagnostics)
      use_all({.split = kDiagnostics, .name = name, .epoch = &epoch}, values, use);
  }
  for (const auto& [split, metrics] : cell.final) {
    for (const auto& [name, metric] : metrics) {
      const bool other_axes = metric.attributes.contains("bins") || metric.attributes.contains("dim_a") ||
                              metric.attributes.contains("columns");
      if (!other_axes) use_all({.split = split, .name = name, .metric = &metric}, metric.values, use);
    }
  }
  for (const auto& [name, value] : cell.facts) {
    if (const auto number = as_number(value)) use({.split = "facts", .name = name, .value = *number});
  }
  for (const auto& [name, value] : cell.cost) use({.split = "cost", .name = name, .value = value});
}

std::string units_of(const CellNumber& number) {
  static const std::string of_valid = "valid.";  // diagnostics of the split: valid.kl_dim
  if (number.metric) {
    const auto own = number.metric->attributes.find("units");
    if (own != number.metric->attributes.end()) return to_string(own->second);
  }
  const bool diagnostic = number.split == kDiagnostics && number.name.starts_with(of_valid);
  const std::string name = diagnostic ? number.name.substr(of_valid.size()) : number.name;
  return is_known_metric(name) ? metric_info(name).units : "";
}

std::vector<std::string> options_that_vary(const StudyResult& study) {
  VaryingOptions varying;
  for (const auto& cell : study.cells) varying.add(cell.config);
  return varying.names();
}

}  // namespace klbench
