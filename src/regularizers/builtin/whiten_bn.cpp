#include <algorithm>
#include <cmath>

#include "regularizers/batch_norm.h"
#include "regularizers/norm_options.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// mu <- gamma L^-1 (mu - mean_B mu) + b, L L^T = cov_B mu + eps I: all of the covariance is normalised, where bn_vae
/// normalises its diagonal, so that no direction of z can be a copy of the others. b is trained from 0, sigma is left
/// as it is. Cholesky whitening as of features in Siarohin et al., ICLR 2019, whose gradient is stable; dimension j is
/// what is new in it after the dimensions before. With r_j = [L^-1 cov_B(mu) L^-T]_jj <= 1,
///   mean_B KL_j >= 1/2 (gamma^2 r_j + b_j^2), nominally d gamma^2 / 2 in all: that of bn_vae. A batch of B <= d
/// examples has a covariance without full rank, and r is small for the last of its dimensions.
/// eps is small, since an encoder can shrink what is new in a dimension further than its variance: with 1e-5 under Adam
/// two thirds of the floor went so.
/// In evaluations mean and covariance are exact of the training split, or running ones, as in bn_vae.
class WhitenBn : public Regularizer {
 public:
  WhitenBn(const Options& options, const ModelFacts& model)
      : gamma_(options.real("gamma")), eps_(options.real("eps")), momentum_(options.real("momentum")) {
    const auto d = model.latent_dim;
    const auto wide = torch::TensorOptions().dtype(torch::kDouble);
    bias_ = register_parameter("bias", torch::zeros({d}));
    running_mean_ = register_buffer("running_mean", torch::zeros({d}, wide));
    running_covariance_ = register_buffer("running_covariance", torch::eye(d, wide));
    population_mean_ = register_buffer("population_mean", torch::zeros({d}, wide));
    population_covariance_ = register_buffer("population_covariance", torch::eye(d, wide));
    population_rows_ = register_buffer("population_rows", torch::zeros({1}, wide));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& progress) override {
    return {{gamma_ * whitened(raw.mu, progress.mode) + bias_, raw.scale}, std::nullopt};
  }

  void begin_statistics() override {
    sum_ = products_ = torch::Tensor();
    rows_ = 0;
  }
  void end_statistics() override {
    if (rows_ == 0) return;
    const torch::NoGradGuard no_grad;
    const auto n = static_cast<double>(rows_);
    population_mean_.copy_(sum_ / n);
    population_covariance_.copy_(products_ / n - population_mean_.outer(population_mean_));
    population_rows_.fill_(n);
  }

  torch::Tensor kl_floor(const BatchState& state) override {
    const torch::NoGradGuard no_grad;
    return 0.5 * (gamma_ * gamma_ * normalised_moment(state) + bias_.to(torch::kDouble).square());
  }
  torch::Tensor normalised_moment(const BatchState& state) override {
    const torch::NoGradGuard no_grad;
    const auto mu = state.raw.mu.to(torch::kDouble);
    const auto centred = mu - mu.mean(0);
    return solved(centred, covariance(centred)).square().mean(0);
  }
  double kl_floor_nominal(std::int64_t d) const override { return 0.5 * static_cast<double>(d) * gamma_ * gamma_; }
  std::map<std::string, torch::Tensor> diagnostics() override { return {{"bias", bias_.detach().clone()}}; }

 private:
  static torch::Tensor covariance(const torch::Tensor& centred) {
    return centred.t().matmul(centred) / static_cast<double>(centred.size(0));
  }
  /// L^-1 of each row, L L^T = covariance + eps I; in double, where no eps is lost beside a large variance. NaN where
  /// the covariance is not finite: the loss then says so.
  torch::Tensor solved(const torch::Tensor& centred, const torch::Tensor& covariance) const {
    const auto identity = torch::eye(covariance.size(0), covariance.options());
    const auto [lower, failed] = torch::linalg_cholesky_ex(covariance + eps_ * identity);
    const auto found = torch::linalg_solve_triangular(lower, centred.t(), /*upper=*/false).t();
    return torch::where(failed == 0, found, std::nan(""));
  }

  torch::Tensor whitened(const torch::Tensor& mu, Progress::Mode mode) {
    const auto wide = mu.to(torch::kDouble);
    if (mode == Progress::Mode::eval) {
      require_population(population_rows_);
      return solved(wide - population_mean_, population_covariance_).to(mu.dtype());
    }
    if (mode == Progress::Mode::eval_running) return solved(wide - running_mean_, running_covariance_).to(mu.dtype());
    const auto mean = wide.mean(0);
    const auto centred = wide - mean;
    const auto of_batch = covariance(centred);
    {
      const torch::NoGradGuard no_grad;
      if (mode == Progress::Mode::collect) {
        gather(wide);
      } else {
        const auto rows = static_cast<double>(mu.size(0));
        running_mean_.lerp_(mean, momentum_);
        running_covariance_.lerp_(of_batch * (rows / std::max(rows - 1, 1.0)), momentum_);
      }
    }
    return solved(centred, of_batch).to(mu.dtype());
  }

  void gather(const torch::Tensor& wide) {
    const auto products = wide.t().matmul(wide);
    sum_ = sum_.defined() ? sum_ + wide.sum(0) : wide.sum(0);
    products_ = products_.defined() ? products_ + products : products;
    rows_ += wide.size(0);
  }

  double gamma_, eps_, momentum_;
  torch::Tensor bias_;
  torch::Tensor running_mean_, running_covariance_;                          // [d], [d, d]
  torch::Tensor population_mean_, population_covariance_, population_rows_;  // [d], [d, d], [1] double
  torch::Tensor sum_, products_;                                             // of the pass under way, double
  std::int64_t rows_ = 0;
};

KLBENCH_REGULARIZER(WhitenBn,
                    {.key = "whiten_bn",
                     .summary = "the posterior mean whitened over the batch, all of its covariance",
                     .paper = "here; whitening as in Siarohin et al., ICLR 2019, gain as in Zhu et al., ACL 2020",
                     .options = {gamma_option("gain of the whitened mean"),
                                 eps_option(1e-8, "added to the variances of the batch"), momentum_option()}});

}  // namespace

}  // namespace klbench
