#include "statistics/difference.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <cstdint>

#include "core/error.h"

namespace klbench {

namespace {

/// In double precision: in long double, Boost's default, the million pairs of a thousand rows take five times as long.
using Fast = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using StudentsT = boost::math::students_t_distribution<double, Fast>;
using NoncentralT = boost::math::non_central_t_distribution<double, Fast>;
using ChiSquared = boost::math::chi_squared_distribution<double, Fast>;

/// A probability as good as 0: at smaller ones the quantile of three degrees of freedom overflows.
constexpr double kLeast = 1e-100;

/// From here on the non-central t is that of its divisor alone, to a thousandth; further on Boost has no cdf of it.
constexpr double kLargeCritical = 1000;

struct Means {
  std::vector<double> by_seed;
  std::vector<double> by_example;
  double all = 0;
};

Means means_of(const PairedDifferences& data) {
  const auto seeds = static_cast<double>(data.seeds), examples = static_cast<double>(data.examples);
  Means means{std::vector<double>(data.seeds), std::vector<double>(data.examples), 0};
  for (std::size_t s = 0; s < data.seeds; ++s) {
    for (std::size_t i = 0; i < data.examples; ++i) {
      const double value = data.values[s * data.examples + i];
      means.by_seed[s] += value / examples;
      means.by_example[i] += value / seeds;
    }
  }
  for (const double mean : means.by_seed) means.all += mean / seeds;
  return means;
}

/// sum (x - centre)^2
double squares(const std::vector<double>& values, double centre) {
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return sum;
}

/// S_w^2 of the class comment.
double residual_variance(const PairedDifferences& data, const Means& means) {
  double sum = 0;
  for (std::size_t s = 0; s < data.seeds; ++s) {
    for (std::size_t i = 0; i < data.examples; ++i) {
      const double rest = data.values[s * data.examples + i] - means.by_seed[s] - means.by_example[i] + means.all;
      sum += rest * rest;
    }
  }
  return sum / static_cast<double>((data.seeds - 1) * (data.examples - 1));
}

}  // namespace

Difference::Difference(const PairedDifferences& data) : seeds_(data.seeds), examples_(data.examples) {
  if (seeds_ < 2 || examples_ == 0 || data.values.size() != seeds_ * examples_) {
    throw Error("a difference wants at least two seeds, and a value of each for every example");
  }
  const Means means = means_of(data);
  mean_ = means.all;
  const auto seeds = static_cast<double>(seeds_), examples = static_cast<double>(examples_);
  of_seeds_ = squares(means.by_seed, mean_) / (seeds - 1) / seeds;
  if (examples_ < 2) return;
  const double by_example = squares(means.by_example, mean_) / (examples - 1);
  of_examples_ = std::max(0.0, by_example - residual_variance(data, means) / seeds) / examples;
}

double Difference::standard_error() const { return std::sqrt(of_seeds_ + of_examples_); }

/// Of the interval that leaves out `outside` / 2 on each side.
double Difference::half_width(double outside) const {
  const auto part = [&](double variance, std::size_t n) {
    if (variance == 0) return 0.0;
    const StudentsT distribution(static_cast<double>(n - 1));
    const double t = boost::math::quantile(boost::math::complement(distribution, outside / 2));
    return t * t * variance;
  };
  return std::sqrt(part(of_seeds_, seeds_) + part(of_examples_, examples_));
}

Interval Difference::interval(double level) const {
  const double half = half_width(1 - level);
  return {mean_ - half, mean_ + half};
}

/// The share of the distribution of delta - D.. that lies above `distance`.
double Difference::probability_above(double distance) const {
  if (distance < 0) return 1 - probability_above(-distance);
  if (of_seeds_ + of_examples_ == 0) return distance > 0 ? 0 : 0.5;
  const auto alone = [&](std::size_t n) {
    const StudentsT distribution(static_cast<double>(n - 1));
    return boost::math::cdf(boost::math::complement(distribution, distance / standard_error()));
  };
  const double of_seeds = alone(seeds_);
  if (of_examples_ == 0 || distance == 0) return of_seeds;
  double low = std::max(alone(examples_), kLeast), high = std::max(of_seeds, kLeast);  // the solution lies between
  if (low > high) std::swap(low, high);
  const auto excess = [&](double log_p) { return half_width(2 * std::exp(log_p)) - distance; };
  if (excess(std::log(low)) <= 0) return low;
  if (excess(std::log(high)) >= 0) return high;
  std::uintmax_t steps = 100;
  const boost::math::tools::eps_tolerance<double> digits(40);
  const auto root = boost::math::tools::toms748_solve(excess, std::log(low), std::log(high), digits, steps);
  return std::exp((root.first + root.second) / 2);
}

double Difference::p_value() const { return std::min(1.0, 2 * probability_above(std::abs(mean_))); }

double Difference::equivalence_p_value(double margin) const {
  if (!(margin > 0)) throw Error("a margin of equivalence is positive");
  return probability_above(margin - std::abs(mean_));
}

double Difference::detectable(double level, double power) const {
  const double variance = of_seeds_ + of_examples_;
  if (variance == 0) return 0;
  double inverse = of_seeds_ * of_seeds_ / static_cast<double>(seeds_ - 1);
  if (of_examples_ > 0) inverse += of_examples_ * of_examples_ / static_cast<double>(examples_ - 1);
  const double half = half_width(level), critical = half / std::sqrt(variance), freedom = variance * variance / inverse;
  if (critical > kLargeCritical)  // P(lambda / sqrt(V / freedom) > critical) = power, V by chi-squared
    return half * std::sqrt(boost::math::quantile(ChiSquared(freedom), power) / freedom);
  const auto lack = [&](double lambda) {
    const NoncentralT found(freedom, lambda);
    return power - boost::math::cdf(boost::math::complement(found, critical));
  };
  std::uintmax_t steps = 100;
  const boost::math::tools::eps_tolerance<double> digits(20);
  const auto root = boost::math::tools::bracket_and_solve_root(lack, critical, 1.5, false, digits, steps);
  return std::sqrt(variance) * (root.first + root.second) / 2;
}

}  // namespace klbench
