#include <cmath>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("whiten_bn makes the means of a batch uncorrelated, where bn_vae leaves copies") {
  const auto remedy = make("whiten_bn", {{"gamma", 0.5}, {"eps", 1e-9}});
  torch::manual_seed(3);
  const auto one = torch::randn({64, 1});
  const RawPosterior raw{torch::cat({one * 2 + 3, one + 0.2 * torch::randn({64, 1})}, 1), torch::zeros({64, 2})};
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.mu.mean(0), torch::zeros({2})) < 1e-6);
  CHECK(distance(q.mu.t().matmul(q.mu) / 64, 0.25 * torch::eye(2)) < 1e-5);
  const auto of_bn = posterior_of(*make("bn_vae", {{"gamma", 0.5}}), raw, at_step(0)).mu;
  CHECK((of_bn.select(1, 0) * of_bn.select(1, 1)).mean().item<double>() > 0.2);
  // sigma = 1 reaches the floor, which is the nominal one: 2 * .25 / 2
  CHECK(distance(remedy->kl_floor({raw, q}), torch::tensor({0.125, 0.125})) < 1e-6);
  CHECK(distance(family_of(q).kl(q).mean(0), torch::tensor({0.125, 0.125})) < 1e-6);
  CHECK(remedy->kl_floor_nominal(2) == Approx(0.25));
}

TEST_CASE("whiten_bn by hand, its floor in a batch without full rank, and in evaluations") {
  const auto remedy = make("whiten_bn", {{"gamma", 1.0}, {"eps", 1.0}});
  // centred rows +-(1, 2): covariance [[1, 2], [2, 4]] + I = L L^T, L = [[sqrt 2, 0], [sqrt 2, sqrt 3]]
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), torch::zeros({2, 2})};
  const double a = 1 / std::sqrt(2.0), b = (2 - 1) / std::sqrt(3.0);  // L^-1 (1, 2)
  const auto wanted = torch::tensor({{-a, -b}, {a, b}}, torch::kDouble);
  const auto q = posterior_of(*remedy, raw, at_step(0));
  CHECK(distance(q.mu, wanted) < 1e-6);
  CHECK(distance(remedy->normalised_moment({raw, q}), torch::tensor({a * a, b * b}, torch::kDouble)) < 1e-6);
  CHECK(distance(remedy->kl_floor({raw, q}), torch::tensor({a * a / 2, b * b / 2}, torch::kDouble)) < 1e-6);

  remedy->begin_statistics();
  for (const auto& row : {matrix({{1, -2}}), matrix({{3, 2}})})
    posterior_of(*remedy, {row, torch::zeros({1, 2})}, at_step(0, Progress::Mode::collect));
  remedy->end_statistics();
  const auto of_population = posterior_of(*remedy, raw, at_step(0, Progress::Mode::eval));
  CHECK(distance(of_population.mu, wanted) < 1e-6);  // exact, however the rows were batched
}
