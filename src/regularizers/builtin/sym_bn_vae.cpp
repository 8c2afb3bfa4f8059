#include <cmath>

#include "regularizers/batch_norm.h"
#include "regularizers/norm_options.h"
#include "regularizers/registry.h"
#include "regularizers/tied_scales.h"

namespace klbench {

namespace {

/// Both outputs of the encoder are normalised over the batch and scaled so that the aggregated posterior has the
/// moments of the prior: with one trained theta_j per dimension (from 0),
///   gamma_mu_j^2 = tau + (1 - tau) sigmoid(theta_j),   gamma_sigma_j^2 = (1 - tau) sigmoid(-theta_j),
///   mu_j = gamma_mu_j BN(mu_j), hence mean_B mu_j = 0 and M_j = mean_B mu_j^2 = gamma_mu_j^2 r_mu_j.
/// sigma_input raw: sigma_j = gamma_sigma_j BN(sigma_j) is signed and sigma_j^2 means sigma_j^2 + guard throughout,
/// hence
///   S_j = mean_B sigma_j^2 = gamma_sigma_j^2 r_sigma_j + guard.
/// sigma_input log_var, with l the raw output: ln sigma_j^2 = ln gamma_sigma_j^2 + l_j - ln mean_B e^{l_j}, hence
///   S_j = gamma_sigma_j^2; unlike a signed sigma this can be the same for all examples.
/// M_j + S_j = 1 as r -> 1. By Jensen mean_B KL_j >= 1/2 (M_j + S_j - ln S_j - 1), nominally
/// -1/2 ln gamma_sigma_j^2 >= 1/2 ln(1 / (1 - tau)). min_kl sets tau = 1 - exp(-2 min_kl / d): the floor in nats.
/// sigma_input raw, tau, theta and eps are those of the Keras code in Su's article, and so is `momentum`: Keras'
/// default, which counts what is kept (0.99), not what is new. arXiv 2004.12585v2, "an extension for the original ACL
/// 2020 paper", has Su as second author, and public code takes tau and theta from there; its text could not be read
/// here. sigma_input log_var, guard and min_kl are ours.
class SymBnVae : public Regularizer {
 public:
  SymBnVae(const Options& options, const ModelFacts& model)
      : tau_(options.real("tau")), guard_(options.real("guard")), log_var_(options.text("sigma_input") == "log_var") {
    const double min_kl = options.real("min_kl");
    if (min_kl > 0) tau_ = -std::expm1(-2 * min_kl / static_cast<double>(model.latent_dim));
    const double eps = options.real("eps"), momentum = options.real("momentum");
    mu_norm_ = register_module("mu_norm", BatchNorm(model.latent_dim, eps, momentum));
    if (log_var_)
      log_var_norm_ = register_module("log_var_norm", LogMeanExpNorm(model.latent_dim, momentum));
    else
      sigma_norm_ = register_module("sigma_norm", BatchNorm(model.latent_dim, eps, momentum));
    theta_ = register_parameter("theta", torch::zeros({model.latent_dim}));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& progress) override {
    const auto mode = progress.mode;
    Posterior q;
    q.mu = gamma_mu() * mu_norm_->forward(raw.mu, mode);
    if (log_var_)
      q.log_var = log_gamma_sigma2() + log_var_norm_->forward(raw.scale, mode);
    else
      q.log_var = (log_gamma_sigma2().exp() * sigma_norm_->forward(raw.scale, mode).square() + guard_).log();
    return {q, std::nullopt};
  }
  void begin_statistics() override {
    mu_norm_->begin_statistics();
    log_var_ ? log_var_norm_->begin_statistics() : sigma_norm_->begin_statistics();
  }
  void end_statistics() override {
    mu_norm_->end_statistics();
    log_var_ ? log_var_norm_->end_statistics() : sigma_norm_->end_statistics();
  }

  torch::Tensor kl_floor(const BatchState& state) override {
    const torch::NoGradGuard no_grad;
    const auto m = gamma_mu().to(torch::kDouble).square() * mu_norm_->second_moment(state.raw.mu);
    auto s = log_gamma_sigma2().to(torch::kDouble).exp();
    if (!log_var_) {
      const auto [second, mean_error] = sigma_norm_->moments(state.raw.scale);
      s = s * (second + mean_error.square()) + guard_;  // at most: below 1, where s is, the KL falls with it
    }
    return 0.5 * (m + s - s.log() - 1.0);
  }
  torch::Tensor normalised_moment(const BatchState& state) override {
    const auto of_mu = mu_norm_->second_moment(state.raw.mu);
    return log_var_ ? of_mu : torch::minimum(of_mu, sigma_norm_->second_moment(state.raw.scale));
  }
  double kl_floor_nominal(std::int64_t d) const override { return -0.5 * static_cast<double>(d) * std::log1p(-tau_); }

  std::map<std::string, torch::Tensor> diagnostics() override {
    const torch::NoGradGuard no_grad;
    return {{"theta", theta_.clone()}, {"gamma_mu", gamma_mu()}, {"gamma_sigma", (0.5 * log_gamma_sigma2()).exp()}};
  }

 private:
  torch::Tensor gamma_mu() const { return tied_gamma_mu(theta_, tau_); }
  torch::Tensor log_gamma_sigma2() const { return tied_log_gamma_sigma2(theta_, tau_); }

  double tau_, guard_;
  bool log_var_;
  BatchNorm mu_norm_{nullptr}, sigma_norm_{nullptr};
  LogMeanExpNorm log_var_norm_{nullptr};
  torch::Tensor theta_;
};

KLBENCH_REGULARIZER(SymBnVae,
                    {.key = "sym_bn_vae",
                     .summary = "batch normalisation of posterior mean and scale that keeps the prior's moments",
                     .paper = "Su, kexue.fm/archives/7381, 2020; Zhu, Su et al., arXiv 2004.12585v2, 2020",
                     .options = {{.name = "tau",
                                  .default_value = 0.5,
                                  .help = "least share of the mean in the second moment; 0: the KL may vanish",
                                  .min = 0,
                                  .max = 1,
                                  .max_open = true,
                                  .only_where = "min_kl=0.0"},
                                 {.name = "min_kl",
                                  .default_value = 0.0,
                                  .help = "if > 0, instead of tau: the floor under the KL, nats",
                                  .min = 0},
                                 {.name = "sigma_input",
                                  .default_value = "raw",
                                  .help = "raw: the scale output is a signed sigma; log_var: it is a log variance",
                                  .choices = {"raw", "log_var"}},
                                 eps_option(1e-8),
                                 {.name = "guard",
                                  .default_value = 1e-6,
                                  .help = "raw: added to sigma^2",
                                  .min = 0,
                                  .min_open = true,
                                  .only_where = "sigma_input=raw"},
                                 momentum_option(0.01)}});

}  // namespace

}  // namespace klbench
