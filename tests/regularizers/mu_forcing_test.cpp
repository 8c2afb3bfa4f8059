#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// The extra loss at the means `mu`.
torch::Tensor hinge(const std::map<std::string, Value>& options, const torch::Tensor& mu) {
  LossTerms terms;
  terms.posterior.kl = {mu, torch::zeros_like(mu)};
  return make("mu_forcing", options)->extra_loss(terms, at_step(0));
}

}  // namespace

TEST_CASE("mu_forcing is a hinge on half the variances of the means") {
  auto mu = matrix({{1, 1}, {3, 0}}).requires_grad_();
  // variances 1 and .25: 3 - 1/2 1.25 = 2.375
  const auto loss = hinge({}, mu);
  CHECK(loss.item<double>() == Approx(2.375));
  loss.backward();
  CHECK(distance(mu.grad(), matrix({{0.5, -0.25}, {-0.5, 0.25}})) < 1e-6);     // -(mu - mean) / 2
  CHECK(hinge({}, matrix({{3, 1}, {-1, -1}})).item<double>() == Approx(0.5));  // variances 4 and 1
  CHECK(hinge({{"beta", 2.0}}, matrix({{3, 1}, {-1, -1}})).item<double>() == 0.0);
}

TEST_CASE("mu_forcing cannot be satisfied by one mean for all examples, unless it is uncentred") {
  const auto same = matrix({{5, 5}, {5, 5}});
  CHECK(hinge({}, same).item<double>() == Approx(3));
  CHECK(hinge({{"centred", false}}, same).item<double>() == 0.0);
  CHECK(hinge({{"centred", false}}, matrix({{1, 1}, {2, 0}})).item<double>() == Approx(1.5));  // 3 - 1/2 mean(2, 4)
}

TEST_CASE("mu_forcing takes the authors' margin") {
  // weight 2 / d: relu(1.5 - mean(1, .25))
  CHECK(hinge({{"margin", 1.5}}, matrix({{1, 1}, {3, 0}})).item<double>() == Approx(0.875));
}
