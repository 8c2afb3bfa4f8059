#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"

namespace klbench {

/// One part of a composition as written: its spec and the options given beside its name.
struct PartEntry {
  const ComponentSpec* spec = nullptr;
  Settings given;  ///< by option name
};

/// One regularizer entry: a name, a map, or a list of these.
struct Composition {
  std::vector<PartEntry> parts;
  Place place;
};

/// What a cell takes from one axis.
struct AxisValue {
  Settings settings;
  std::optional<Composition> composition;
};

/// One axis of a grid: an option, `regularizer`, or `data`, `model.encoder`, `model.decoder` (whole entries).
struct Axis {
  std::string name;
  Place place;
  std::vector<AxisValue> values;
};

/// The compositions that one regularizer entry stands for: options with a list of values expand, the last one fastest;
/// "a+b" is the composition of a and b. An empty list is the empty composition.
std::vector<Composition> parse_compositions(const YamlNode& entry, const OptionNames& names,
                                            std::deque<YamlNode>& made);

/// The axes of one map of `sweep:` in the order written; nested sections count as dotted names.
/// Throws UsageError. New nodes live in `made`, which must outlive the axes.
std::vector<Axis> parse_axes(const YamlNode& map, const OptionNames& names, std::deque<YamlNode>& made);

}  // namespace klbench
