#include "plotting/statistics.h"

#include <algorithm>
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

double paired_t_test(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size() || a.size() < 2) throw Error("a paired test needs two samples of the same size, at least 2");
  std::vector<double> differences(a.size());
  std::transform(a.begin(), a.end(), b.begin(), differences.begin(), std::minus<>());
  const Summary difference = summarise(differences);
  if (difference.sd == 0) return difference.mean == 0 ? 1 : 0;
  const double t = difference.mean / (difference.sd / std::sqrt(static_cast<double>(a.size())));
  const boost::math::students_t distribution(static_cast<double>(a.size() - 1));
  return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)));
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return p_values[i] < p_values[j]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double p = static_cast<double>(order.size() - rank) * p_values[order[rank]];
    largest = std::max(largest, std::min(1.0, p));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

}  // namespace klbench
