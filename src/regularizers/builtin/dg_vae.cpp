#include <cmath>

#include "latent/sphere.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Density gap of the aggregated posterior (Zhang et al., NeurIPS 2022): in place of the mean KL the KL of each
/// dimension's aggregated posterior of the batch from the prior, by `samples` draws z of every example,
///   penalty = sum_j mean_z [ln 1/B sum_l q(z_j|x_l) - ln p(z_j)],
/// which is 0 when the mixture has the prior's margins, whatever each posterior is: the marginal KL per dimension, with
/// the mutual information left free. As in the public code, whose aggregation over parts of a batch is `aggregate`
/// (0: the batch; a batch that it does not divide is taken whole). On the sphere (posterior vmf, their DG-vMF)
/// densities do not factorise and the gap is that of all of z from the uniform prior.
class DgVae : public Regularizer {
 public:
  DgVae(const Options& options, const ModelFacts& /*model*/)
      : samples_(options.integer("samples")), aggregate_(options.integer("aggregate")) {}

  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override {
    const auto& q = terms.posterior.kl;
    const auto rows = q.mu.size(0);
    const auto part = aggregate_ > 0 && rows % aggregate_ == 0 ? aggregate_ : rows;
    torch::Tensor sum;
    for (std::int64_t begin = 0; begin < rows; begin += part) {
      const Posterior some{q.mu.slice(0, begin, begin + part), q.log_var.slice(0, begin, begin + part), q.family};
      const auto gap = family_of(q).on_sphere() ? gap_on_sphere(some) : density_gap(some.mu, some.log_var);
      sum = sum.defined() ? sum + gap : gap;
    }
    return (sum * (static_cast<double>(part) / static_cast<double>(rows))).expand({rows});
  }

 private:
  /// Of posteriors [B, d], nats.
  torch::Tensor density_gap(const torch::Tensor& mu, const torch::Tensor& log_var) const {
    const auto rows = mu.size(0), d = mu.size(1);
    const auto noise = torch::randn({samples_, rows, d}, mu.options());
    const auto z = (mu + (0.5 * log_var).exp() * noise).view({-1, 1, d});  // [S B, 1, d]
    // ln q(z_j|x_l) - ln p(z_j): the constants are the same.
    const auto ratio = 0.5 * (z.square() - (z - mu).square() * (-log_var).exp() - log_var);
    return (torch::logsumexp(ratio, 1) - std::log(static_cast<double>(rows))).mean(0).sum();
  }

  torch::Tensor gap_on_sphere(const Posterior& q) const {
    const auto rows = q.mu.size(0), d = q.mu.size(1);
    const auto z = family_of(q).sample(q, torch::randn({samples_, rows, d}, q.mu.options()));
    const auto pairs = z.reshape({-1, 1, d}).expand({-1, rows, -1});  // each draw beside every posterior
    const auto log_aggregated = family_of(q).log_q(q, pairs).logsumexp(1) - std::log(static_cast<double>(rows));
    return log_aggregated.mean() + log_area(d);
  }

  std::int64_t samples_, aggregate_;
};

KLBENCH_REGULARIZER(
    DgVae,
    {.key = "dg_vae",
     .summary = "density gap of the aggregated posterior in place of the mean KL",
     .paper = "Zhang et al., NeurIPS 2022",
     .recipe = "zhang2022",
     .options = {{.name = "samples", .default_value = 32, .help = "draws of z an example", .min = 1, .max = 4096},
                 {.name = "aggregate",
                  .default_value = 0,
                  .help = "examples that are aggregated together; 0: the whole batch",
                  .min = 0,
                  .max = 1e6}},
     .sphere_latent = true});

}  // namespace

}  // namespace klbench
