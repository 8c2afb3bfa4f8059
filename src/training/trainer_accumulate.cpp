// A step of many micro-batches: the gradient of the joined batch in the memory of one of them.
#include <algorithm>

#include "core/error.h"
#include "training/trainer.h"

namespace klbench {

namespace {

using torch::Tensor;
using Rows = std::vector<std::int64_t>;

Tensor leaf(const Tensor& x) { return x.detach().requires_grad_(); }

void back_propagate(const Tensor& root, const Tensor& gradient) {
  if (root.requires_grad()) root.backward(gradient);
}

/// A part of a step's examples: those from row `begin` of the joined batch on.
struct MicroBatch {
  Batch batch;
  std::int64_t begin;

  /// Its rows of something joined, [all, ...] or undefined.
  Tensor of(const Tensor& joined) const {
    return joined.defined() ? joined.slice(0, begin, begin + batch.size()) : joined;
  }
};

}  // namespace

/// Encode all micro-batches without a graph; transform jointly, so that batch statistics and penalties are those of all
/// examples; decode and back-propagate one micro-batch after the other, which collects dL/dz; one backward pass through
/// transform and penalty; then the encoder once more, micro-batch by micro-batch, from dL/draw, with the noise
/// (dropout) that it had the first time.
Trainer::Pass Trainer::accumulated_pass(const Rows& rows, double kl_scale) {
  std::vector<MicroBatch> parts;
  for (const auto& part : cut_rows(rows, options_.batch_size)) {
    const std::int64_t begin = parts.empty() ? 0 : parts.back().begin + parts.back().batch.size();
    parts.push_back({batch_of(part), begin});
  }
  const bool has_latent = model_->has_latent();
  const auto count = static_cast<double>(rows.size());
  Forward found;
  found.examples = static_cast<std::int64_t>(rows.size());

  RawPosterior raw;
  PosteriorPair posterior;
  VaeImpl::Latent latent;
  Tensor z_leaf;
  auto generator = at::globalContext().defaultGenerator(device_);
  std::vector<Tensor> noise;  // states of the generator, before each part is encoded
  if (has_latent) {
    std::vector<Tensor> mu, scale;
    {
      const torch::NoGradGuard no_grad;
      for (const auto& part : parts) {
        noise.push_back(generator.get_state());
        const auto encoded = model_->encode(part.batch);
        mu.push_back(encoded.mu);
        scale.push_back(encoded.scale);
      }
    }
    raw = {leaf(torch::cat(mu)), leaf(torch::cat(scale))};
    posterior = model_->posterior(raw, progress_);
    latent = model_->latent(posterior, torch::randn_like(posterior.for_decoder().mu));
    z_leaf = leaf(latent.z);
  }

  std::vector<Tensor> recs;
  for (const auto& part : parts) {
    const auto rec = model_->reconstruct(part.batch, part.of(z_leaf), progress_);
    back_propagate(rec, torch::full_like(rec, rec_weight_ / count));
    recs.push_back(rec.detach());
    found.tokens += part.batch.units();
  }
  const auto rec = leaf(torch::cat(recs));
  found.rec = rec.mean().detach();
  found.total = rec_weight_ * found.rec.to(torch::kFloat64);
  if (!has_latent) return read(found);

  const auto examples = batch_of(rows).x;
  const auto loss = latent_loss({examples, posterior, latent.z, rec, latent.kl}, kl_scale);
  found.total = found.total + loss.detach().to(torch::kFloat64);
  observe(posterior, latent, raw, found);
  torch::autograd::backward({loss, latent.z}, {torch::ones_like(loss), z_leaf.grad()});
  if (rec.grad().defined())
    throw UsageError(
        "trainer.accumulate: this remedy's loss depends on each example's reconstruction, which is not "
        "known jointly: set accumulate to 1");
  const auto or_zero = [](const Tensor& x) { return x.grad().defined() ? x.grad() : torch::zeros_like(x); };
  const auto d_raw = torch::cat({or_zero(raw.mu), or_zero(raw.scale)}, 1);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    generator.set_state(noise[i]);
    const auto encoded = model_->encode(parts[i].batch);
    back_propagate(torch::cat({encoded.mu, encoded.scale}, 1), parts[i].of(d_raw));
  }
  return read(found);
}

}  // namespace klbench
