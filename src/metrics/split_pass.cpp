#include "metrics/split_pass.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"
#include "metrics/noise.h"

namespace klbench {

namespace {

/// Words the decoder is given at once: bounds its states and logits, and is enough for efficient matrix products.
constexpr std::int64_t kElementsAtOnce = 8192;

std::vector<std::int64_t> all_rows(std::int64_t size) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(size));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

/// Writes `part` into the given rows of `whole`, which is made on first use.
void scatter(torch::Tensor& whole, const torch::Tensor& rows, const torch::Tensor& part, std::int64_t size) {
  const auto values = part.detach().cpu();
  if (!whole.defined()) {
    auto sizes = values.sizes().vec();
    sizes[0] = size;
    whole = torch::empty(sizes, values.options());
  }
  whole.index_copy_(0, rows, values);
}

}  // namespace

void check_stop(const EvaluationOptions& options) {
  if (options.stop && options.stop->load()) throw EvaluationStopped();
}

EvaluationMode::EvaluationMode(torch::nn::Module& model) {
  for (auto& module : model.modules()) modes_.emplace_back(module, module->is_training());
  model.eval();
}

EvaluationMode::~EvaluationMode() {
  for (auto& [module, training] : modes_) module->train(training);
}

torch::Device device_of(torch::nn::Module& model) { return model.parameters().front().device(); }

std::vector<std::vector<std::int64_t>> length_batches(const Split& split, std::int64_t batch_size) {
  return length_batches(split, all_rows(split.size()), batch_size);
}

std::vector<std::vector<std::int64_t>> length_batches(const Split& split, std::vector<std::int64_t> rows,
                                                      std::int64_t batch_size) {
  std::sort(rows.begin(), rows.end(), [&](std::int64_t a, std::int64_t b) {
    return std::pair(split.length(a), a) < std::pair(split.length(b), b);
  });
  std::vector<std::vector<std::int64_t>> batches;
  const auto step = static_cast<std::size_t>(batch_size);
  for (std::size_t begin = 0; begin < rows.size(); begin += step) {
    const auto end = std::min(begin + step, rows.size());
    batches.emplace_back(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                         rows.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return batches;
}

std::vector<std::int64_t> fixed_subset(std::int64_t size, std::int64_t count) {
  auto rows = all_rows(size);
  if (count <= 0 || count >= size) return rows;
  Rng rng(derive_seed(0, "evaluation subset"));
  shuffle(rows, rng);
  rows.resize(static_cast<std::size_t>(count));
  std::sort(rows.begin(), rows.end());
  return rows;
}

torch::Tensor lengths_of(const Split& split) {
  std::vector<std::int64_t> lengths;
  for (std::int64_t i = 0; i < split.size(); ++i) lengths.push_back(split.length(i));
  return torch::tensor(lengths, torch::kInt64);
}

SplitPass encode_over(Vae& model, const Split& split, const EvaluationOptions& options) {
  if (options.progress.training()) throw Error("an evaluation cannot run in a training mode");
  const EvaluationMode evaluation(*model);
  const std::int64_t n = split.size();
  SplitPass pass;
  auto& all = pass.decoder_posterior;
  for (const auto& rows : length_batches(split, options.batch_size)) {
    check_stop(options);
    const auto batch = make_batch(split, rows).to(device_of(*model));
    const auto where = batch.rows.cpu();
    const auto posterior = model->posterior(batch, options.progress);
    const auto& q = posterior.for_decoder();
    all.family = q.family;
    scatter(all.mu, where, q.mu, n);
    scatter(all.log_var, where, q.log_var, n);
    if (!posterior.decoder) continue;
    const auto seed = derive_seed(options.seed, "penalised z", static_cast<std::uint64_t>(rows.front()));
    const auto noise = normal_noise(q.mu.sizes(), seed).to(q.mu.device());
    scatter(pass.kl_penalised, where, model->latent(posterior, noise).kl.sum(1), n);
  }
  const auto noise = normal_noise(all.mu.sizes(), derive_seed(options.seed, "evaluation z"));
  const auto device = device_of(*model);
  const auto there = all.to(device);
  const auto latent = model->latent({there, std::nullopt}, noise.to(device));
  pass.z = latent.z.cpu();
  pass.kl_dim = latent.kl.cpu();
  pass.mu = family_of(there).centre(there).cpu();
  return pass;
}

torch::Device device_of(const PosteriorFamily& family) {
  const auto own = family.parameters();
  return own.empty() ? torch::Device(torch::kCPU) : own.front().device();
}

torch::Tensor latent_draws(const SplitPass& pass, const EvaluationOptions& options) {
  const torch::NoGradGuard no_grad;
  const auto& family = family_of(pass.decoder_posterior);
  const auto device = device_of(family);
  const auto q = pass.decoder_posterior.to(device);
  std::vector<torch::Tensor> draws{pass.z};
  for (std::int64_t s = 1; s < options.mi_samples; ++s) {
    const auto seed = derive_seed(options.seed, "mi z", static_cast<std::uint64_t>(s));
    draws.push_back(family.sample(q, normal_noise(q.mu.sizes(), seed).to(device)).cpu());
  }
  return torch::stack(draws);
}

torch::Tensor reconstruct_over(Vae& model, const Split& split, const torch::Tensor& z,
                               const EvaluationOptions& options) {
  if (options.progress.training()) throw Error("an evaluation cannot run in a training mode");
  const EvaluationMode evaluation(*model);
  const auto device = device_of(*model);
  torch::Tensor rec;
  for (const auto& rows : length_batches(split, options.batch_size)) {
    check_stop(options);
    const auto batch = make_batch(split, rows).to(device);
    const auto where = batch.rows.cpu();
    const auto own = z.defined() ? z.index_select(0, where).to(device) : z;
    scatter(rec, where, model->reconstruct(batch, own, options.progress), split.size());
  }
  return rec;
}

SplitPass pass_over(Vae& model, const Split& split, const EvaluationOptions& options) {
  auto pass = model->has_latent() ? encode_over(model, split, options) : SplitPass{};
  pass.rec = reconstruct_over(model, split, pass.z, options);
  if (is_text(split)) pass.tokens = lengths_of(split) + 1;
  return pass;
}

torch::Tensor reconstruct_in_chunks(Vae& model, const Batch& batch, const torch::Tensor& z) {
  const EvaluationMode evaluation(*model);
  std::vector<torch::Tensor> parts;
  for (const auto& chunk : z.split(std::max<std::int64_t>(1, kElementsAtOnce / batch.elements()))) {
    parts.push_back(model->reconstruct_samples(batch, chunk.to(batch.x.device())).cpu());
  }
  return torch::cat(parts);
}

}  // namespace klbench
