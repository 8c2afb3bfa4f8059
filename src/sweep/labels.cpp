#include "sweep/labels.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "core/error.h"

namespace klbench {

namespace {

/// "gamma" of regularizer.bn_vae.gamma where the cell has one part, "bn_vae.gamma" where it has several.
std::string short_name(const std::string& option, const CellConfig& cell) {
  static const std::string prefix = "regularizer.";
  if (option.rfind(prefix, 0) != 0) return option;
  return cell.regularizer.size() == 1 ? option.substr(option.rfind('.') + 1) : option.substr(prefix.size());
}

}  // namespace

std::vector<std::string> cell_labels(const std::vector<const CellConfig*>& cells) {
  std::vector<std::map<std::string, Value>> flat;
  std::set<Value> seeds;
  for (const CellConfig* cell : cells) {
    flat.push_back(cell->flat());
    seeds.insert(flat.back().at("seed"));
  }
  std::vector<std::string> names = varying_options(flat);
  if (seeds.size() > 1) names.push_back("seed");
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string label = cells[i]->method();
    for (const auto& name : names) {
      const auto value = flat[i].find(name);
      if (value == flat[i].end() || (name == "model.latent_dim" && !cells[i]->has_latent())) continue;
      label += fmt::format(" {}={}", short_name(name, *cells[i]), one_line(to_string(value->second)));
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace klbench
