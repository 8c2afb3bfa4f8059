// Posterior families: densities that integrate to 1, KLs against quadrature and closed forms found elsewhere.
#include <cmath>
#include <numbers>

#include "catch.h"
#include "latent/family.h"
#include "latent/sphere.h"
#include "matrices.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

using torch::Tensor;

std::shared_ptr<PosteriorFamily> make_family(const std::string& key, std::int64_t d,
                                             const std::map<std::string, Value>& given = {}) {
  torch::manual_seed(3);
  const auto& entry = FamilyRegistry::instance().find(key);
  return entry.make(Options(entry.spec, given), {.latent_dim = d});
}

Tensor doubles(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64); }

/// [n, d] points of the unit sphere (d 2 or 3) and their weights [n], of which the sum is its area.
std::pair<Tensor, Tensor> sphere_points(std::int64_t d) {
  constexpr std::int64_t n = 400;
  const double pi = std::numbers::pi;
  const auto round = (torch::arange(n, torch::kFloat64) + 0.5) * (2 * pi / n);
  if (d == 2) return {torch::stack({round.cos(), round.sin()}, 1), torch::full({n}, 2 * pi / n, torch::kFloat64)};
  const auto height = (torch::arange(2 * n, torch::kFloat64) + 0.5) / n - 1;  // uniform on the sphere
  const auto grid = torch::meshgrid({height, round}, "ij");
  const auto h = grid[0].flatten(), radius = (1 - h.square()).sqrt(), angle = grid[1].flatten();
  return {torch::stack({radius * angle.cos(), radius * angle.sin(), h}, 1),
          torch::full({h.size(0)}, 4 * pi / static_cast<double>(h.size(0)), torch::kFloat64)};
}

double log_of_area(std::int64_t d) { return d == 2 ? std::log(2 * std::numbers::pi) : std::log(4 * std::numbers::pi); }

}  // namespace

TEST_CASE("vmf: the density integrates to 1, and the KL from the uniform distribution is its integral") {
  for (const std::int64_t d : {2, 3}) {
    for (const double kappa : {0.5, 5.0, 80.0}) {
      CAPTURE(d, kappa);
      const auto family = make_family("vmf", d, {{"kappa", kappa}});
      const auto mu = torch::ones({1, d}, torch::kFloat64) * doubles({2.0, -1.0, 0.5}).slice(0, 0, d);
      const Posterior q{mu, torch::zeros_like(mu), family.get()};
      const auto [points, weights] = sphere_points(d);
      const auto log_q = family->log_q(q, points.unsqueeze(1)).squeeze(1);
      CHECK((log_q.exp() * weights).sum().item<double>() == Approx(1).epsilon(1e-4));
      const auto integral = (log_q.exp() * (log_q + log_of_area(d)) * weights).sum().item<double>();
      REQUIRE(family->kl(q).sizes() == torch::IntArrayRef({1, 1}));
      CHECK(family->kl(q).item<double>() == Approx(integral).epsilon(2e-4));
    }
  }
}

TEST_CASE("vmf: with kappa fixed the KL is the constant of the published formula") {
  // kappa A + ln C_d(kappa) + ln area by SciPy's Bessel functions (scipy.special.ive).
  struct {
    std::int64_t d;
    double kappa, kl, mean;
  } const known[] = {{50, 80, 19.515207933, 0.738286607},     {16, 25, 6.166626937, 0.739799429},
                     {32, 100, 20.758528079, 0.856286596},    {2, 5, 1.162233909, 0.893383137},
                     {3, 0.5, 0.040651852, 0.163953414},      {50, 4, 0.158542237, 0.079513444},
                     {100, 1000, 117.224458847, 0.951700855}, {512, 5000, 596.098432785, 0.950199910}};  // underflows
  for (const auto& [d, kappa, kl, mean] : known) {
    CAPTURE(d, kappa);
    const auto family = make_family("vmf", d, {{"kappa", kappa}});
    const Posterior q{torch::randn({4, d}, torch::kFloat64), torch::randn({4, d}, torch::kFloat64), family.get()};
    CHECK((family->kl(q) - kl).abs().max().item<double>() < 1e-7);
    CHECK((family->mean(q).norm(2, 1) - mean).abs().max().item<double>() < 1e-8);
  }
}

