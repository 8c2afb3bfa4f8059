#include "engine/kept_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "config/study.h"
#include "core/error.h"
#include "core/files.h"
#include "data/dataset.h"
#include "metrics/samples.h"
#include "metrics/split_pass.h"
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
  const TextCorpus* corpus;
  Vae model;
};

KeptCell open(const KeptModel& kept) {
  const std::string path = kept.file.string();
  std::vector<PluginInfo> plugins;
  for (const auto& plugin : kept.plugins) plugins.push_back(load_here(plugin));
  const TensorFile file = parse_tensors(read_file(kept.file), path);
  if (file.texts.count("cell") == 0) throw UsageError(path + ": holds no cell's configuration");
  const CellConfig config = parse_cell(file.text("cell"), path, full_schema(plugin_specs(plugins)));
  if (!config.has_latent()) throw UsageError(path + ": is a language model without a latent variable");
  nn::set_precision(config.text("trainer.precision"));
  auto data = load_dataset(config);
  const auto* corpus = dynamic_cast<const TextCorpus*>(data.get());
  if (!corpus)
    throw UsageError(path + ": is a model of images, which this command cannot write; see the figure 'images'");
  Vae model = load_model(kept.file, config, *data);
  return {std::move(data), corpus, std::move(model)};
}

/// Posterior means of a split, [N, d].
torch::Tensor posterior_means(KeptCell& cell, const Split& split) { return encode_over(cell.model, split, {}).mu; }

/// Words of the longest sentence of the training split: where decoding ends.
std::int64_t longest_sentence(const KeptCell& cell) {
  const Sentences& train = cell.corpus->train;
  std::int64_t longest = 1;
  for (std::int64_t row = 0; row < train.size(); ++row) longest = std::max(longest, train.length(row));
  return longest;
}

void check_row(const Split& split, const std::string& name, std::int64_t row) {
  if (row < 0 || row >= split.size()) {
    throw UsageError(fmt::format("{} has the sentences 0 to {}, not {}", name, split.size() - 1, row));
  }
}

}  // namespace

std::vector<std::string> sample_kept(const KeptModel& model, std::int64_t count, double temperature,
                                     std::uint64_t seed) {
  KeptCell cell = open(model);
  return prior_samples(cell.model, cell.corpus->words, count, longest_sentence(cell), temperature, seed);
}

std::vector<std::string> reconstruct_kept(const KeptModel& model, const std::string& split_name, std::int64_t first,
                                          std::int64_t count) {
  KeptCell cell = open(model);
  const Split& split = cell.corpus->split(split_name);
  check_row(split, split_name, first);
  const std::int64_t end = std::min(split.size(), first + count);
  const auto decoded =
      decode(cell.model, posterior_means(cell, split).slice(0, first, end), longest_sentence(cell), 0.0, 0);
  std::vector<std::string> lines;
  for (std::int64_t row = first; row < end; ++row) {
    lines.push_back(fmt::format("{}\t{}", sentence_text(sentence_of(split, row), cell.corpus->words),
                                sentence_text(decoded[static_cast<std::size_t>(row - first)], cell.corpus->words)));
  }
  return lines;
}

std::vector<std::string> interpolate_kept(const KeptModel& model, const std::string& split_name, std::int64_t from,
                                          std::int64_t to, std::int64_t steps) {
  KeptCell cell = open(model);
  const Split& split = cell.corpus->split(split_name);
  check_row(split, split_name, from);
  check_row(split, split_name, to);
  const auto means = posterior_means(cell, split);
  return interpolation(cell.model, cell.corpus->words, means[from], means[to], steps, longest_sentence(cell));
}

}  // namespace klbench
