#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// One number of a cell.
struct CellNumber {
  std::string split;  ///< or diagnostics, facts, cost (CellResult)
  std::string name;
  std::optional<std::size_t> dimension{};  ///< of a metric with one value a dimension
  const EpochRecord* epoch = nullptr;      ///< null at the end of training
  double value = 0;
  const FinalMetric* metric = nullptr;  ///< of a final metric: its attributes
};

/// Every number of a cell but those by example, and histograms and scattered points, which have axes of their own: by
/// epoch, final, facts, cost.
void each_number(const CellResult& cell, const std::function<void(const CellNumber&)>& use);

/// "nats per example"; empty where it is not known.
std::string units_of(const CellNumber& number);

/// The options in which the study's cells differ, but for the seed (varying_options).
std::vector<std::string> options_that_vary(const StudyResult& study);

}  // namespace klbench
