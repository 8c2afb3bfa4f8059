#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>

#include "regularizers/regularizer.h"

namespace klbench {

/// Throws Error where population statistics of no rows (`rows` [1]) were gathered, which an evaluation needs.
void require_population(const torch::Tensor& rows);

/// Batch normalisation of [B, d] without an affine map, (x - mean_j) / sqrt(var_j + eps) (Ioffe & Szegedy, ICML 2015).
/// Statistics by mode: train: of the batch (biased variance), which also move the running ones (unbiased variance,
/// factor `momentum`); collect: of the batch, gathered for the population; eval: exact mean and biased variance of all
/// rows between the last begin_statistics and end_statistics, every row weighing the same, in double; eval_running: the
/// running ones. Running and population statistics are buffers.
class BatchNormImpl : public torch::nn::Module {
 public:
  BatchNormImpl(std::int64_t d, double eps, double momentum);

  /// [B, d] -> [B, d]; throws Error in mode eval when no population was ever gathered.
  torch::Tensor forward(const torch::Tensor& x, Progress::Mode mode);
  void begin_statistics();
  void end_statistics();
  /// Of a normalised batch, [d] double, v_j being the batch variance of x: r_j = v_j / (v_j + eps), and e_j, how far
  /// from 0 its mean may be, as x's is rounded in single precision: 2^-22 max |x_j| / sqrt(v_j + eps), which shows
  /// where examples far from 0 differ by less than eps.
  struct Moments {
    torch::Tensor second, mean_error;
  };
  Moments moments(const torch::Tensor& x) const;
  /// r_j alone.
  torch::Tensor second_moment(const torch::Tensor& x) const { return moments(x).second; }
  /// The least that mean_B (gamma BN(x_j) + bias_j)^2 can be, [d] double: gamma^2 r_j + (|bias_j| - |gamma| e_j)^2, the
  /// latter bracket at least 0.
  torch::Tensor least_second_moment(const torch::Tensor& x, const torch::Tensor& gamma,
                                    const torch::Tensor& bias) const;
  /// sqrt(var_j + eps), [d]: what forward divides x by in this mode; the batch's has a gradient.
  torch::Tensor standard_deviation(const torch::Tensor& x, Progress::Mode mode) const;

 private:
  void gather(const torch::Tensor& mean, const torch::Tensor& var, std::int64_t rows);

  double eps_, momentum_;
  torch::Tensor running_mean_, running_var_;                          // [d] float
  torch::Tensor population_mean_, population_var_, population_rows_;  // [d], [d], [1] double
  torch::Tensor mean_, m2_;                                           // sums of the pass under way, [d] double
  std::int64_t rows_ = 0;
};
TORCH_MODULE(BatchNorm);

/// gamma_j BN(x_j) + b_j with b trained from 0 (Zhu et al., ACL 2020). gamma_j is fixed at `gamma`, or, with
/// train_gamma, a parameter trained from `gamma` that every forward in training first projects to the RMS `gamma` over
/// dimensions, gamma_j <- gamma_j gamma / rms(gamma_j), as in the public code of Shen et al., IJCAI 2021: the gradient
/// is that of the projected parameter. (A gain gamma w / rms(w) has the same values, and gamma^2 times the learning
/// rate.) Outside training the projected values are used and the parameter is left alone.
class ScaledBatchNormImpl : public torch::nn::Module {
 public:
  ScaledBatchNormImpl(std::int64_t d, double gamma, bool train_gamma, double eps, double momentum);

  torch::Tensor forward(const torch::Tensor& x, Progress::Mode mode);
  void begin_statistics() { norm_->begin_statistics(); }
  void end_statistics() { norm_->end_statistics(); }
  /// gamma_j^2 r_j + b_j^2 for the batch x, [d] double, up to rounding, which it does not exceed.
  torch::Tensor least_second_moment(const torch::Tensor& x) const;
  /// r_j alone, [d] double.
  torch::Tensor normalised_moment(const torch::Tensor& x) const { return norm_->second_moment(x); }
  /// "gamma" and "bias", [d].
  std::map<std::string, torch::Tensor> diagnostics() const;

 private:
  torch::Tensor gamma() const;

  double gamma_;
  BatchNorm norm_{nullptr};
  torch::Tensor bias_, gain_;
};
TORCH_MODULE(ScaledBatchNorm);

/// x_j - ln mean e^{x_j}: fixes the mean of e^x to 1 without touching the spread of x, [B, d] -> [B, d]. The mean is
/// over the batch, the population or the running one, by mode as in BatchNorm; all in logarithms, so that no x
/// overflows.
class LogMeanExpNormImpl : public torch::nn::Module {
 public:
  LogMeanExpNormImpl(std::int64_t d, double momentum);

  /// Throws Error in mode eval when no population was ever gathered.
  torch::Tensor forward(const torch::Tensor& x, Progress::Mode mode);
  void begin_statistics();
  void end_statistics();

 private:
  double momentum_;
  torch::Tensor running_;                       // [d] float, ln of the running mean of e^x
  torch::Tensor population_, population_rows_;  // [d], [1] double
  torch::Tensor log_sum_;                       // of the pass under way, [d] double
  std::int64_t rows_ = 0;
};
TORCH_MODULE(LogMeanExpNorm);

}  // namespace klbench
