#include "metrics/decoder_use.h"

#include "core/rng.h"

namespace klbench {

DecoderUse measure_decoder_use(TextVae& model, const Sentences& split, const std::vector<std::int64_t>& rows,
                               const torch::Tensor& z, const EvaluationOptions& options) {
  const EvaluationMode evaluation(*model);
  std::vector<std::int64_t> lengths;
  for (const auto row : rows) lengths.push_back(split.length(row));
  const auto partner = length_derangement(lengths, derive_seed(options.seed, "decoder use"));
  auto z_swapped = z.clone();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    z_swapped[rows[i]] = z[rows[static_cast<std::size_t>(partner[i])]];
  }
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

}  // namespace klbench
