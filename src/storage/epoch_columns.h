#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "storage/records.h"

/// Epochs, one and by column as a cell's and a study's file store them. Missing values are absent() (value_column.h).
namespace klbench {

/// The value that an epoch has for a metric; null where it has none.
const double* epoch_metric(const EpochRecord& epoch, const std::string& split, const std::string& metric);
/// split -> metrics that any epoch has.
std::map<std::string, std::set<std::string>> metric_names(const std::vector<EpochRecord>& epochs);
/// One value for each epoch.
std::vector<double> metric_by_epoch(const std::vector<EpochRecord>& epochs, const std::string& split,
                                    const std::string& metric);
/// Sets what metric_by_epoch gave.
void set_metric(std::span<EpochRecord> epochs, const std::string& split, const std::string& metric,
                std::span<const double> values);

/// diagnostic -> the most values that an epoch has of it.
std::map<std::string, std::size_t> diagnostic_widths(const std::vector<EpochRecord>& epochs);
/// `width` values for each epoch, row-major.
std::vector<double> diagnostic_by_epoch(const std::vector<EpochRecord>& epochs, const std::string& name,
                                        std::size_t width);
/// Sets what diagnostic_by_epoch gave, whatever the width.
void set_diagnostic(std::span<EpochRecord> epochs, const std::string& name, std::span<const double> values);

}  // namespace klbench
