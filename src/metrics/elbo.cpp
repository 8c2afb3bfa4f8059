#include "metrics/elbo.h"

#include "metrics/metric.h"

namespace klbench {

Elbo elbo_of(const torch::Tensor& rec, const torch::Tensor& kl_dim) {
  Elbo result;
  result.rec = rec.to(torch::kFloat64).mean().item<double>();
  if (kl_dim.defined()) {
    result.kl_dim = kl_dim.to(torch::kFloat64).mean(0);
    result.kl = result.kl_dim.sum().item<double>();
  }
  result.elbo = -(result.rec + result.kl);
  return result;
}

namespace {

/// The parts of the ELBO of one pass, and of each example, which rows are compared by, at the end of training.
FinalMetrics bound(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  const auto n = split.size();
  const auto found = elbo_of(pass.rec, pass.kl_dim);
  const auto rec = pass.rec.to(torch::kFloat64);
  FinalMetrics metrics;
  if (!model->has_latent()) {
    metrics = {{"elbo", exact(found.elbo, {"exact", n})}, {"rec", exact(found.rec, {"exact", n})}};
  } else {
    const auto kl_each = pass.kl_dim.to(torch::kFloat64).sum(1);
    const MetricSource one_draw{"one z per x", n, 1};
    metrics["elbo"] = scalar({found.elbo, over_examples(rec + kl_each).error}, one_draw);
    metrics["rec"] = scalar({found.rec, over_examples(rec).error}, one_draw);
    const auto kl = [&, closed = model->closed_form_kl()](double value, const torch::Tensor& by_row) {
      if (closed) return exact(value, {"closed form", n});
      return scalar({value, over_examples(by_row).error}, {"one z per x, log q(z|x) - log p(z)", n, 1});
    };
    metrics["kl"] = kl(found.kl, pass.kl_dim.sum(1));
    if (pass.kl_penalised.defined()) {
      const auto penalised = pass.kl_penalised.to(torch::kFloat64);
      metrics["kl_penalised"] = kl(penalised.mean().item<double>(), penalised);
    }
    if (model->standard_latent()) metrics["kl_dim"] = per_dimension(found.kl_dim, {"closed form", n});
    if (options.with_nll) metrics["kl"].examples = by_example(kl_each);
  }
  if (options.with_nll) metrics["rec"].examples = by_example(pass.rec);
  return metrics;
}

KLBENCH_METRICS(
    bound, {{.key = "elbo",
             .summary = "evidence lower bound",
             .units = kNats,
             .better = "higher",
             .head = "ELBO",
             .every_epoch = true,
             .without_latent = true},
            {.key = "rec",
             .summary = "reconstruction loss",
             .units = kNats,
             .better = "lower",
             .head = "Rec.",
             .every_epoch = true,
             .without_latent = true},
            {.key = "kl", .summary = "KL divergence", .units = kNats, .head = "KL", .every_epoch = true, .least = 0},
            {.key = "kl_penalised",
             .summary = "KL divergence of the posterior that is penalised",
             .needs = {kTwoPosteriors},
             .units = kNats,
             .every_epoch = true,
             .least = 0},
            {.key = "kl_dim",
             .summary = "KL divergence by dimension",
             .needs = {kStandardLatent},
             .units = kNatsByDimension,
             .every_epoch = true,
             .by_dimension = true,
             .least = 0}});

}  // namespace

}  // namespace klbench
