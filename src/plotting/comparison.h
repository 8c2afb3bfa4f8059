#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plotting/pairing.h"

namespace klbench {

/// What `klbench compare` is asked for.
struct CompareRequest {
  std::string a, b;                  ///< rows, as find_row takes them
  std::vector<std::string> metrics;  ///< empty: the usual ones of a table that both rows have
  std::string split = "test";
  std::map<std::string, double> margins;  ///< of equivalence by metric, in its units; "": of all metrics
  std::string filter{};                   ///< a Selector; empty: all cells
};

/// One metric of two rows.
struct Comparison {
  MetricInfo metric;
  Pairing pairing;
  double p_value = 1;  ///< two-sided, and after Holm's correction over the metrics
  double p_holm = 1;
  double detectable = 0;  ///< the smallest difference found with probability 0.8 at level 0.05
  std::optional<double> margin;
  double p_equivalent = 1;  ///< TOST, after Holm's correction over the metrics that have a margin
};

struct RowComparison {
  std::string study, split, a, b;
  std::vector<Comparison> metrics;
};

/// Throws UsageError for unknown rows, splits and metrics, metrics that a row lacks, a row compared with itself,
/// margins that are not positive or of metrics that are not compared, and one margin for metrics of different units.
RowComparison compare_rows(const StudyResult& study, const CompareRequest& request);

/// Sentences for a terminal; "cannot be told apart" is all that is said of a difference that was not found.
std::string to_text(const RowComparison& comparison);
/// An object {study, split, a, b, metrics: [{metric, units, mean_a, mean_b, difference, low, high, p, p_holm, seeds,
/// examples, detectable, margin, p_equivalent, equivalent}]}; null where there is no such number.
std::string to_json(const RowComparison& comparison);

}  // namespace klbench
