#include "regularizers/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace klbench {

namespace {

const auto kDouble = torch::TensorOptions().dtype(torch::kDouble);

}  // namespace

void require_population(const torch::Tensor& rows) {
  if (rows.item<double>() == 0)
    throw Error("evaluation needs the batch statistics of the training split, and none were gathered");
}

BatchNormImpl::BatchNormImpl(std::int64_t d, double eps, double momentum) : eps_(eps), momentum_(momentum) {
  running_mean_ = register_buffer("running_mean", torch::zeros({d}));
  running_var_ = register_buffer("running_var", torch::ones({d}));
  population_mean_ = register_buffer("population_mean", torch::zeros({d}, kDouble));
  population_var_ = register_buffer("population_var", torch::ones({d}, kDouble));
  population_rows_ = register_buffer("population_rows", torch::zeros({1}, kDouble));
}

torch::Tensor BatchNormImpl::forward(const torch::Tensor& x, Progress::Mode mode) {
  if (mode == Progress::Mode::eval) {
    require_population(population_rows_);
    return (x - population_mean_.to(x.dtype())) * (population_var_ + eps_).rsqrt().to(x.dtype());
  }
  if (mode == Progress::Mode::eval_running) return (x - running_mean_) * (running_var_ + eps_).rsqrt();

  const auto mean = x.mean(0);
  const auto centred = x - mean;
  const auto var = centred.square().mean(0);
  {
    const torch::NoGradGuard no_grad;
    const auto rows = x.size(0);
    if (mode == Progress::Mode::collect) {
      gather(mean, var, rows);
    } else {
      const double unbiased = static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(rows - 1, 1));
      running_mean_.lerp_(mean, momentum_);
      running_var_.lerp_(var * unbiased, momentum_);
    }
  }
  return centred * (var + eps_).rsqrt();
}

void BatchNormImpl::begin_statistics() {
  mean_ = torch::zeros_like(population_mean_);
  m2_ = torch::zeros_like(population_mean_);
  rows_ = 0;
}

// Chan, Golub & LeVeque's merge of two samples' means and sums of squared deviations.
void BatchNormImpl::gather(const torch::Tensor& mean, const torch::Tensor& var, std::int64_t rows) {
  if (!mean_.defined()) begin_statistics();
  const auto delta = mean.to(torch::kDouble) - mean_;
  const auto n = static_cast<double>(rows), before = static_cast<double>(rows_);
  rows_ += rows;
  mean_ += delta * (n / (n + before));
  m2_ += var.to(torch::kDouble) * n + delta.square() * (n * before / (n + before));
}

void BatchNormImpl::end_statistics() {
  if (rows_ == 0) return;
  const torch::NoGradGuard no_grad;
  population_mean_.copy_(mean_);
  population_var_.copy_(m2_ / static_cast<double>(rows_));
  population_rows_.fill_(static_cast<double>(rows_));
}

torch::Tensor BatchNormImpl::standard_deviation(const torch::Tensor& x, Progress::Mode mode) const {
  if (mode == Progress::Mode::eval) {
    require_population(population_rows_);
    return (population_var_ + eps_).sqrt().to(x.dtype());
  }
  if (mode == Progress::Mode::eval_running) return (running_var_ + eps_).sqrt();
  return ((x - x.mean(0)).square().mean(0) + eps_).sqrt();
}

BatchNormImpl::Moments BatchNormImpl::moments(const torch::Tensor& x) const {
  const auto wide = x.detach().to(torch::kDouble);
  const auto var = wide.var(0, /*unbiased=*/false);
  return {var / (var + eps_), 0x1p-22 * wide.abs().amax(0) * (var + eps_).rsqrt()};
}

torch::Tensor BatchNormImpl::least_second_moment(const torch::Tensor& x, const torch::Tensor& gamma,
                                                 const torch::Tensor& bias) const {
  const auto gain = gamma.detach().to(torch::kDouble).abs(), offset = bias.detach().to(torch::kDouble).abs();
  const auto [second, mean_error] = moments(x);
  return gain.square() * second + (offset - gain * mean_error).clamp_min(0).square();
}

ScaledBatchNormImpl::ScaledBatchNormImpl(std::int64_t d, double gamma, bool train_gamma, double eps, double momentum)
    : gamma_(gamma) {
  norm_ = register_module("norm", BatchNorm(d, eps, momentum));
  bias_ = register_parameter("bias", torch::zeros({d}));
  if (train_gamma) gain_ = register_parameter("gain", torch::full({d}, gamma));
}

torch::Tensor ScaledBatchNormImpl::forward(const torch::Tensor& x, Progress::Mode mode) {
  const auto normalised = norm_->forward(x, mode);
  if (!gain_.defined() || mode != Progress::Mode::train) return gamma() * normalised + bias_;
  {
    const torch::NoGradGuard no_grad;
    const auto projected = gamma();
    // A second forward before the backward leaves the gain as the first left it, in the eyes of autograd, too; whether
    // it does is decided where the gain is, since a card would be waited for.
    const auto kept = torch::isclose(projected, gain_, /*rtol=*/1e-6, /*atol=*/0).all();
    gain_.variable_data().copy_(torch::where(kept, gain_, projected));
  }
  return gain_ * normalised + bias_;
}

torch::Tensor ScaledBatchNormImpl::least_second_moment(const torch::Tensor& x) const {
  const torch::NoGradGuard no_grad;
  return norm_->least_second_moment(x, gamma(), bias_);
}

std::map<std::string, torch::Tensor> ScaledBatchNormImpl::diagnostics() const {
  return {{"gamma", gamma().detach().clone()}, {"bias", bias_.detach().clone()}};
}

torch::Tensor ScaledBatchNormImpl::gamma() const {
  if (!gain_.defined()) return torch::full_like(bias_, gamma_);
  return gain_ * (gamma_ / gain_.square().mean().sqrt());
}

LogMeanExpNormImpl::LogMeanExpNormImpl(std::int64_t d, double momentum) : momentum_(momentum) {
  running_ = register_buffer("running", torch::zeros({d}));
  population_ = register_buffer("population", torch::zeros({d}, kDouble));
  population_rows_ = register_buffer("population_rows", torch::zeros({1}, kDouble));
}

torch::Tensor LogMeanExpNormImpl::forward(const torch::Tensor& x, Progress::Mode mode) {
  if (mode == Progress::Mode::eval) {
    require_population(population_rows_);
    return x - population_.to(x.dtype());
  }
  if (mode == Progress::Mode::eval_running) return x - running_;

  const auto rows = static_cast<double>(x.size(0));
  const auto log_mean = x.logsumexp(0) - std::log(rows);
  {
    const torch::NoGradGuard no_grad;
    if (mode == Progress::Mode::collect) {
      if (!log_sum_.defined()) begin_statistics();
      log_sum_ = torch::logaddexp(log_sum_, x.to(torch::kDouble).logsumexp(0));
      rows_ += x.size(0);
    } else {
      running_.copy_(torch::logaddexp(running_ + std::log1p(-momentum_), log_mean + std::log(momentum_)));
    }
  }
  return x - log_mean;
}

void LogMeanExpNormImpl::begin_statistics() {
  log_sum_ = torch::full_like(population_, -std::numeric_limits<double>::infinity());
  rows_ = 0;
}

void LogMeanExpNormImpl::end_statistics() {
  if (rows_ == 0) return;
  const torch::NoGradGuard no_grad;
  population_.copy_(log_sum_ - std::log(static_cast<double>(rows_)));
  population_rows_.fill_(static_cast<double>(rows_));
}

}  // namespace klbench
