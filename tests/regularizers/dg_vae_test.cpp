#include <cmath>

#include "catch.h"
#include "helpers.h"
#include "latent/family.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("dg_vae is the marginal KL by quadrature") {
  LossTerms terms;
  terms.posterior.kl = {matrix({{-1}, {2}}), matrix({{-1}, {0.5F}})};
  terms.kl = torch::zeros({2, 1});
  // KL(1/2 N(-1, e^-1) + 1/2 N(2, e^.5) || N(0, 1))
  const auto z = torch::linspace(-12, 12, 24001, torch::kFloat64);
  const auto density = [&](double mu, double log_var) {
    return (-0.5 * (z - mu).square() * std::exp(-log_var)).exp() / std::sqrt(2 * M_PI * std::exp(log_var));
  };
  const auto q = 0.5 * (density(-1, -1) + density(2, 0.5));
  const double wanted = (q * (q.log() - density(0, 0).log())).sum().item<double>() * 0.001;
  torch::manual_seed(8);
  const auto penalty = make("dg_vae", {{"samples", std::int64_t{4096}}}, 1)->kl_penalty(terms, at_step(0));
  CHECK(penalty.size(0) == 2);
  CHECK(penalty[1].item<double>() == Approx(wanted).margin(0.05));
}

TEST_CASE("dg_vae costs nothing where the mixture is the prior, though every posterior is far from it") {
  torch::manual_seed(2);
  LossTerms terms;
  terms.posterior.kl = {torch::randn({400, 2}) * std::sqrt(0.9F), torch::full({400, 2}, std::log(0.1F))};
  const auto gap = make("dg_vae")->kl_penalty(terms, at_step(0))[0].item<double>();
  CHECK(std::abs(gap) < 0.05);
  CHECK(gaussian_family().kl(terms.posterior.kl).sum(1).mean().item<double>() > 1.2);
  // One example at a time it is the KL of the draws.
  torch::manual_seed(2);
  const auto alone = make("dg_vae", {{"aggregate", std::int64_t{1}}})->kl_penalty(terms, at_step(0))[0].item<double>();
  CHECK(alone == Approx(gaussian_family().kl(terms.posterior.kl).sum(1).mean().item<double>()).epsilon(0.02));
}

TEST_CASE("dg_vae on the sphere is the KL of the mixture from the uniform distribution, by quadrature on the circle") {
  const auto family = FamilyRegistry::instance().find("vmf").make(
      Options(FamilyRegistry::instance().find("vmf").spec, {{"kappa", 5.0}}), {.latent_dim = 2});
  LossTerms terms;
  terms.posterior.kl = {matrix({{1, 0}, {0, 3}}), torch::zeros({2, 2}), family.get()};
  // Densities e^{5 cos t} / (2 pi I_0(5)) about the angles 0 and pi / 2
  const auto angle = torch::linspace(0, 2 * M_PI, 20001, torch::kFloat64).slice(0, 0, 20000);
  const auto bump = [&](double about) {
    return (5 * (angle - about).cos()).exp() / (2 * M_PI * std::cyl_bessel_i(0, 5));
  };
  const auto mixture = 0.5 * (bump(0) + bump(M_PI / 2));
  const double wanted = (mixture * (mixture * 2 * M_PI).log()).sum().item<double>() * 2 * M_PI / 20000;
  torch::manual_seed(8);
  const auto gap = make("dg_vae", {{"samples", std::int64_t{4096}}})->kl_penalty(terms, at_step(0));
  CHECK(gap[0].item<double>() == Approx(wanted).margin(0.03));
}
