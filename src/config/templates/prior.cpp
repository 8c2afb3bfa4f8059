#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kPriorTemplate = {"prior",
                                          &Components::priors,
                                          "latent/prior.h",
                                          "src/latent/priors",
                                          "tests/latent",
                                          R"(#include "@header@"
@mark@
namespace klbench {

namespace {

/// What the prior is, as a formula, and the paper it is from. As written: N(m, diag(s^2)) with trained m (from 0) and
/// ln s (from 0).
class @Class@ : public Prior {
 public:
  @Class@(const Options& /*options*/, const PriorRequest& request) {
    mean_ = register_parameter("mean", torch::zeros({request.model.latent_dim}));
    log_s_ = register_parameter("log_s", torch::zeros({request.model.latent_dim}));
  }

  torch::Tensor log_p(const torch::Tensor& z) const override {
    return log_prior((z - mean_) / log_s_.exp()) - log_s_.sum();
  }
  torch::Tensor sample(std::int64_t count, torch::Generator generator) const override {
    const auto noise = torch::randn({count, mean_.size(0)}, std::move(generator), torch::kFloat32);
    return mean_.cpu() + log_s_.exp().cpu() * noise;
  }

 private:
  torch::Tensor mean_, log_s_;
};

KLBENCH_PRIOR(@Class@, {.key = "@key@",
                        .summary = "one line for klbench list",
                        .paper = "authors, venue year",
                        .domain = kSpace});

}  // namespace

}  // namespace klbench
)",
                                          R"(#include "latent/prior.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("@key@ begins as the standard normal distribution") {
  const auto& entry = PriorRegistry::instance().find("@key@");
  PriorRequest request;
  request.model.latent_dim = 2;
  const auto prior = entry.make(Options(entry.spec, {}), request);
  const auto z = torch::tensor({{0.5, -1.0}});
  CHECK(torch::allclose(prior->log_p(z), log_prior(z)));
}
)",
                                          "model.prior: @key@"};

}  // namespace klbench
