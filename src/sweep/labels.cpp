#include "sweep/labels.h"

#include <fmt/format.h>

#include "config/option_name.h"
#include "core/error.h"

namespace klbench {

namespace {

/// "gamma" of regularizer.bn_vae.gamma where the cell has one part, "bn_vae.gamma" where it has several.
std::string short_name(const std::string& option, const CellConfig& cell) {
  static const std::string prefix = "regularizer.";
  if (option.rfind(prefix, 0) != 0) return option;
  return cell.regularizer.size() == 1 ? last_part(option) : option.substr(prefix.size());
}

}  // namespace

std::vector<std::string> cell_labels(const std::vector<const CellConfig*>& cells) {
  VaryingOptions varying;
  for (const CellConfig* cell : cells) varying.add(cell->flat());
  std::vector<std::string> names = varying.names();
  if (varying.seed_varies()) names.push_back("seed");
  std::vector<std::string> labels;
  for (const CellConfig* cell : cells) {
    const auto flat = cell->flat();
    std::string label = cell->method();
    for (const auto& name : names) {
      const auto value = flat.find(name);
      if (value == flat.end() || (name == "model.latent_dim" && !cell->has_latent())) continue;
      label += fmt::format(" {}={}", short_name(name, *cell), one_line(to_string(value->second)));
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace klbench
