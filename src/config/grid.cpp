#include "config/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "config/axis_values.h"
#include "config/cell_maker.h"
#include "config/cell_rules.h"

namespace klbench {

namespace {

/// An axis at work in one grid; those of --set lie above the study's.
struct ActiveAxis {
  const Axis* axis;
  bool cli;
};

std::vector<ActiveAxis> active_axes(const std::vector<Axis>& grid, const std::vector<Axis>& cli) {
  std::vector<ActiveAxis> active;
  for (const auto& axis : grid) active.push_back({&axis, false});
  for (const auto& axis : cli) {
    const auto same = std::find_if(active.begin(), active.end(),
                                   [&](const ActiveAxis& other) { return other.axis->name == axis.name; });
    if (same == active.end()) {
      active.push_back({&axis, true});
    } else {
      *same = {&axis, true};
    }
  }
  return active;
}

/// Names that an axis sets, and "regularizer.<key>.<option>" of the options written into its entries.
std::set<std::string> names_of(const Axis& axis) {
  std::set<std::string> names = {axis.name};
  for (const auto& value : axis.values) {
    for (const auto& [name, setting] : value.settings) names.insert(name);
    if (!value.composition) continue;
    for (const auto& part : value.composition->parts) {
      for (const auto& [name, setting] : part.given)
        names.insert(fmt::format("regularizer.{}.{}", part.spec->key, name));
    }
  }
  return names;
}

void refuse_double_axes(const std::vector<Axis>& grid) {
  std::set<std::string> seen;
  for (const auto& axis : grid) {
    for (const auto& name : names_of(axis)) {
      if (!seen.insert(name).second) throw UsageError(axis.place, fmt::format("'{}' is swept twice in one grid", name));
    }
  }
}

std::size_t count_cells(const std::vector<ActiveAxis>& axes, const Place& place) {
  std::size_t count = 1;
  for (const auto& active : axes) {
    count *= active.axis->values.size();
    if (count > kMaxCells) throw UsageError(place, fmt::format("the grid has more than {} cells", kMaxCells));
  }
  return count;
}

class Expander {
 public:
  Expander(const GridInput& input, const OptionNames& names, std::deque<YamlNode>& made)
      : input_(input), maker_(names, true), exclusions_(exclusions(input.exclude, names)) {
    if (const auto given = input.base.find("regularizer"); given != input.base.end()) {
      auto all = parse_compositions(*given->second.node, names, made);
      if (all.size() != 1) given->second.node->fail("several regularizers belong under 'sweep:'");
      base_ = std::move(all.front());
    } else if (const auto vae = names.schema().regularizers.find("vae"); vae != names.schema().regularizers.end()) {
      base_.parts.push_back({&vae->second, {}});
      base_.place = input.place;
    }
  }

  std::vector<CellConfig> expand() {
    std::size_t total = 0;
    for (const auto& grid : input_.grids) {
      refuse_double_axes(grid);
      total += count_cells(active_axes(grid, input_.cli), input_.place);
      if (total > kMaxCells) throw UsageError(input_.place, fmt::format("the study has more than {} cells", kMaxCells));
    }
    for (const auto& grid : input_.grids) {
      const auto axes = active_axes(grid, input_.cli);
      const std::size_t count = count_cells(axes, input_.place);
      for (std::size_t index = 0; index < count; ++index) add_cell(axes, index);
    }
    check_used(input_.base);
    for (const auto& grid : input_.grids) check_used(grid);
    check_used(input_.cli);
    if (input_.cli.empty()) exclusions_.check_used();  // --set may take away the cells that one is about
    if (cells_.empty()) throw UsageError(input_.place, "no cell is left: 'exclude' matches the whole grid");
    return std::move(cells_);
  }

 private:
  void add_cell(const std::vector<ActiveAxis>& axes, std::size_t index) {
    Settings swept;
    Settings cli;
    const Composition* composition = &base_;
    bool swept_composition = false;
    for (auto active = axes.rbegin(); active != axes.rend(); ++active) {
      const auto& values = active->axis->values;
      const AxisValue& value = values[index % values.size()];
      index /= values.size();
      (active->cli ? cli : swept).insert(value.settings.begin(), value.settings.end());
      if (value.composition) {
        composition = &*value.composition;
        swept_composition = !active->cli;
      }
    }
    Settings settings = input_.base;
    override_settings(settings, swept);
    override_settings(settings, cli);
    // A grid of language models may stand beside one of remedies, which are given above both.
    const bool asked = swept_composition || (composition_given(*composition) && !swept.contains("model.latent_dim"));
    override_settings(swept, cli);
    CellConfig cell = maker_.make(settings, *composition, swept);
    for (const auto& part : cell.regularizer) used_.insert(part.key);
    if (exclusions_.match(cell)) return;
    maker_.finish(cell, settings, *composition, asked);
    maker_.check_effects(cell, settings, *composition, swept);
    const auto [seen, is_new] = seen_.emplace(cell.canonical(), cells_.size());
    if (is_new) cells_.push_back(std::move(cell));
    cells_[seen->second].places.push_back(++places_);
  }

  /// False for the default, plain vae.
  bool composition_given(const Composition& composition) const {
    return &composition != &base_ || input_.base.contains("regularizer");
  }

  /// Refuses options of regularizers that no cell has.
  void check_used(const Settings& settings) const {
    for (const auto& [name, setting] : settings) {
      if (!name.starts_with("regularizer.")) continue;
      const std::string key = name.substr(12, name.find('.', 12) - 12);
      if (!used_.contains(key)) {
        throw UsageError(setting.key_place,
                         fmt::format("'{}' has no effect: no cell has the regularizer '{}'", name, key));
      }
    }
  }

  void check_used(const std::vector<Axis>& axes) const {
    for (const auto& axis : axes) {
      for (const auto& value : axis.values) check_used(value.settings);
    }
  }

  const GridInput& input_;
  CellMaker maker_;
  CellRules exclusions_;
  Composition base_;
  std::set<std::string> used_;                         ///< keys of regularizers that cells have
  std::unordered_map<std::string, std::size_t> seen_;  ///< configuration -> position in cells_
  std::size_t places_ = 0;
  std::vector<CellConfig> cells_;
};

}  // namespace

std::vector<CellConfig> expand_grids(const GridInput& input, const OptionNames& names, std::deque<YamlNode>& made) {
  return Expander(input, names, made).expand();
}

CellConfig single_cell(const Settings& settings, const Composition& composition, const OptionNames& names) {
  const CellMaker maker(names, false);
  CellConfig cell = maker.make(settings, composition, {});
  maker.finish(cell, settings, composition, false);
  return cell;
}

}  // namespace klbench
