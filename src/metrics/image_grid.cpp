#include "metrics/image_grid.h"

#include <vector>

#include "core/rng.h"
#include "metrics/noise.h"
#include "metrics/samples.h"
#include "metrics/to_vector.h"

namespace klbench {

namespace {

constexpr std::int64_t kColumns = 8;
constexpr double kStep = 1.0 / 256;  // a screen's, and a third of the bytes

/// Rows of kColumns pictures each.
FinalMetric grid_of(const std::vector<torch::Tensor>& rows, const Images& split) {
  const auto pictures = rounded(torch::cat(rows), kStep);
  FinalMetric metric{to_vector(pictures), {}};
  metric.attributes = {
      {"estimator", std::string("pictures")}, {"rows", pictures.size(0) / kColumns}, {"columns", kColumns},
      {"channels", split.shape.channels},     {"height", split.shape.height},        {"width", split.shape.width}};
  return metric;
}

/// kColumns examples that are always the same ones; a small split repeats them.
std::vector<std::int64_t> shown_rows(const Images& split) {
  auto rows = fixed_subset(split.size(), kColumns);
  for (std::size_t i = 0; static_cast<std::int64_t>(rows.size()) < kColumns; ++i) rows.push_back(rows[i]);
  return rows;
}

}  // namespace

torch::Tensor draw_images(Vae& model, const torch::Tensor& z, std::uint64_t seed) {
  const EvaluationMode evaluation(*model);
  return model->image_decoder().generate(z.to(device_of(*model)), cpu_generator(seed)).cpu();
}

FinalMetric image_grid(Vae& model, const Images& split, const torch::Tensor& mu, std::uint64_t seed) {
  const auto rows = shown_rows(split);
  const auto own = mu.index_select(0, torch::tensor(rows));
  std::vector<torch::Tensor> z{own, prior_draws(model, own.size(0), seed)};
  for (std::int64_t i = 0; i < 4; i += 2) z.push_back(model->way(own[i], own[i + 1], kColumns));
  return grid_of({make_batch(split, rows).x, draw_images(model, torch::cat(z), derive_seed(seed, "pictures"))}, split);
}

FinalMetric autoregressive_grid(Vae& model, const Images& split, std::uint64_t seed) {
  const auto drawn = draw_images(model, torch::zeros({kColumns, 0}), derive_seed(seed, "pictures"));
  return grid_of({make_batch(split, shown_rows(split)).x, drawn}, split);
}

}  // namespace klbench
