#include <cmath>
#include <numbers>

#include "regularizers/registry.h"

namespace klbench {

namespace {

/// The KL in three parts, weighed apart (Chen et al., NeurIPS 2018): with z_i ~ q(z|x_i) and the aggregated posterior
/// of the batch, q(z) = 1/B sum_l q(z|x_l) and q(z_j) likewise,
///   penalty_i = alpha [ln q(z_i|x_i) - ln q(z_i)] + beta [ln q(z_i) - sum_j ln q(z_ij)] + gamma sum_j [ln q(z_ij) - ln
///   p(z_ij)],
/// index-code mutual information, total correlation, dimension-wise KL; with three ones it is the KL of the draw.
/// Theirs weighs a batch of B out of N by 1/(B N) (minibatch-weighted sampling): a constant in each part, without
/// effect on gradients. alpha 1, beta 4 and gamma 1 are published for images; below 1, alpha is what keeps information.
class BetaTc : public Regularizer {
 public:
  BetaTc(const Options& options, const ModelFacts& /*model*/)
      : alpha_(options.real("alpha")), beta_(options.real("beta")), gamma_(options.real("gamma")) {}

  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto& q = terms.posterior.for_decoder();
    const double log_rows = std::log(static_cast<double>(q.mu.size(0)));
    const double log_two_pi = std::log(2 * std::numbers::pi);
    const auto away = (terms.z.unsqueeze(1) - q.mu).square() * (-q.log_var).exp();
    const auto log_q = -0.5 * (away + q.log_var + log_two_pi);  // [B, B, d]: of z_i under q(z|x_l)
    const auto own = family_of(q).log_q(q, terms.z);            // [B]
    const auto joint = torch::logsumexp(log_q.sum(2), 1) - log_rows;
    const auto by_dimension = torch::logsumexp(log_q, 1) - log_rows;  // [B, d]
    const auto marginals = by_dimension.sum(1);
    return alpha_ * (own - joint) + beta_ * (joint - marginals) + gamma_ * (marginals - log_prior(terms.z));
  }

 private:
  double alpha_, beta_, gamma_;
};

KLBENCH_REGULARIZER(
    BetaTc,
    {.key = "beta_tc",
     .summary = "information, total correlation and dimension-wise KL weighed apart",
     .paper = "Chen et al., NeurIPS 2018",
     .options = {{.name = "alpha", .default_value = 1.0, .help = "weight of the mutual information", .min = 0},
                 {.name = "beta", .default_value = 4.0, .help = "weight of the total correlation", .min = 0},
                 {.name = "gamma", .default_value = 1.0, .help = "weight of the dimension-wise KL", .min = 0}}});

}  // namespace

}  // namespace klbench
