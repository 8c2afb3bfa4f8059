#include "storage/metric_attributes.h"

#include <cmath>
#include <type_traits>

#include "storage/records.h"

namespace klbench {

namespace {

/// A metric of a plugin that this process has not loaded.
void know_by_attributes(const std::string& name, const std::map<std::string, Value>& attributes) {
  if (is_known_metric(name) || !attributes.contains("better")) return;
  ComponentSpec spec{.key = name};
  const auto read = [&](const char* attribute, auto& to) {
    const auto found = attributes.find(attribute);
    if (found == attributes.end()) return;
    if (const auto* value = std::get_if<std::decay_t<decltype(to)>>(&found->second)) to = *value;
  };
  read("long_name", spec.summary);
  read("units", spec.units);
  read("better", spec.better);
  read("head", spec.head);
  read("least", spec.least);
  read("most", spec.most);
  read("by_dimension", spec.by_dimension);
  know_metrics_of_plugin({{name, spec}});
}

/// @units and @long_name, and of a metric in `specs` all of it.
std::map<std::string, Value> attributes_of(const std::string& metric, const ComponentSpecs& specs) {
  const MetricInfo info = metric_info(metric);
  std::map<std::string, Value> usual{{"units", info.units}, {"long_name", info.long_name}};
  const auto found = specs.find(metric);
  if (found == specs.end()) return usual;
  const ComponentSpec& spec = found->second;
  usual["better"] = spec.better;
  if (!spec.head.empty()) usual["head"] = spec.head;
  if (std::isfinite(spec.least)) usual["least"] = spec.least;
  if (std::isfinite(spec.most)) usual["most"] = spec.most;
  if (spec.by_dimension) usual["by_dimension"] = true;
  return usual;
}

}  // namespace

std::map<std::string, Value> usual_attributes(const std::string& metric) {
  return attributes_of(metric, metrics_of_plugins());
}

std::map<std::string, Value> without_usual(const std::string& metric, std::map<std::string, Value> attributes) {
  know_by_attributes(metric, attributes);
  for (const auto& [name, value] : attributes_of(metric, registered_metrics())) {
    const auto found = attributes.find(name);
    if (found != attributes.end() && found->second == value) attributes.erase(found);
  }
  return attributes;
}

}  // namespace klbench
