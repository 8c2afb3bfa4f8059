#include <cmath>

#include "regularizers/registry.h"

namespace klbench {

namespace {

/// The root of ln x - x + 2 delta + 1 between `inside` (where the left side is positive) and `outside`, by bisection.
double variance_bound(double delta, double inside, double outside) {
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (inside + outside);
    (std::log(middle) - middle + 2 * delta + 1 > 0 ? inside : outside) = middle;
  }
  return inside;
}

/// A posterior that cannot come nearer to the prior than delta nats in any dimension (Razavi et al., ICLR 2019, without
/// the autoregressive prior):
///   sigma = sqrt l + (sqrt u - sqrt l) sigmoid(raw scale), l and u the roots of ln x - x + 2 delta + 1 = 0,
///   mu = sqrt(2 delta + 1 + ln sigma^2 - sigma^2 + relu(raw mu) + 1e-6),
/// so that KL_j = delta + relu(raw mu)/2 + 5e-7. No code of the authors is public. The mean, and delta 0.15 at d = 32
/// for text, are those of the baseline in the public code of Zhu et al., ACL 2020, which also keeps the sigmoid from
/// falling below 1/50 (`sigmoid_min: 0.02`; no gradient there).
class DeltaVae : public Regularizer {
 public:
  DeltaVae(const Options& options, const ModelFacts& model)
      : delta_(options.real("delta")), sigmoid_min_(options.real("sigmoid_min")) {
    if (const double total = options.real("total"); total > 0) delta_ = total / static_cast<double>(model.latent_dim);
    lower_ = std::sqrt(variance_bound(delta_, 1.0, 0.0));
    upper_ = std::sqrt(variance_bound(delta_, 1.0, 4 * delta_ + 4));
  }

  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& /*progress*/) override {
    const auto variance = (lower_ + (upper_ - lower_) * torch::sigmoid(raw.scale).clamp_min(sigmoid_min_)).square();
    Posterior q;
    q.log_var = variance.log();
    // At a bound of the variance rounding can leave the slack just below 0.
    const auto slack = (2 * delta_ + 1 + q.log_var - variance).clamp_min(0);
    q.mu = (slack + torch::relu(raw.mu) + 1e-6).sqrt();
    return {q, std::nullopt};
  }

  torch::Tensor kl_floor(const BatchState& state) override {
    return torch::full({state.raw.mu.size(1)}, delta_, state.raw.mu.options().dtype(torch::kDouble));
  }
  double kl_floor_nominal(std::int64_t d) const override { return delta_ * static_cast<double>(d); }

 private:
  double delta_, sigmoid_min_;
  double lower_, upper_;  // of sigma
};

KLBENCH_REGULARIZER(DeltaVae, {.key = "delta_vae",
                               .summary = "posterior at least delta nats from the prior in every dimension",
                               .paper = "Razavi et al., ICLR 2019",
                               .recipe = "zhu2020, zhang2022",
                               .options = {{.name = "delta",
                                            .default_value = 0.15,
                                            .help = "committed rate, nats per dimension",
                                            .min = 0,
                                            .max = 10,
                                            .min_open = true,
                                            .only_where = "total=0.0"},
                                           {.name = "total",
                                            .default_value = 0.0,
                                            .help = "if > 0, instead of delta: the rate over all dimensions, nats",
                                            .min = 0},
                                           {.name = "sigmoid_min",
                                            .default_value = 0.0,
                                            .help = "least value of the sigmoid; 0.02 in public code for text",
                                            .min = 0,
                                            .max = 1,
                                            .max_open = true}}});

}  // namespace

}  // namespace klbench
