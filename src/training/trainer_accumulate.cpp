// A step of many micro-batches: the gradient of the joined batch in the memory of one of them.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "training/trainer.h"

namespace klbench {

namespace {

using torch::Tensor;
using Rows = std::vector<std::int64_t>;

/// `rows` in parts of `size`; a last part below least_remainder joins the one before.
std::vector<Rows> micro_batches(const Rows& rows, std::int64_t size) {
  std::vector<Rows> parts;
  for (auto at = rows.begin(); at != rows.end();) {
    auto end = at + std::min<std::ptrdiff_t>(size, rows.end() - at);
    if (rows.end() - end < least_remainder(size)) end = rows.end();
    parts.emplace_back(at, end);
    at = end;
  }
  return parts;
}

Tensor leaf(const Tensor& x) { return x.detach().requires_grad_(); }

void back_propagate(const Tensor& root, const Tensor& gradient) {
  if (root.requires_grad()) root.backward(gradient);
}

/// The columns of z, or of its gradient, that belong to micro-batch `part`, which begins at row `begin`.
Tensor part_of(const Tensor& all, std::int64_t begin, const Rows& part) {
  return all.defined() ? all.slice(0, begin, begin + static_cast<std::int64_t>(part.size())) : all;
}

}  // namespace

/// Encode all micro-batches without a graph; transform jointly, so that batch statistics and penalties are those of all
/// examples; decode and back-propagate one micro-batch after the other, which collects dL/dz; one backward pass through
/// transform and penalty; then the encoder once more, micro-batch by micro-batch, from dL/draw.
TrainContext::Loss Trainer::accumulated_pass(const Rows& rows, double kl_scale) {
  const auto parts = micro_batches(rows, config_.integer("trainer.batch_size"));
  const bool latent = model_->has_latent();
  const auto count = static_cast<double>(rows.size());
  Loss found;
  found.examples = static_cast<std::int64_t>(rows.size());

  RawPosterior raw;
  PosteriorPair posterior;
  Tensor kl, z, z_leaf;
  if (latent) {
    std::vector<Tensor> mu, scale;
    {
      const torch::NoGradGuard no_grad;
      for (const auto& part : parts) {
        const auto encoded = model_->encode(batch_of(part));
        mu.push_back(encoded.mu);
        scale.push_back(encoded.scale);
      }
    }
    raw = {leaf(torch::cat(mu)), leaf(torch::cat(scale))};
    posterior = model_->remedy().posterior(raw, progress_);
    kl = family_of(posterior.kl).kl(posterior.kl);
    const auto& q = posterior.for_decoder();
    z = family_of(q).sample(q, torch::randn_like(q.mu));
    z_leaf = leaf(z);
  }

  std::vector<Tensor> recs;
  std::int64_t begin = 0;
  for (const auto& part : parts) {
    const auto batch = batch_of(part);
    const auto rec = model_->reconstruct(batch, part_of(z_leaf, begin, part), progress_);
    back_propagate(rec, torch::full_like(rec, rec_weight_ / count));
    recs.push_back(rec.detach());
    found.tokens += batch.predicted_tokens();
    begin += static_cast<std::int64_t>(part.size());
  }
  const auto rec = leaf(torch::cat(recs));
  found.rec = rec.mean().item<double>();
  found.total = rec_weight_ * found.rec;
  if (!latent) return found;

  const auto tokens = make_batch(corpus_->train, rows).tokens.to(device_);
  const auto loss = latent_loss({tokens, posterior, z, rec, kl}, kl_scale);
  set_kl(found, posterior, kl);
  found.total += loss.item<double>();
  observe(posterior, kl, raw);
  if (!std::isfinite(found.total)) return found;
  torch::autograd::backward({loss, z}, {torch::ones_like(loss), z_leaf.grad()});
  if (rec.grad().defined())
    throw UsageError(
        "trainer.accumulate: this remedy's loss depends on each example's reconstruction, which is not "
        "known jointly: set accumulate to 1");
  const auto or_zero = [](const Tensor& x) { return x.grad().defined() ? x.grad() : torch::zeros_like(x); };
  const auto d_raw = torch::cat({or_zero(raw.mu), or_zero(raw.scale)}, 1);
  begin = 0;
  for (const auto& part : parts) {
    const auto encoded = model_->encode(batch_of(part));
    back_propagate(torch::cat({encoded.mu, encoded.scale}, 1), part_of(d_raw, begin, part));
    begin += static_cast<std::int64_t>(part.size());
  }
  return found;
}

}  // namespace klbench
