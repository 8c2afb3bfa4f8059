#include "engine/kept_cell.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "config/study.h"
#include "core/error.h"
#include "core/files.h"
#include "core/rng.h"
#include "data/dataset.h"
#include "metrics/image_grid.h"
#include "metrics/samples.h"
#include "metrics/split_pass.h"
#include "models/batches.h"
#include "models/precision.h"
#include "models/vae.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"
#include "training/sidecars.h"
#include "training/tensor_file.h"

namespace klbench {

namespace {

/// A trained model with the data it was trained on.
struct KeptCell {
  std::shared_ptr<const Dataset> data;
  Vae model;

  bool is_text() const { return dynamic_cast<const TextCorpus*>(data.get()) != nullptr; }
  const std::vector<std::string>& words() const { return text_of(*data).words; }
};

KeptCell open(const KeptModel& kept) {
  const std::string path = kept.file.string();
  std::vector<PluginInfo> plugins;
  for (const auto& plugin : kept.plugins) plugins.push_back(load_here(plugin));
  const TensorFile file = parse_tensors(read_file(kept.file), path);
  if (file.texts.count("cell") == 0) throw UsageError(path + ": holds no cell's configuration");
  const CellConfig config = parse_cell(file.text("cell"), path, full_schema(brought_by(plugins)));
  if (!config.has_latent()) throw UsageError(path + ": is a language model without a latent variable");
  nn::set_precision_here(config.text("trainer.precision"));
  auto data = load_dataset(config);
  Vae model = load_model(kept.file, config, *data);
  return {std::move(data), std::move(model)};
}

/// Posterior means of a split, [N, d].
torch::Tensor posterior_means(KeptCell& cell, const Split& split) { return encode_over(cell.model, split, {}).mu; }

/// Words of the longest sentence of the training split: where decoding ends.
std::int64_t longest_sentence(const KeptCell& cell) {
  const Sentences& train = text_of(*cell.data).train;
  std::int64_t longest = 1;
  for (std::int64_t row = 0; row < train.size(); ++row) longest = std::max(longest, train.length(row));
  return longest;
}

void check_row(const Split& split, const std::string& name, std::int64_t row) {
  if (row < 0 || row >= split.size()) {
    throw UsageError(fmt::format("{} has the examples 0 to {}, not {}", name, split.size() - 1, row));
  }
}

/// Pictures [N, C, H, W] in [0, 1], so many in a row with grey lines between them, as the lines of a plain PGM, or with
/// three channels PPM, file (netpbm.sourceforge.net): text that every viewer reads.
std::vector<std::string> picture_lines(const torch::Tensor& pictures, std::int64_t columns) {
  constexpr std::int64_t kGap = 2, kNumbers = 17;  // 17 numbers keep a line under the format's 70 characters
  const auto rows = (pictures.size(0) + columns - 1) / columns;
  const auto channels = pictures.size(1), height = pictures.size(2) + kGap, width = pictures.size(3) + kGap;
  auto sheet = torch::full({channels, rows * height - kGap, columns * width - kGap}, 0.5);
  for (std::int64_t i = 0; i < pictures.size(0); ++i) {
    const auto top = i / columns * height, left = i % columns * width;
    sheet.slice(1, top, top + height - kGap).slice(2, left, left + width - kGap).copy_(pictures[i]);
  }
  const auto values = (sheet * 255).round().to(torch::kInt64).permute({1, 2, 0}).flatten();
  std::vector<std::string> lines = {channels == 3 ? "P3" : "P2", fmt::format("{} {}", sheet.size(2), sheet.size(1)),
                                    "255"};
  for (const auto& part : values.split(kNumbers)) {
    const auto* numbers = part.data_ptr<std::int64_t>();
    lines.push_back(fmt::format("{}", fmt::join(numbers, numbers + part.size(0), " ")));
  }
  return lines;
}

}  // namespace

std::vector<std::string> sample_kept(const KeptModel& model, std::int64_t count, double temperature,
                                     std::uint64_t seed) {
  constexpr std::int64_t kColumns = 10;
  KeptCell cell = open(model);
  if (cell.is_text()) return prior_samples(cell.model, cell.words(), count, longest_sentence(cell), temperature, seed);
  const auto z = prior_draws(cell.model, count, seed);
  return picture_lines(draw_images(cell.model, z, derive_seed(seed, "prior pixels")), std::min(count, kColumns));
}

std::vector<std::string> reconstruct_kept(const KeptModel& model, const std::string& split_name, std::int64_t first,
                                          std::int64_t count) {
  KeptCell cell = open(model);
  const Split& split = cell.data->split(split_name);
  check_row(split, split_name, first);
  const std::int64_t end = std::min(split.size(), first + count);
  const auto means = posterior_means(cell, split).slice(0, first, end);
  if (!cell.is_text()) {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(end - first));
    std::iota(rows.begin(), rows.end(), first);
    return picture_lines(torch::cat({make_batch(split, rows).x, draw_images(cell.model, means, 0)}), end - first);
  }
  const auto decoded = decode(cell.model, means, longest_sentence(cell), 0.0, 0);
  std::vector<std::string> lines;
  for (std::int64_t row = first; row < end; ++row) {
    lines.push_back(fmt::format("{}\t{}", sentence_text(sentence_of(split, row), cell.words()),
                                sentence_text(decoded[static_cast<std::size_t>(row - first)], cell.words())));
  }
  return lines;
}

std::vector<std::string> interpolate_kept(const KeptModel& model, const std::string& split_name, std::int64_t from,
                                          std::int64_t to, std::int64_t steps) {
  KeptCell cell = open(model);
  const Split& split = cell.data->split(split_name);
  check_row(split, split_name, from);
  check_row(split, split_name, to);
  const auto means = posterior_means(cell, split);
  if (cell.is_text())
    return interpolation(cell.model, cell.words(), means[from], means[to], steps, longest_sentence(cell));
  return picture_lines(draw_images(cell.model, cell.model->way(means[from], means[to], steps), 0), steps);
}

}  // namespace klbench
