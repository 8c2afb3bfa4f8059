// Two models of which every metric is known, to hold the estimators against: a linear-Gaussian one by closed forms, and
// one of a few phrases by sums and quadrature. Nothing here uses src/metrics but the noise.
#pragma once

#include <torch/torch.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "core/rng.h"
#include "latent/posterior.h"
#include "metrics/importance_nll.h"
#include "metrics/noise.h"

namespace klbench::testing {

/// What is known of a model and a posterior, nats per example, of the population.
struct Truth {
  double nll, rec, kl, mi, marginal_kl, total_correlation, dimension_kl, au, swap_gap, rate_used;
  torch::Tensor decoder_gap;  ///< [d]
};

/// How a posterior differs from the model's own, N(m, s2) by dimension: N(scale A m + shift, widen s2), A symmetric, A
/// A' with 1 on the diagonal and `correlation` beside it.
struct Mismatch {
  double scale = 1, shift = 0, widen = 1, correlation = 0;
};

/// Probabilistic PCA (Tipping & Bishop 1999), z ~ N(0, I), x = R diag(w) z + e, e ~ N(0, I), R a rotation of R^d. With
/// u = R'x and rho_j = w_j^2 / (1 + w_j^2), the share of dimension j that z explains, the model's posterior is
/// diagonal: N(m_j, 1 - rho_j), m_j = w_j (1 - rho_j) u_j, and m_j ~ N(0, rho_j), so that all metrics add over
/// dimensions.
class Ppca {
 public:
  /// rho [d] float64
  Ppca(torch::Tensor rho, Mismatch mismatch, std::uint64_t seed)
      : rho_(std::move(rho)), mismatch_(mismatch), w_((rho_ / (1 - rho_)).sqrt()) {
    const auto noise = normal_noise({rho_.size(0), rho_.size(0)}, seed).to(torch::kFloat64);
    rotation_ = std::get<0>(torch::linalg_qr(noise));
    const auto size = static_cast<double>(dims());
    const double own = std::sqrt(1 - mismatch_.correlation);
    const double all = std::sqrt(1 + (size - 1) * mismatch_.correlation);
    mixing_ = mismatch_.scale * (own * torch::eye(dims(), torch::kFloat64) + (all - own) / size);
  }

  /// All dimensions alike, so that the model's own posterior has `mi` nats in all: mi = -d/2 ln(1 - rho).
  static Ppca with_mi(std::int64_t d, double mi, Mismatch mismatch, std::uint64_t seed) {
    const double rho = 1 - std::exp(-2 * mi / static_cast<double>(d));
    return {torch::full({d}, rho, torch::kFloat64), mismatch, seed};
  }

  /// [n, d]
  torch::Tensor sample(std::int64_t n, std::uint64_t seed) const {
    const auto z = normal_noise({n, dims()}, seed).to(torch::kFloat64);
    const auto noise = normal_noise({n, dims()}, derive_seed(seed, "e")).to(torch::kFloat64);
    return (z * w_ + noise).matmul(rotation_.t());
  }

  Posterior posterior(const torch::Tensor& x) const {
    const auto own = x.matmul(rotation_) * w_ * (1 - rho_);
    const auto log_var = (mismatch_.widen * (1 - rho_)).log();
    return {own.matmul(mixing_) + mismatch_.shift, log_var.expand_as(own).contiguous()};
  }

  LogLikelihood log_p(const torch::Tensor& x) const {
    return [this, x](const torch::Tensor& columns, const torch::Tensor& z) {
      const auto error = x.index_select(0, columns) - (z.to(torch::kFloat64) * w_).matmul(rotation_.t());
      return -0.5 * (error.square().sum(-1) + constant());
    };
  }

  /// Exact nll of given x [n, d], [n].
  torch::Tensor nll(const torch::Tensor& x) const {
    const auto variance = 1 + w_.square();
    return 0.5 * ((x.matmul(rotation_).square() / variance + variance.log()).sum(1) + constant());
  }

  /// With z = scale A m + shift + noise: Var z_j = v_j, Cov(u_j, z_j) = a_jj w_j, Var u_j = 1 + w_j^2.
  Truth truth() const {
    const double b = mismatch_.shift;
    const auto var = mismatch_.widen * (1 - rho_);
    const auto of_means = (mixing_ * rho_).matmul(mixing_);
    const auto v = of_means.diagonal() + var;
    const auto a = mixing_.diagonal();
    const auto total = [](const torch::Tensor& terms) { return terms.sum().item<double>(); };
    const auto u2 = 1 + w_.square();
    Truth truth{};
    truth.nll = 0.5 * (total(1 + u2.log()) + constant());
    truth.rec = 0.5 * (total(u2 - 2 * a * w_.square() + w_.square() * (v + b * b)) + constant());
    truth.rate_used = truth.nll - truth.rec;
    truth.kl = 0.5 * total(v + b * b - var.log() - 1);
    truth.dimension_kl = 0.5 * total(v + b * b - v.log() - 1);
    if (mismatch_.correlation != 0) {
      truth.total_correlation = 0.5 * (total(v.log()) - total(torch::logdet(of_means + torch::diag(var))));
    }
    truth.marginal_kl = truth.total_correlation + truth.dimension_kl;
    truth.mi = 0.5 * total((v / var).log()) - truth.total_correlation;
    truth.au = static_cast<double>(of_means.diagonal().ge(0.01).sum().item<std::int64_t>());
    truth.decoder_gap = a * w_.square();  // rec with another's z_j minus rec: w Cov(u, z)
    truth.swap_gap = total(truth.decoder_gap);
    return truth;
  }

