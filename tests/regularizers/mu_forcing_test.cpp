#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("mu_forcing is a hinge on half the squared means") {
  const auto remedy = make("mu_forcing");
  LossTerms terms;
  auto mu = matrix({{1, 1}, {2, 0}}).requires_grad_();
  terms.posterior.kl = {mu, torch::zeros({2, 2})};
  // 3 - 1/2 mean(2, 4) = 1.5
  const auto loss = remedy->extra_loss(terms, at_step(0));
  CHECK(loss.item<double>() == Approx(1.5));
  loss.backward();
  CHECK(distance(mu.grad(), -mu / 2) < 1e-6);
  terms.posterior.kl.mu = matrix({{3, 1}, {2, 2}});  // 1/2 mean(10, 8) = 4.5 > 3
  CHECK(remedy->extra_loss(terms, at_step(0)).item<double>() == 0.0);
}
