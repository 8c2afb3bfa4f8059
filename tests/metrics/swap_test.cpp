#include "metrics/swap.h"

#include <set>

#include "catch.h"
#include "core/rng.h"

using namespace klbench;

namespace {

void require_derangement(const std::vector<std::int64_t>& partner) {
  std::set<std::int64_t> seen(partner.begin(), partner.end());
  REQUIRE(seen.size() == partner.size());
  for (std::size_t i = 0; i < partner.size(); ++i) REQUIRE(partner[i] != static_cast<std::int64_t>(i));
}

}  // namespace

TEST_CASE("examples swap within their length") {
  const std::vector<std::int64_t> lengths{3, 5, 3, 5, 3, 5, 5};
  const auto partner = length_derangement(lengths, GENERATE(1, 2, 3, 4, 5));
  require_derangement(partner);
  for (std::size_t i = 0; i < lengths.size(); ++i) CHECK(lengths[static_cast<std::size_t>(partner[i])] == lengths[i]);
}

TEST_CASE("a length that stands alone swaps with its neighbour's") {
  require_derangement(length_derangement({1, 2, 2, 9}, 1));
  require_derangement(length_derangement({4, 7}, 1));
  require_derangement(length_derangement({1, 2, 3}, 1));
  const auto partner = length_derangement({2, 2, 6, 2, 6, 40}, 3);
  require_derangement(partner);
  for (const std::size_t i : {0U, 1U, 3U}) CHECK(partner[i] != 5);  // 40 goes round with the sixes
}

TEST_CASE("random lengths always give a derangement, by the seed") {
  Rng rng(5);
  for (std::size_t n = 2; n < 60; ++n) {
    std::vector<std::int64_t> lengths(n);
    for (auto& length : lengths) length = static_cast<std::int64_t>(uniform_below(rng, 1 + n / 2));
    require_derangement(length_derangement(lengths, n));
    CHECK(length_derangement(lengths, n) == length_derangement(lengths, n));
  }
  const std::vector<std::int64_t> same(50, 4);
  CHECK(length_derangement(same, 1) != length_derangement(same, 2));
  CHECK(length_derangement({3}, 1).empty());
}

TEST_CASE("swap gap is the mean rise of rec") {
  const auto gap = swap_gap(torch::tensor({5.0F, 7.0F}), torch::tensor({4.0F, 4.0F}));  // 1 and 3
  CHECK(gap.value == Approx(2.0));
  CHECK(gap.error == Approx(1.0));
}

TEST_CASE("a dimension counts when its gap is large and certain") {
  const auto rec = torch::zeros({4});
  const auto swapped = torch::tensor({{1.0F, 1.1F, 0.9F, 1.0F},          // large, certain
                                      {0.004F, 0.005F, 0.006F, 0.005F},  // certain but under 0.01
                                      {4.0F, -3.0F, 3.0F, -2.0F},        // 0.5 on average, but noise
                                      {-1.0F, -1.1F, -0.9F, -1.0F}});    // better without its own z
  const auto use = decoder_use(swapped, rec);
  CHECK(use.active == 1);
  CHECK(use.gap[0].item<double>() == Approx(1.0));
  CHECK(use.gap[2].item<double>() == Approx(0.5));
  CHECK(use.error[0].item<double>() == Approx(std::sqrt(0.02 / 3) / 2).epsilon(1e-5));
}