TEST_CASE("vmf: a learned kappa is that of the raw scale, with the same density, KL and draws as a fixed one") {
  const auto fixed = make_family("vmf", 4, {{"kappa", 7.0}}), learned = make_family("vmf", 4, {{"learn_kappa", true}});
  const auto mu = torch::randn({3, 4}, torch::kFloat64), noise = torch::randn({3, 4}, torch::kFloat64);
  // 1 + softplus(ln(e^6 - 1)) = 7, the mean over the dimensions of the scale
  const auto scale = torch::full_like(mu, std::log(std::exp(6.0) - 1)) + doubles({1, -1, 2, -2});
  const Posterior of_fixed{mu, scale, fixed.get()}, of_learned{mu, scale, learned.get()};
  const auto wanted = fixed->draw(of_fixed, noise), found = learned->draw(of_learned, noise);
  CHECK(torch::allclose(found.z, wanted.z, 1e-9, 1e-9));
  CHECK(torch::allclose(found.log_q, wanted.log_q, 1e-9, 1e-9));
  CHECK(torch::allclose(learned->kl(of_learned), fixed->kl(of_fixed), 1e-9, 1e-9));
  CHECK(torch::allclose(learned->mean(of_learned), fixed->mean(of_fixed), 1e-9, 1e-9));
  CHECK(torch::allclose(learned->variance(of_learned), fixed->variance(of_fixed), 1e-9, 1e-9));
}

TEST_CASE("vmf: the angle of a share of the mass, against its closed form in three dimensions") {
  for (const double kappa : {0.5, 20.0, 500.0}) {
    CAPTURE(kappa);
    const auto share = torch::linspace(0.01, 0.99, 50, torch::kFloat64);
    // P(cos t >= w) = (e^kappa - e^{kappa w}) / (e^kappa - e^{-kappa})
    const auto wanted = 1 + (1 - share + share * std::exp(-2 * kappa)).log() / kappa;
    const auto found = CosineTable(doubles({kappa}), 3).cosine(share.unsqueeze(1)).squeeze(1);
    CHECK((found - wanted).abs().max().item<double>() < 2e-5);
  }
}

TEST_CASE("vmf: samples lie on the sphere and have the stated moments") {
  const auto family = make_family("vmf", 4, {{"kappa", 6.0}});
  const auto mu = doubles({1, -2, 0.5, 0}).unsqueeze(0);
  const Posterior q{mu, torch::zeros_like(mu), family.get()};
  torch::manual_seed(5);
  const auto z = family->sample(q, torch::randn({40000, 1, 4}, torch::kFloat64)).squeeze(1);
  CHECK((z.norm(2, 1) - 1).abs().max().item<double>() < 1e-9);
  const auto error = z.std(0) / 200;
  CHECK(((z.mean(0) - family->mean(q)[0]).abs() / error).max().item<double>() < 4);
  CHECK((z.var(0, false) - family->variance(q)[0]).abs().max().item<double>() < 0.006);
}

TEST_CASE("vmf: gradients by kappa agree with finite differences") {
  const auto family = make_family("vmf", 5, {{"learn_kappa", true}});
  torch::manual_seed(6);
  const auto mu = torch::randn({3, 5}, torch::kFloat64), noise = torch::randn({2, 3, 5}, torch::kFloat64);
  const auto weights = torch::randn({5}, torch::kFloat64);
  const auto loss = [&](const Tensor& mean, const Tensor& scale) {
    const Posterior q{mean, scale, family.get()};
    const auto draw = family->draw(q, noise);
    return (draw.z * weights).sum() + 0.3 * draw.log_q.sum() + family->kl(q).sum() + family->mean(q).square().sum();
  };
  const auto scale = torch::full({3, 5}, 2.0, torch::kFloat64).requires_grad_();
  const auto at = mu.clone().requires_grad_();
  loss(at, scale).backward();
  const double step = 1e-5;
  for (const bool of_scale : {true, false}) {
    for (std::int64_t i = 0; i < 3; ++i) {
      auto moved = torch::zeros_like(mu);
      moved[i][2] = step;
      const auto up = of_scale ? loss(mu, scale.detach() + moved) : loss(mu + moved, scale.detach());
      const auto down = of_scale ? loss(mu, scale.detach() - moved) : loss(mu - moved, scale.detach());
      const double wanted = (up - down).item<double>() / (2 * step);
      const auto found = (of_scale ? scale : at).grad()[i][2].item<double>();
      CAPTURE(of_scale, i);
      CHECK(found == Approx(wanted).epsilon(2e-3).margin(1e-4));  // the table is piecewise linear
    }
  }
}

