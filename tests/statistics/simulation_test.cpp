#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "catch.h"
#include "core/rng.h"
#include "statistics/difference.h"
#include "statistics/holm.h"

using namespace klbench;

// 1,000 studies whose truth is known: a baseline and four methods, their values in nats. Seeds and sentences are
// strangers to each other in every study, as they are in life.

namespace {

constexpr std::size_t kStudies = 1000;
constexpr std::size_t kRows = 5;

/// Spread of a method's difference to another: by seed, by sentence, and of both together, nats.
struct World {
  std::string name;
  double seed, example, both;
  std::size_t examples;
  bool skewed;  ///< sentences' effects are exponential instead of normal
};

double effect(Rng& rng, bool skewed) {
  return skewed ? -std::log(1 - uniform_real(rng)) - 1 : standard_normal(rng);  // both of mean 0 and variance 1
}

/// [seed, example] values of one method whose true mean is `mean`.
std::vector<double> row(Rng& rng, const World& world, std::size_t seeds, double mean) {
  std::vector<double> by_example(world.examples), values;
  for (double& value : by_example) value = mean + world.example * effect(rng, world.skewed);
  for (std::size_t s = 0; s < seeds; ++s) {
    const double shift = world.seed * standard_normal(rng);
    for (const double value : by_example) values.push_back(value + shift + world.both * standard_normal(rng));
  }
  return values;
}

Difference compared(std::vector<double> a, const std::vector<double>& b, std::size_t seeds) {
  std::transform(a.begin(), a.end(), b.begin(), a.begin(), std::minus<>());
  return Difference({seeds, a.size() / seeds, std::move(a)});
}

struct Shares {
  double false_findings = 0;  ///< studies in which any of the equal methods was told from the baseline
  double coverage = 0;        ///< 95% intervals that held the truth
};

Shares simulate(const World& world, std::size_t seeds) {
  Rng rng(derive_seed(1, world.name, seeds));
  constexpr double kTruth = 1.5;
  std::size_t false_findings = 0, covered = 0;
  for (std::size_t study = 0; study < kStudies; ++study) {
    const auto baseline = row(rng, world, seeds, 100);
    std::vector<double> p_values;
    for (std::size_t i = 1; i < kRows; ++i) {
      p_values.push_back(compared(row(rng, world, seeds, 100), baseline, seeds).p_value());
    }
    const auto adjusted = holm(p_values);
    false_findings += *std::min_element(adjusted.begin(), adjusted.end()) <= 0.05;
    const Interval interval = compared(row(rng, world, seeds, 100 + kTruth), baseline, seeds).interval();
    covered += interval.low <= kTruth && kTruth <= interval.high;
  }
  return {static_cast<double>(false_findings) / kStudies, static_cast<double>(covered) / kStudies};
}

}  // namespace

TEST_CASE("1,000 studies: false findings at most 6%, coverage of 95% intervals at least 93%") {
  const std::vector<World> worlds = {
      {"seeds and sentences alike", 0.4, 4, 3, 120, false}, {"seeds decide", 1, 1, 1, 60, false},
      {"sentences decide", 0.05, 6, 1, 120, false},         {"neither but their noise", 0, 0, 5, 60, false},
      {"few skewed sentences", 0.3, 3, 2, 40, true},
  };
  for (const auto& world : worlds) {
    for (const std::size_t seeds : {3, 5, 10}) {
      const Shares shares = simulate(world, seeds);
      INFO(world.name << ", " << seeds << " seeds: false findings " << shares.false_findings << ", coverage "
                      << shares.coverage);
      CHECK(shares.false_findings <= 0.06);
      CHECK(shares.coverage >= 0.93);
      CHECK(shares.coverage <= 0.995);  // an interval that holds everything says nothing
    }
  }
}

TEST_CASE("an effect of the size that is said to be detectable is found in 80% of 1,000 studies") {
  // By seed: the noise of a difference is sqrt(2), so that lambda = 3.761060 (S = 5, SciPy) is an effect of
  // 3.761060 sqrt(2 / 5).
  const World world{"power", 1, 0, 0, 1, false};
  const double effect_size = 3.761060 * std::sqrt(2.0 / 5);
  Rng rng(derive_seed(2, "power"));
  std::size_t found = 0;
  for (std::size_t study = 0; study < kStudies; ++study) {
    auto a = row(rng, world, 5, effect_size);
    const auto b = row(rng, world, 5, 0);
    std::transform(a.begin(), a.end(), b.begin(), a.begin(), std::minus<>());
    found += Difference({5, 1, a}).p_value() <= 0.05;
  }
  CHECK(static_cast<double>(found) / kStudies == Approx(0.8).margin(0.04));
}
