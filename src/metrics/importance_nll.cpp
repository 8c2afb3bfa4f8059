#include "metrics/importance_nll.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "core/rng.h"
#include "metrics/metric.h"
#include "metrics/noise.h"
#include "metrics/perplexity.h"

namespace klbench {

namespace {

constexpr std::int64_t kFirstRound = 16;

/// Running sums of importance weights, B sentences at a time, scaled by the largest weight seen.
class WeightSums {
 public:
  explicit WeightSums(std::int64_t size)
      : top_(torch::full({size}, -std::numeric_limits<double>::infinity(), torch::kFloat64)),
        sum_(torch::zeros({size}, torch::kFloat64)),
        squares_(torch::zeros({size}, torch::kFloat64)),
        count_(torch::zeros({size}, torch::kInt64)) {}

  /// log_w [S, b] for the sentences of `columns` [b].
  void add(const torch::Tensor& columns, const torch::Tensor& log_w) {
    const auto old_top = top_.index_select(0, columns);
    const auto top = torch::maximum(old_top, log_w.amax(0));
    const auto shrink = (old_top - top).exp();
    const auto w = (log_w - top).exp();
    sum_.index_copy_(0, columns, sum_.index_select(0, columns) * shrink + w.sum(0));
    squares_.index_copy_(0, columns, squares_.index_select(0, columns) * shrink * shrink + (w * w).sum(0));
    top_.index_copy_(0, columns, top);
    count_.index_add_(0, columns, torch::full_like(columns, log_w.size(0)));
  }

  torch::Tensor nll() const { return -(top_ + (sum_ / count_).log()); }
  torch::Tensor ess() const { return sum_ * sum_ / squares_; }
  torch::Tensor error() const { return ((count_ / ess() - 1).clamp_min(0) / (count_ - 1)).sqrt(); }
  const torch::Tensor& count() const { return count_; }

