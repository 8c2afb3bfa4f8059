#include "metrics/elbo.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("elbo is minus rec minus kl, means over examples") {
  const auto rec = torch::tensor({10.0F, 20.0F, 60.0F});
  const auto kl_dim = torch::tensor({{1.0F, 0.0F}, {2.0F, 3.0F}, {6.0F, 0.0F}});
  const auto bound = elbo_of(rec, kl_dim);
  CHECK(bound.rec == Approx(30.0));
  CHECK(bound.kl == Approx(4.0));
  CHECK(bound.elbo == Approx(-34.0));
  CHECK(bound.kl_dim[0].item<double>() == Approx(3.0));
  CHECK(bound.kl_dim[1].item<double>() == Approx(1.0));
}

TEST_CASE("elbo of a model without latent is minus rec") {
  const auto bound = elbo_of(torch::tensor({1.0F, 2.0F}), {});
  CHECK(bound.elbo == Approx(-1.5));
  CHECK(bound.kl == 0);
  CHECK_FALSE(bound.kl_dim.defined());
}

TEST_CASE("elbo sums in double precision") {
  const auto rec = torch::full({1 << 20}, 100.1F);
  CHECK(elbo_of(rec, {}).rec == Approx(static_cast<double>(100.1F)).epsilon(1e-12));
}
