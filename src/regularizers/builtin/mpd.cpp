#include <cmath>

#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Mutual posterior divergence (Ma et al., ICLR 2019, "MAE"): with K_il = KL(q(z|x_i) || q(z|x_l)) over the pairs i !=
/// l of a batch, M_j the mean over pairs of dimension j's share and S the standard deviation over pairs of K_il,
///   extra loss = -eta sum_j ln sigmoid(M_j / eta) + gamma S:
/// posteriors of different examples are to differ, and evenly so. As in the public code, which writes the spread over
/// all B^2 entries with the mean on the diagonal and corrects for it: sqrt(sum (K - mean)^2 / (B^2 - B - 1)). eta and
/// gamma are published for images (0.5 to 2 and 0.5); no numbers for text.
class Mpd : public Regularizer {
 public:
  Mpd(const Options& options, const ModelFacts& /*model*/) : eta_(options.real("eta")), gamma_(options.real("gamma")) {}

  torch::Tensor extra_loss(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto& q = terms.posterior.kl;
    const auto rows = q.mu.size(0);
    if (rows < 2) return {};
    const auto log_ratio = q.log_var.unsqueeze(1) - q.log_var.unsqueeze(0);  // [B, B, d], i before l
    const auto distance = (q.mu.unsqueeze(1) - q.mu.unsqueeze(0)).square() * (-q.log_var).exp().unsqueeze(0);
    const auto divergence = 0.5 * (log_ratio.exp() + distance - log_ratio - 1);  // 0 where i = l
    const auto pairs = static_cast<double>(rows * (rows - 1));
    const auto mean = divergence.sum(0).sum(0) / pairs;
    auto loss = -eta_ * torch::log_sigmoid(mean / eta_).sum();
    if (gamma_ == 0) return loss;
    const auto others = 1 - torch::eye(rows, q.mu.options());
    const auto away = (divergence.sum(2) - mean.sum()) * others;
    return loss + gamma_ * (away.square().sum() / (pairs - 1)).clamp_min(1e-12).sqrt();
  }

 private:
  double eta_, gamma_;
};

KLBENCH_REGULARIZER(
    Mpd,
    {.key = "mpd",
     .summary = "posteriors of different examples are to diverge, and evenly",
     .paper = "Ma et al., ICLR 2019 (MAE)",
     .options = {
         {.name = "eta", .default_value = 1.0, .help = "weight of the mean divergence", .min = 0, .min_open = true},
         {.name = "gamma", .default_value = 0.5, .help = "weight of its spread", .min = 0}}});

}  // namespace

}  // namespace klbench
