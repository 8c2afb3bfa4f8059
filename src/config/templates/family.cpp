#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kFamilyTemplate = {"family",
                                           &Components::families,
                                           "latent/family.h",
                                           "src/latent/families",
                                           "tests/latent",
                                           R"(#include "@header@"

#include <cmath>
@mark@
namespace klbench {

namespace {

/// What the family is, as a formula, and the paper it is from. As written: N(mu, sigma^2 I) with one sigma for all x.
/// KL_j = 1/2 (mu_j^2 + sigma^2 - ln sigma^2 - 1).
class @Class@ : public PosteriorFamily {
 public:
  @Class@(const Options& options, const ModelFacts& /*model*/) : sigma_(options.real("sigma")) {}

  torch::Tensor sample(const Posterior& q, const torch::Tensor& noise) const override { return q.mu + sigma_ * noise; }
  torch::Tensor log_q(const Posterior& q, const torch::Tensor& z) const override {
    return log_prior((z - q.mu) / sigma_) - std::log(sigma_) * static_cast<double>(z.size(-1));
  }
  torch::Tensor kl(const Posterior& q) const override {
    return 0.5 * (q.mu.square() + (sigma_ * sigma_ - 2 * std::log(sigma_) - 1));
  }
  torch::Tensor variance(const Posterior& q) const override { return torch::full_like(q.mu, sigma_ * sigma_); }

 private:
  double sigma_;
};

KLBENCH_FAMILY(
    @Class@,
    {.key = "@key@",
     .summary = "one line for klbench list",
     .paper = "authors, venue year",
     .options = {{.name = "sigma", .default_value = 0.5, .help = "standard deviation of z", .min = 0, .min_open = true}},
     .domain = kSpace});

}  // namespace

}  // namespace klbench
)",
                                           R"(#include "latent/family.h"

#include <cmath>

#include "catch.h"

using namespace klbench;

TEST_CASE("@key@ has the KL of a Gaussian of standard deviation sigma") {
  const auto& entry = FamilyRegistry::instance().find("@key@");
  const auto family = entry.make(Options(entry.spec, {{"sigma", 0.5}}), {.latent_dim = 1});
  const Posterior q{torch::tensor({{2.0}}), torch::zeros({1, 1}), family.get()};
  CHECK(family->kl(q).item<double>() == Approx(0.5 * (4 + 0.25 - std::log(0.25) - 1)));
}
)",
                                           "model.posterior: {name: @key@, sigma: 0.5}"};

}  // namespace klbench
