#include "statistics/summary.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace klbench {

Summary summarise(const std::vector<double>& values) {
  if (values.empty()) throw Error("a summary needs at least one value");
  Summary summary;
  summary.n = values.size();
  const auto n = static_cast<double>(values.size());
  summary.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2) return summary;
  double squares = 0;
  for (const double value : values) squares += (value - summary.mean) * (value - summary.mean);
  summary.sd = std::sqrt(squares / (n - 1));
  const boost::math::students_t distribution(n - 1);
  summary.half_width = boost::math::quantile(distribution, 0.975) * summary.sd / std::sqrt(n);
  return summary;
}

}  // namespace klbench