  std::int64_t dims() const { return rho_.size(0); }

 private:
  double constant() const { return static_cast<double>(dims()) * std::log(2 * std::numbers::pi); }

  torch::Tensor rho_;
  Mismatch mismatch_;
  torch::Tensor w_, rotation_;
  torch::Tensor mixing_;  ///< [d, d] scale A
};

/// Phrases of three words out of four, 64 in all: p(x|z) = prod_t softmax(A_t + B_t z)[x_t], z in one or two
/// dimensions. z is integrated on a grid. The posterior is the diagonal Gaussian with the moments of the model's, its
/// variance widened; neither it nor the aggregated one has the model's shape.
class Phrases {
 public:
  Phrases(std::int64_t d, double strength, double widen, std::uint64_t seed) : d_(d) {
    const double step = d == 1 ? 0.01 : 0.08;
    line_ = torch::arange(-8, 8 + step / 2, step, torch::kFloat64);
    grid_ = d == 1 ? line_.unsqueeze(1) : torch::cartesian_prod({line_, line_});
    cell_ = std::pow(step, static_cast<double>(d));
    offsets_ = normal_noise({kWords, kVocabulary}, seed).to(torch::kFloat64) * 0.5;
    slopes_ = normal_noise({kWords, d, kVocabulary}, seed + 1).to(torch::kFloat64) * strength;
    log_p_grid_ = log_p_of(grid_);
    prior_ = log_prior(grid_).exp();
    const auto joint = log_p_grid_.exp() * prior_.unsqueeze(1) * cell_;
    p_ = joint.sum(0);
    const auto weights = joint / p_;
    mu_ = weights.t().matmul(grid_);
    log_var_ = (widen * (weights.t().matmul(grid_.square()) - mu_.square())).log();
  }

  /// n phrases by number, [n] int64.
  torch::Tensor sample(std::int64_t n, std::uint64_t seed) const {
    return torch::multinomial(p_, n, /*replacement=*/true, cpu_generator(seed));
  }

  Posterior posterior(const torch::Tensor& x) const { return {mu_.index_select(0, x), log_var_.index_select(0, x)}; }

  LogLikelihood log_p(const torch::Tensor& x) const {
    return [this, x](const torch::Tensor& columns, const torch::Tensor& z) {
      const auto which = x.index_select(0, columns).expand({z.size(0), columns.size(0)});
      return log_p_of(z.to(torch::kFloat64)).gather(2, which.unsqueeze(2)).squeeze(2);
    };
  }

  torch::Tensor nll(const torch::Tensor& x) const { return -p_.index_select(0, x).log(); }

  Truth truth() const {
    const auto total = [](const torch::Tensor& terms) { return terms.sum().item<double>(); };
    const Posterior all{mu_, log_var_};
    const auto log_q = gaussian_family().log_q(all, grid_.unsqueeze(1));  // [grid, phrases]
    const auto q = log_q.exp() * cell_;
    const auto aggregated = q.matmul(p_);
    const auto log_aggregated = (aggregated / cell_).log();
    Truth truth{};
    truth.nll = -total(p_ * p_.log());
    truth.rec = -total(p_ * (q * log_p_grid_).sum(0));
    truth.rate_used = truth.nll - truth.rec;
    truth.kl = total(p_ * gaussian_family().kl(all).sum(1));
    truth.mi = total(p_ * (q * (log_q - log_aggregated.unsqueeze(1))).sum(0));
    truth.marginal_kl = total(aggregated * (log_aggregated - prior_.log()));
    const auto share = log_prior(line_.unsqueeze(1)).softmax(0);  // of N(0, 1), on the points of a line
    const auto square = aggregated.reshape({line_.size(0), -1});
    for (std::int64_t j = 0; j < d_; ++j) {
      const auto margin = square.sum(1 - j);
      truth.dimension_kl += total(margin * (margin / share).log());
    }
    truth.total_correlation = truth.marginal_kl - truth.dimension_kl;
    const auto mean = p_.unsqueeze(0).matmul(mu_);
    truth.au = total((p_.unsqueeze(0).matmul((mu_ - mean).square())).ge(0.01));
    truth.swap_gap = -total(aggregated * log_p_grid_.matmul(p_)) - truth.rec;
    if (d_ == 1) truth.decoder_gap = torch::tensor({truth.swap_gap}, torch::kFloat64);
    return truth;
  }

  std::int64_t dims() const { return d_; }

 private:
  static constexpr std::int64_t kWords = 3, kVocabulary = 4;

  /// log p(x|z) of all phrases, [..., d] -> [..., 64].
  torch::Tensor log_p_of(const torch::Tensor& z) const {
    auto sizes = z.sizes().vec();
    sizes.back() = 1;
    auto sum = torch::zeros(sizes, torch::kFloat64);
    for (std::int64_t t = 0; t < kWords; ++t) {
      const auto word = torch::log_softmax(z.matmul(slopes_[t]) + offsets_[t], -1);
      sizes.back() = sum.size(-1) * kVocabulary;
      sum = (sum.unsqueeze(-1) + word.unsqueeze(-2)).reshape(sizes);
    }
    return sum;
  }

  std::int64_t d_;
  double cell_;
  torch::Tensor line_, grid_, offsets_, slopes_, log_p_grid_, prior_, p_, mu_, log_var_;
};

}  // namespace klbench::testing
