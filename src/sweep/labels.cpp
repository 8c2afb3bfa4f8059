#include "sweep/labels.h"

#include <fmt/format.h>

#include <map>
#include <set>

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
  std::vector<std::map<std::string, std::string>> columns;
  std::map<std::string, std::set<std::string>> values;
  for (const CellConfig* cell : cells) {
    auto& column = columns.emplace_back();
    for (const auto& [name, value] : cell->flat()) {
      column[name] = to_string(value);
      values[name].insert(column[name]);
    }
  }
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string label = cells[i]->method();
    for (const auto& [name, value] : columns[i]) {
      if (name == "model.name" || values[name].size() < 2) continue;
      label += fmt::format(" {}={}", short_name(name, *cells[i]), value);
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace klbench
