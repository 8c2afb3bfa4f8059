#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "metrics/estimate.h"
#include "plotting/script.h"

namespace klbench::testing {

/// Where an estimate was made.
struct Place {
  std::string model, posterior;
  std::int64_t d = 0;
  double mi = 0;  ///< of the model's own posterior, where it is set
  std::int64_t n = 0;
  std::int64_t k = 0;
  bool operator==(const Place&) const = default;
};

/// Estimates of one quantity at one place, one a repetition.
struct Line {
  Place place;
  std::string estimator;
  double truth = 0;
  std::vector<double> values, errors;

  double mean() const;
  double spread() const;        ///< standard deviation over repetitions
  double stated_error() const;  ///< mean of the errors; NaN where there are none
  double bias() const { return mean() - truth; }
};

/// All estimates, in the order in which places and estimators first came.
class Results {
 public:
  void add(const Place& place, const std::string& estimator, double truth, const Estimate& estimate);
  const std::vector<Line>& lines() const { return lines_; }
  /// The lines of an estimator that `take` wants.
  template <class Take>
  std::vector<Line> of(const std::string& estimator, const Take& take) const {
    std::vector<Line> found;
    for (const auto& line : lines_) {
      if (line.estimator == estimator && take(line.place)) found.push_back(line);
    }
    return found;
  }
  /// A line each: place, estimator, truth, mean, bias, spread, stated error, repetitions.
  std::string csv() const;
  /// From that text; a line has two values of the mean and spread that stand there. Throws Error.
  static Results from_csv(const std::string& text);

 private:
  std::vector<Line> lines_;
};

/// Draws metric_validation.png and its script into a folder.
Drawing draw_validation(const Results& results, const std::filesystem::path& folder);

}  // namespace klbench::testing
