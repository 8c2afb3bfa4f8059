#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A floor under the penalised KL: what is below it costs nothing more and has no gradient. lambda is in nats per
/// dimension.
///   dim_example    sum_j KL_j [KL_j > lambda], each example by itself           (as in Li et al.'s public code)
///   dim_batch      sum_j max(lambda, mean_B KL_j)                               (Kingma et al., NeurIPS 2016)
///   total_example  max(d lambda, sum_j KL_j), each example by itself
///   total_batch    max(d lambda, mean_B sum_j KL_j)
/// lambda 0.25 is the 8 nats over d = 32 published for Yahoo (Li et al., EMNLP 2019), `total: 8` there. Li et al.'s
/// code has the first (fb 2, the one of their README), the third and the fourth as masks (fb 1, 3: 0 in place of the
/// floor), which have the same gradient. The raw KL, and with it the ELBO, stays as it is.
class FreeBits : public Regularizer {
 public:
  FreeBits(const Options& options, const ModelFacts& model)
      : per_(options.text("per")), lambda_(options.real("lambda")), total_(options.real("total")) {
    const auto d = static_cast<double>(model.latent_dim);
    if (total_ > 0)
      lambda_ = total_ / d;
    else
      total_ = lambda_ * d;
  }

  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override {
    if (per_ == "dim_example") return (terms.kl * (terms.kl > lambda_).to(terms.kl.dtype())).sum(1);
    if (per_ == "dim_batch") return terms.kl.mean(0).clamp_min(lambda_).sum().expand({terms.kl.size(0)});
    if (per_ == "total_example") return terms.kl.sum(1).clamp_min(total_);
    return terms.kl.sum(1).mean().clamp_min(total_).expand({terms.kl.size(0)});
  }

 private:
  std::string per_;
  double lambda_, total_;
};

KLBENCH_REGULARIZER(FreeBits, {.key = "free_bits",
                               .summary = "KL below a floor is free",
                               .paper = "Kingma et al., NeurIPS 2016; Li et al., EMNLP 2019",
                               .recipe = "li2019, zhang2022",
                               .options = {{.name = "per",
                                            .default_value = "dim_example",
                                            .help = "what the floor is under",
                                            .choices = {"dim_example", "dim_batch", "total_example", "total_batch"}},
                                           {.name = "lambda",
                                            .default_value = 0.25,
                                            .help = "floor, nats per dimension",
                                            .min = 0,
                                            .only_where = "total=0.0"},
                                           {.name = "total",
                                            .default_value = 0.0,
                                            .help = "if > 0, instead of lambda: the floor over all dimensions, nats",
                                            .min = 0}},
                               .replaces = {"kl_target"}});

}  // namespace

}  // namespace klbench
