#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/records.h"

/// The dense view of a study's epochs.
namespace klbench {

/// Every epoch number that a cell has, ascending.
std::vector<std::int64_t> epoch_numbers(const StudyResult& study);

/// split -> metrics that some epoch of some cell has.
std::map<std::string, std::set<std::string>> epoch_metrics(const StudyResult& study);

/// [cell, epoch], row-major, columns as in `epochs`; absent() (a NaN, see cell_group.h) where a cell lacks the value.
std::vector<double> dense_metric(const StudyResult& study, const std::vector<std::int64_t>& epochs,
                                 const std::string& split, const std::string& metric);

}  // namespace klbench
