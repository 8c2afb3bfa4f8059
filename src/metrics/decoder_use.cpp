#include "metrics/decoder_use.h"

#include "core/rng.h"
#include "metrics/metric.h"

namespace klbench {

std::vector<std::int64_t> swap_partners(const Split& split, const std::vector<std::int64_t>& rows, std::uint64_t seed) {
  std::vector<std::int64_t> lengths, partners;
  for (const auto row : rows) lengths.push_back(split.length(row));
  for (const auto i : length_derangement(lengths, seed)) partners.push_back(rows[static_cast<std::size_t>(i)]);
  return partners;
}

DecoderUse measure_decoder_use(Vae& model, const Split& split, const std::vector<std::int64_t>& rows,
                               const torch::Tensor& z, const EvaluationOptions& options) {
  const EvaluationMode evaluation(*model);
  const auto partners = swap_partners(split, rows, derive_seed(options.seed, "decoder use"));
  const auto z_swapped = z.index_copy(0, torch::tensor(rows), z.index_select(0, torch::tensor(partners)));
  std::vector<torch::Tensor> own, swapped;
  for (const auto& part : length_batches(split, rows, options.batch_size)) {
    const auto batch = make_batch(split, part).to(device_of(*model));
    const auto index = torch::tensor(part);
    const auto base = z.index_select(0, index);
    const auto only = torch::eye(z.size(1), z.options()).unsqueeze(1);  // [d, 1, d]: sample j swaps dimension j
    const auto moved = base + only * (z_swapped.index_select(0, index) - base);
    const auto rec = reconstruct_in_chunks(model, batch, torch::cat({base.unsqueeze(0), moved}));
    own.push_back(rec[0]);
    swapped.push_back(rec.slice(0, 1));
  }
  return decoder_use(torch::cat(swapped, 1), torch::cat(own));
}

namespace {

constexpr std::int64_t kDecoderUseCap = 500;

FinalMetrics use_by_dimension(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  const auto rows = fixed_subset(split.size(), kDecoderUseCap);
  const auto use = measure_decoder_use(model, split, rows, pass.z, options);
  MetricSource source{std::string("one dimension alone: ") + kSwapped,
                      static_cast<std::int64_t>(rows.size()),
                      1,
                      kOverExamples,
                      {{"examples_cap", kDecoderUseCap}}};
  FinalMetrics metrics;
  metrics["decoder_gap"] = per_dimension(use.gap, source);
  metrics["decoder_gap_error"] = per_dimension(use.error, {"paired standard error of decoder_gap over examples",
                                                           source.examples, 1, kOverExamples, source.more});
  source.estimator += ": rec rises by > 0.01 and > 3 of its errors (decoder_gap_error)";
  metrics["decoder_au"] = exact(static_cast<double>(use.active), std::move(source));
  return metrics;
}

KLBENCH_METRICS(use_by_dimension, {{.key = "decoder_au",
                                    .summary = "dimensions the decoder uses",
                                    .needs = {kFlatLatent, kTwoExamples},
                                    .units = "dimensions",
                                    .better = "higher",
                                    .head = "AU (dec.)",
                                    .least = 0},
                                   {.key = "decoder_gap",
                                    .summary = "rise of the reconstruction loss when one dimension is swapped",
                                    .needs = {kFlatLatent, kTwoExamples},
                                    .units = kNats,
                                    .by_dimension = true},
                                   {.key = "decoder_gap_error",
                                    .summary = "paired standard error of decoder_gap",
                                    .needs = {kFlatLatent, kTwoExamples},
                                    .units = kNats,
                                    .by_dimension = true}});

}  // namespace

}  // namespace klbench
