#include "plotting/page/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace klbench::page {

Sources::Sources(const StudyResult& results, const PageExtras& with)
    : study(results), extras(with), groups(group_cells(results, {})), group_of(results.cells.size()) {
  std::map<const CellResult*, std::size_t> places;
  for (std::size_t i = 0; i < study.cells.size(); ++i) places[&study.cells[i]] = i;
  std::size_t most = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const auto* cells : {&groups[g].cells, &groups[g].diverged}) {
      for (const CellResult* cell : *cells) group_of[places.at(cell)] = g;
    }
    most = std::max(most, groups[g].cells.size());
  }
  for (std::size_t turn = 0; turn < most; ++turn) {
    for (const auto& group : groups) {
      if (turn < group.cells.size()) by_turn.push_back(places.at(group.cells[turn]));
    }
  }
}

Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::stod(fmt::format("{:.6g}", value));
}

}  // namespace klbench::page
