#pragma once

#include "storage/records.h"
#include "sweep/plan.h"

namespace klbench {

/// The results that a plan will have, with numbers that mean nothing (forecast_cell), for checks before anything is
/// trained. Of a large grid only the cells that bring a value of an option, or a metric, that no earlier cell of their
/// method has; `least`: as forecast_cell. Reads the data. Throws UsageError for bad data.
StudyResult forecast_study(const Plan& plan, bool least = false);

}  // namespace klbench