 private:
  torch::Tensor top_, sum_, squares_, count_;
};

/// z, but mu + sigma * noise where the single precision of z is too coarse for a narrow Gaussian: all such z would lie
/// on its mean, log q would be that of the mode, and the bound too high.
torch::Tensor as_drawn(const Posterior& q, const torch::Tensor& noise, const torch::Tensor& z) {
  if (q.family) return z;
  const auto sigma = (0.5 * q.log_var).exp();
  const auto drawn = q.mu + sigma * noise.to(torch::kFloat64);
  return torch::where((z - drawn).abs() > 0.01 * sigma, drawn, z);
}

/// log w = log p(x|z) + log p(z) - log q(z|x), [S, b], z [S, b, d] from `noise` of the same shape.
torch::Tensor log_weights(const Posterior& q, const torch::Tensor& noise, const torch::Tensor& columns,
                          const LogLikelihood& log_p, const LogPrior& prior) {
  const auto weigh = [&](const torch::Tensor& z, const torch::Tensor& log_q) {
    return log_p(columns, z).to(torch::kFloat64) + prior(z.to(torch::kFloat64)) - log_q;
  };
  const auto& family = family_of(q);
  const auto device = device_of(family);
  if (!family.scores_any_point()) {
    const auto draw = family.draw(q.to(device), noise.to(device));
    return weigh(draw.z.cpu(), draw.log_q.cpu().to(torch::kFloat64));
  }
  const auto z = family.sample(q.to(device), noise.to(device)).cpu();
  const auto exact = q.to(torch::kFloat64);
  const auto points = as_drawn(exact, noise, z.to(torch::kFloat64));
  return weigh(z, family.log_q(exact.to(device), points.to(device)).cpu());
}

void place(torch::Tensor& whole, std::int64_t dim, const torch::Tensor& where, const torch::Tensor& part,
           std::int64_t size) {
  if (!whole.defined()) {
    auto sizes = part.sizes().vec();
    sizes[static_cast<std::size_t>(dim)] = size;
    whole = torch::empty(sizes, part.options());
  }
  whole.index_copy_(dim, where, part);
}

}  // namespace

std::vector<std::int64_t> importance_rounds(std::int64_t samples, double tolerance) {
  std::vector<std::int64_t> rounds;
  if (tolerance > 0) {
    for (auto round = kFirstRound; round < samples; round *= 2) rounds.push_back(round);
  }
  rounds.push_back(samples);
  return rounds;
}

ImportanceNll importance_nll(const Posterior& q, const std::vector<std::int64_t>& rows, const LogLikelihood& log_p,
                             const ImportanceOptions& options) {
  const torch::NoGradGuard no_grad;
  const auto size = static_cast<std::int64_t>(rows.size());
  std::vector<torch::Tensor> noises;
  for (const auto row : rows) {
    const auto seed = derive_seed(options.seed, "importance samples", static_cast<std::uint64_t>(row));
    noises.push_back(normal_noise({options.rounds.back(), q.mu.size(1)}, seed));
  }
  const auto noise = torch::stack(noises, 1).to(q.mu.options());
  WeightSums sums(size);
  std::vector<torch::Tensor> by_round, error_by_round;
  auto columns = torch::arange(size);
  std::int64_t begin = 0;
  for (const auto end : options.rounds) {
    const auto part = q.select(columns);
    const auto step = std::max<std::int64_t>(1, options.rows_at_once / std::max<std::int64_t>(1, columns.numel()));
    for (auto from = begin; from < end && columns.numel() > 0; from += step) {
      const auto chunk = noise.slice(0, from, std::min(from + step, end)).index_select(1, columns);
      sums.add(columns, log_weights(part, chunk, columns, log_p, options.log_prior));
    }
    by_round.push_back(sums.nll());
    error_by_round.push_back(sums.error());
    if (options.tolerance > 0)
      columns = columns.masked_select(sums.error().index_select(0, columns) > options.tolerance);
    begin = end;
  }
  return {sums.nll(), sums.ess(), sums.error(), sums.count(), torch::stack(by_round), torch::stack(error_by_round)};
}

ImportanceNll importance_nll(Vae& model, const Split& split, const std::vector<std::int64_t>& rows,
                             const std::vector<std::int64_t>& rounds, const EvaluationOptions& options) {
  const EvaluationMode evaluation(*model);
  const auto device = device_of(*model);
  std::unordered_map<std::int64_t, std::int64_t> place_of;
  for (std::size_t i = 0; i < rows.size(); ++i) place_of[rows[i]] = static_cast<std::int64_t>(i);
  const auto size = static_cast<std::int64_t>(rows.size());
  ImportanceNll all;
  for (const auto& part : length_batches(split, rows, options.batch_size)) {
    const auto batch = make_batch(split, part).to(device);
    const auto posterior = model->posterior(batch, options.progress);
    const auto& q = posterior.for_decoder();
    const LogLikelihood log_p = [&](const torch::Tensor& columns, const torch::Tensor& z) {
      check_stop(options);
      return -reconstruct_in_chunks(model, batch.select(columns), z);
    };
    const ImportanceOptions importance{
        .rounds = rounds,
        .tolerance = options.nll_tolerance,
        .seed = derive_seed(options.seed, "nll"),
        .log_prior = [&](const torch::Tensor& z) { return model->prior().log_p(z.to(device)).cpu(); }};
    const auto here = q.to(torch::Device(torch::kCPU));
    const auto found = importance_nll(here, part, log_p, importance);
    std::vector<std::int64_t> places;
    for (const auto row : part) places.push_back(place_of[row]);
    const auto where = torch::tensor(places);
    place(all.nll, 0, where, found.nll, size);
    place(all.ess, 0, where, found.ess, size);
    place(all.error, 0, where, found.error, size);
    place(all.samples, 0, where, found.samples, size);
    place(all.by_round, 1, where, found.by_round, size);
    place(all.error_by_round, 1, where, found.error_by_round, size);
  }
  return all;
}

namespace {

/// Bits per pixel (and channel) of a nat per image.
double bits_per_nat(const Split& split) {
  return 1 / (static_cast<double>(dynamic_cast<const Images&>(split).shape.pixels()) * std::log(2.0));
}

/// Of a decoder without z.
FinalMetrics exact_likelihood(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  const auto rows = torch::tensor(fixed_subset(split.size(), options.nll_examples));
  const auto found = pass.rec.index_select(0, rows);
  const MetricSource source{"exact", rows.size(0)};
  const double nll = found.to(torch::kFloat64).mean().item<double>();
  FinalMetrics metrics;
  metrics["nll"] = exact(nll, source);
  metrics["nll"].examples = by_example(torch::full_like(pass.rec, std::nan("")).index_copy(0, rows, found));
  if (is_text(split)) {
    metrics["ppl"] = exact(perplexity(found, pass.tokens.index_select(0, rows)), source);
  } else {
    metrics["bpd"] = exact(nll * bits_per_nat(split), source);
  }
  return metrics;
}

/// All from the same importance samples.
FinalMetrics likelihood(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  if (!model->has_latent()) return exact_likelihood(request);
  const auto rows = fixed_subset(split.size(), options.nll_examples);
  const auto found =
      importance_nll(model, split, rows, importance_rounds(options.nll_samples, options.nll_tolerance), options);
  const auto index = torch::tensor(rows);
  const auto used = static_cast<std::int64_t>(rows.size());
  MetricSource source{"importance-weighted bound",
                      used,
                      options.nll_samples,
                      kOverDraws,
                      {{"samples_used", found.samples.to(torch::kFloat64).mean().item<double>()},
                       {"tolerance", options.nll_tolerance},
                       {"examples_cap", options.nll_examples},
                       {"ess", found.ess.mean().item<double>()},
                       {"sentence_error", found.error.mean().item<double>()}}};
  const auto nll = mean_of(found.nll, found.error);
  FinalMetrics metrics;
  metrics["nll"] = scalar(nll, source);
  const auto unmeasured = torch::full({split.size()}, std::nan(""), torch::kFloat64);
  metrics["nll"].examples = by_example(unmeasured.index_copy(0, index, found.nll));
  if (is_text(split)) {
    const auto tokens = pass.tokens.index_select(0, index);
    const double ppl = perplexity(found.nll, tokens);
    const double tokens_each = tokens.to(torch::kFloat64).mean().item<double>();
    metrics["ppl"] = scalar({ppl, ppl * nll.error / tokens_each}, source);  // by the delta method
  } else {
    const double bits = bits_per_nat(split);
    metrics["bpd"] = scalar({nll.value * bits, nll.error * bits}, source);
  }
  source.error_over = kOverExamples;
  source.estimator = "effective sample size of nll, mean";
  metrics["nll_ess"] = scalar(over_examples(found.ess), source);
  source.estimator = "importance-weighted bound minus rec";
  metrics["rate_used"] = scalar(rate_used(found.nll, pass.rec.index_select(0, index)), source);
  return metrics;
}

KLBENCH_METRICS(
    likelihood,
    {{.key = "nll",
      .summary = "importance-weighted negative log-likelihood",
      .units = kNats,
      .better = "lower",
      .head = "NLL",
      .without_latent = true},
     {.key = "nll_ess", .summary = "effective sample size of nll", .units = "samples", .better = "higher", .least = 0},
     {.key = "ppl",
      .summary = "perplexity",
      .domain = kText,
      .units = "1",
      .better = "lower",
      .head = "PPL",
      .without_latent = true,
      .least = 0},
     {.key = "bpd",
      .summary = "negative log-likelihood per pixel",
      .domain = kImage,
      .units = "bits per dimension",
      .better = "lower",
      .head = "bits/dim",
      .without_latent = true},
     {.key = "rate_used", .summary = "used part of the KL divergence, at most", .units = kNats}});

}  // namespace

}  // namespace klbench