TEST_CASE("iaf: log q is the density of the noise over the determinant of the map") {
  for (const std::int64_t d : {1, 4}) {
    CAPTURE(d);
    const auto family = make_family("iaf", d, {{"steps", std::int64_t{3}}, {"hidden_dim", std::int64_t{12}}});
    family->to(torch::kFloat64);
    const auto mu = torch::randn({1, d}, torch::kFloat64), log_var = torch::randn({1, d}, torch::kFloat64);
    const Posterior q{mu, log_var, family.get()};
    const auto noise = torch::randn({1, d}, torch::kFloat64).requires_grad_();
    const auto draw = family->draw(q, noise);
    std::vector<Tensor> rows;
    for (std::int64_t i = 0; i < d; ++i)
      rows.push_back(torch::autograd::grad({draw.z[0][i]}, {noise}, {}, /*retain_graph=*/true)[0][0]);
    const auto determinant = torch::stack(rows).det().abs().log().item<double>();
    CHECK(draw.log_q.item<double>() == Approx(log_prior(noise)[0].item<double>() - determinant));
    CHECK_FALSE(torch::equal(draw.z, gaussian_family().sample(q, noise)));  // the flow does something
    CHECK(torch::allclose(family->centre(q), family->sample(q, torch::zeros_like(noise))));
    CHECK_THROWS(family->log_q(q, draw.z));
  }
}

TEST_CASE("iaf: the KL of its draws is that of quadrature in one dimension") {
  const auto family = make_family("iaf", 1, {{"hidden_dim", std::int64_t{8}}});
  family->to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  const Posterior q{torch::full({1, 1}, 0.7, torch::kFloat64), torch::full({1, 1}, -0.4, torch::kFloat64),
                    family.get()};
  const auto noise = torch::linspace(-8, 8, 20001, torch::kFloat64).view({-1, 1, 1});
  const auto z = family->sample(q, noise).flatten();
  // The map is monotone: mass by intervals of noise, density by the intervals of z that they become.
  const auto mass = (0.5 * torch::erf(noise.flatten() / std::numbers::sqrt2)).diff();
  const auto density = mass / z.diff().abs();
  const auto middle = 0.5 * (z.slice(0, 1) + z.slice(0, 0, -1));
  const auto wanted = (mass * (density.clamp_min(1e-300).log() - log_prior(middle.unsqueeze(1)))).sum().item<double>();
  torch::manual_seed(9);
  const auto draw = family->draw(q, torch::randn({40000, 1, 1}, torch::kFloat64));
  const auto terms = (draw.log_q - log_prior(draw.z)).flatten();
  const double error = terms.std().item<double>() / 200;
  CHECK(std::abs(terms.mean().item<double>() - wanted) < 4 * error);
}

TEST_CASE("iaf: the KL of its draws is that of quadrature in two dimensions") {
  const auto family = make_family("iaf", 2, {{"hidden_dim", std::int64_t{8}}});
  family->to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  const Posterior q{doubles({0.7, -0.3}).unsqueeze(0), doubles({-0.4, 0.5}).unsqueeze(0), family.get()};
  constexpr double step = 0.04;
  const auto axis = torch::arange(-6, 6 + step / 2, step, torch::kFloat64);
  const auto noise = torch::stack(torch::meshgrid({axis, axis}, "ij"), -1);  // [n, n, 2]
  const auto z = family->sample(q, noise.view({-1, 1, 2})).reshape(noise.sizes());
  // The determinant of the map by central differences of the grid, of which the outermost points are left out.
  const auto inner = [](const Tensor& x) { return x.slice(0, 1, -1).slice(1, 1, -1); };
  const auto by_first = (z.slice(0, 2) - z.slice(0, 0, -2)).slice(1, 1, -1) / (2 * step);
  const auto by_second = (z.slice(1, 2) - z.slice(1, 0, -2)).slice(0, 1, -1) / (2 * step);
  const auto determinant =
      by_first.select(2, 0) * by_second.select(2, 1) - by_first.select(2, 1) * by_second.select(2, 0);
  const auto log_noise = log_prior(inner(noise)), log_p = log_prior(inner(z));
  const auto mass = log_noise.exp() * step * step;
  CHECK(mass.sum().item<double>() == Approx(1).epsilon(1e-5));
  const auto wanted = (mass * (log_noise - determinant.abs().log() - log_p)).sum().item<double>();
  torch::manual_seed(9);
  const auto draw = family->draw(q, torch::randn({40000, 1, 2}, torch::kFloat64));
  const auto terms = (draw.log_q - log_prior(draw.z)).flatten();
  CHECK(std::abs(terms.mean().item<double>() - wanted) < 4 * terms.std().item<double>() / 200);
}
