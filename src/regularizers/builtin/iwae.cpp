#include <cmath>

#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Importance-weighted bound in place of the ELBO (Burda et al., ICLR 2016): with w_k = p(x|z_k) p(z_k) / q(z_k|x),
///   loss = -mean_B ln 1/K sum_k w_k,   z_k ~ q(z|x), k = 1 .. K,
/// which lies between -ELBO (K = 1) and -ln p(x). The batch's own z is z_1; the others are decoded again.
class Iwae : public Regularizer {
 public:
  Iwae(const Options& options, const ModelFacts& /*model*/) : samples_(options.integer("samples")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return 0; }
  double rec_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return 0; }

  /// Of no weight; overridden so that no other part sets what is not paid for.
  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override { return terms.kl.sum(1); }

  torch::Tensor model_loss(const LossTerms& terms, BatchModel& model, const Progress& /*progress*/) override {
    const auto& q = terms.posterior.for_decoder();
    const auto log_weight = [&q](const torch::Tensor& z, const torch::Tensor& rec) {
      return log_prior(z) - family_of(q).log_q(q, z) - rec;
    };
    std::vector<torch::Tensor> log_weights{log_weight(terms.z, terms.rec)};
    for (std::int64_t k = 1; k < samples_; ++k) {
      const auto z = family_of(q).sample(q, torch::randn_like(q.mu));
      log_weights.push_back(log_weight(z, model.rec(z)));
    }
    return std::log(static_cast<double>(samples_)) - torch::stack(log_weights).logsumexp(0).mean();
  }

 private:
  std::int64_t samples_;
};

KLBENCH_REGULARIZER(
    Iwae, {.key = "iwae",
           .summary = "importance-weighted bound of several samples in place of the ELBO",
           .paper = "Burda et al., ICLR 2016",
           .options = {{.name = "samples", .default_value = 5, .help = "importance samples K", .min = 1, .max = 4096}},
           .replaces = {"kl_weight", "kl_scale", "kl_target"}});

}  // namespace

}  // namespace klbench
