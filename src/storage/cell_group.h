#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/hdf5.h"
#include "storage/records.h"

namespace klbench {

/// Marks an epoch that lacks a metric: a NaN whose low word is 1954, which R shows as NA and everything else as NaN.
/// A metric that was measured and is NaN has another NaN, so both read back as they were.
double absent();
bool is_absent(double value);

/// The value an epoch has for a metric, or absent().
double metric_or_absent(const EpochRecord& epoch, const std::string& split, const std::string& metric);
/// Adds to names[split] every metric that any epoch has.
void add_metric_names(const std::vector<EpochRecord>& epochs, std::map<std::string, std::set<std::string>>& names);

/// The group <cells>/<id> of a result, the same in a cell's own file and in a study's:
///   @method, @status and every fact
///   config                     @yaml (canonical text) and one attribute per option
///   epochs/epoch, epochs/step  the dimension scales
///   epochs/<split>/<metric>    one value per epoch
///   final/<split>/<metric>     one value, or one per dimension; estimator and the like as attributes
///   examples/<split>/<metric>  what a final value is the mean of: one a sentence in the order of the data, in its
///   units,
///                              NaN where it was not measured; 32 bits, compressed. No such group in files before
///                              2026-11
///   diagnostics/<name>         rows x columns values, one row per epoch; @rows, @columns
void write_cell_group(hdf5::Group& cells, const CellResult& cell);

/// Reads it back; throws UsageError naming what is missing or malformed.
CellResult read_cell_group(const hdf5::Group& cells, const std::string& id);

/// metric_info(name) as @units and @long_name.
void describe_metric(hdf5::Dataset& dataset, const std::string& metric);

}  // namespace klbench
