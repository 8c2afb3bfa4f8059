#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/option_name.h"
#include "plotting/style.h"
#include "storage/records.h"

namespace klbench {

/// Cells that differ only in their seed (and in the options a figure ignores): one line, bar or row.
struct Group {
  std::string method;
  std::string row;                       ///< the method, plus the options that tell its groups apart: "bn_vae gamma=.6"
  std::string label;                     ///< `row` as it is displayed (display_label); group_cells: `row`
  std::vector<std::string> telling;      ///< the options of `row`
  std::map<std::string, Value> config;   ///< what its cells share
  std::vector<const CellResult*> cells;  ///< the finished ones, in the order of the grid
  std::vector<const CellResult*> diverged;
  Style style;
};

/// Groups of the study's cells that one of `only` (Selector) selects (empty: all), in the order in which the grid has
/// their first selected cells. `ignored` options do not separate groups. Labels and styles depend on all cells of the
/// study, not on `only`.
std::vector<Group> group_cells(const StudyResult& study, const std::vector<std::string>& only,
                               std::set<std::string> ignored = {});

/// What the prior of the group's cells is: model.prior.name, "standard" where they do not say.
std::string prior_of(const Group& group);

/// Seed of a cell; 0 where its configuration has none.
std::int64_t cell_seed(const CellResult& cell);

/// An option as a number; nothing for text, booleans and where the cell has no such option.
std::optional<double> option_number(const CellResult& cell, const std::string& option);

/// A final scalar, or a number of CellResult::cost; nothing where it is absent, not finite, or has one value per
/// dimension.
std::optional<double> final_scalar(const CellResult& cell, const std::string& split, const std::string& metric);

/// A final metric with its values, or null.
const FinalMetric* final_metric(const CellResult& cell, const std::string& split, const std::string& metric);

/// A fact of the cell as a number; nothing where it is absent or not finite.
std::optional<double> fact_number(const CellResult& cell, const std::string& name);

/// final_scalar of the group's cells, by seed.
std::map<std::int64_t, double> final_by_seed(const Group& group, const std::string& split, const std::string& metric);

/// The second elements of a map.
std::vector<double> values_of(const std::map<std::int64_t, double>& by_seed);

/// Why a missing cell of the study failed; empty where it did not.
std::string failure_reason(const StudyResult& study, const std::string& id);

/// Why the nominal floor of some of its finished cells is not in force: what eps leaves of the normalised second moment
/// at the first steps, or later, by the exact floor of the batches of the selected epoch. Empty: it is, in all.
std::string failing_floor(const Group& group);

/// "floor not in force: bn_vae (r = 0.0002)", of the rows where it is not; empty where it is in all.
std::string failing_floors(const std::vector<Group>& groups);

/// What a figure must not hide: cells that diverged, that ended before their remedy's schedule, that failed, or are
/// missing; one line each, none where all is well.
std::vector<std::string> status_notes(const StudyResult& study, const std::vector<Group>& groups);

/// What makes numbers differ though nothing was changed: a line where the cells were trained on several CPU types, or
/// in several precisions, which names each with its rows ("vae", or "vae, 1 of 3 seeds" where a row mixes them).
std::vector<std::string> machine_notes(const StudyResult& study, const std::vector<Group>& groups);

/// "value" as labels show it: .5 for 0.5, long text cut.
std::string short_value(const Value& value);

}  // namespace klbench
