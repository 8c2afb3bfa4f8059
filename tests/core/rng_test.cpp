#include "core/rng.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "catch.h"

using namespace klbench;

namespace {

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};

template <class Draw>
Moments moments(int n, Draw draw) {
  std::vector<double> x(static_cast<std::size_t>(n));
  std::generate(x.begin(), x.end(), draw);
  Moments m;
  m.mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double third = 0;
  double fourth = 0;
  for (const double value : x) {
    const double d = value - m.mean;
    m.variance += d * d / n;
    third += d * d * d / n;
    fourth += d * d * d * d / n;
  }
  m.skewness = third / std::pow(m.variance, 1.5);
  m.kurtosis = fourth / (m.variance * m.variance);
  return m;
}

}  // namespace

TEST_CASE("The engine is the standard's 64-bit Mersenne twister") {
  Rng rng;
  rng.discard(9999);
  CHECK(rng() == 9981545732273789042ULL);  // [rand.predef]
}

TEST_CASE("A uniform real is the upper 53 bits of a draw") {
  Rng a(1);
  Rng b(1);
  for (int i = 0; i < 100; ++i) CHECK(uniform_real(a) == std::ldexp(static_cast<double>(b() >> 11), -53));
}

TEST_CASE("Uniform reals have the moments of U[0, 1)") {
  Rng rng(2);
  const Moments m = moments(200000, [&] { return uniform_real(rng); });
  CHECK(m.mean == Approx(0.5).margin(0.003));
  CHECK(m.variance == Approx(1.0 / 12).margin(0.001));
  CHECK(m.kurtosis == Approx(1.8).margin(0.02));
}

TEST_CASE("Normal draws have the moments of N(0, 1)") {
  Rng rng(3);
  const Moments m = moments(200000, [&] { return standard_normal(rng); });
  CHECK(m.mean == Approx(0.0).margin(0.01));
  CHECK(m.variance == Approx(1.0).margin(0.015));
  CHECK(m.skewness == Approx(0.0).margin(0.03));
  CHECK(m.kurtosis == Approx(3.0).margin(0.08));
}

TEST_CASE("Integers below n are equally frequent") {
  Rng rng(4);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts[uniform_below(rng, counts.size())];
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 10000.0) * (count - 10000.0) / 10000.0;
  CHECK(chi_square < 22.5);  // 99.9% point of chi-square with 6 degrees of freedom
  CHECK(uniform_below(rng, 1) == 0);
}

TEST_CASE("Integers below a large n have no modulo bias") {
  // With n = 3 * 2^62 a plain remainder would put half of the draws below 2^62 instead of a third.
  Rng rng(5);
  const std::uint64_t n = 3ULL << 62;
  int low = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::uint64_t x = uniform_below(rng, n);
    REQUIRE(x < n);
    if (x < n / 3) ++low;
  }
  CHECK(low == Approx(10000).margin(400));
}

TEST_CASE("A shuffle is a permutation, the same for the same seed, and reaches every order") {
  std::vector<int> items(50);
  std::iota(items.begin(), items.end(), 0);
  std::vector<int> once = items;
  std::vector<int> again = items;
  Rng a(6);
  Rng b(6);
  shuffle(once, a);
  shuffle(again, b);
  CHECK(once == again);
  CHECK(once != items);
  CHECK(std::is_permutation(once.begin(), once.end(), items.begin()));

  std::set<std::vector<int>> orders;
  for (int i = 0; i < 300; ++i) {
    std::vector<int> three = {1, 2, 3};
    shuffle(three, a);
    orders.insert(three);
  }
  CHECK(orders.size() == 6);
}

TEST_CASE("Seeds differ by seed, purpose and index and do not depend on earlier calls") {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (const char* purpose : {"order", "noise", "init"}) {
      for (std::uint64_t index = 0; index < 10; ++index) seeds.insert(derive_seed(seed, purpose, index));
    }
  }
  CHECK(seeds.size() == 300);
  CHECK(derive_seed(3, "order", 2) == derive_seed(3, "order", 2));
  CHECK(derive_seed(3, "order") == derive_seed(3, "order", 0));
}
