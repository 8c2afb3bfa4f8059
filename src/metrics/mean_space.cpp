#include "metrics/mean_space.h"

#include "core/error.h"

namespace klbench {

bool is_mean_space_moment(std::int64_t number, std::int64_t count) {
  constexpr std::int64_t kMoments = 4;
  for (std::int64_t i = 0; i < kMoments; ++i) {
    if (number == 1 + i * (count - 1) / (kMoments - 1)) return true;
  }
  return false;
}

torch::Tensor model_posterior_mean(Vae& model, const Batch& batch, const LatentGrid& grid) {
  if (model->latent_dim() != 1) throw Error("the model posterior by grid wants latent_dim = 1");
  const auto z = torch::linspace(grid.low, grid.high, grid.points, torch::kFloat32).view({-1, 1, 1});
  const auto log_likelihood = -reconstruct_in_chunks(model, batch, z.expand({grid.points, batch.size(), 1}));
  const auto log_prior = model->prior().log_p(z.to(torch::kFloat64).to(device_of(*model))).cpu();
  const auto share = torch::softmax(log_likelihood.to(torch::kFloat64) + log_prior, 0);
  return (share * z.to(torch::kFloat64).squeeze(2)).sum(0);
}

torch::Tensor mean_space(Vae& model, const Split& split, std::int64_t cap, const EvaluationOptions& options) {
  const EvaluationMode evaluation(*model);
  std::vector<torch::Tensor> pairs;
  for (const auto& rows : length_batches(split, fixed_subset(split.size(), cap), options.batch_size)) {
    const auto batch = make_batch(split, rows).to(device_of(*model));
    const auto posterior = model->posterior(batch, options.progress);
    const auto& q = posterior.for_decoder();
    const auto approximate = family_of(q).centre(q).squeeze(1).cpu().to(torch::kFloat64);
    pairs.push_back(torch::stack({model_posterior_mean(model, batch), approximate}, 1));
  }
  return torch::cat(pairs);
}

}  // namespace klbench
