#include "training/sidecars.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/rng.h"
#include "metrics/samples.h"
#include "metrics/split_pass.h"
#include "metrics/to_vector.h"
#include "storage/hdf5.h"
#include "training/tensor_file.h"
#include "training/weights.h"

namespace klbench {

namespace {

constexpr std::int64_t kInterpolationSteps = 7;

std::int64_t longest(const Split& split) {
  std::int64_t length = 1;
  for (std::int64_t i = 0; i < split.size(); ++i) length = std::max(length, split.length(i));
  return length;
}

}  // namespace

void keep_model(const std::filesystem::path& path, const std::map<std::string, torch::Tensor>& weights,
                const CellConfig& config) {
  TensorFile file;
  file.tensors = weights;
  file.texts["cell"] = config.of_result().canonical();
  write_file_durably(path, EncodedTensors(file).pieces());
}

Vae load_model(const std::filesystem::path& path, const CellConfig& config, const Dataset& data) {
  const auto file = parse_tensors(read_file(path), path.string());
  Vae model(config, facts_for_model(data), 0);
  set_weights(*model, file.tensors);
  return model;
}

void keep_files(const KeptFiles& keep, const CellFiles& files, Vae& model, const Dataset& data,
                const CellConfig& config, const EvaluationOptions& options) {
  if (keep.model) keep_model(files.model(), copy_weights(*model), config);
  if (keep.latents) keep_latents(files.latents(), model, data, options);
  if (keep.samples > 0) keep_samples(files.samples(), model, data, keep.samples, options);
}

void keep_latents(const std::filesystem::path& path, Vae& model, const Dataset& data,
                  const EvaluationOptions& options) {
  hdf5::Writer writer(path.string());
  for (const char* name : {"train", "valid", "test"}) {
    const Split& split = data.split(name);
    const auto pass = encode_over(model, split, options);
    const std::vector<std::size_t> shape{static_cast<std::size_t>(pass.mu.size(0)),
                                         static_cast<std::size_t>(pass.mu.size(1))};
    auto group = writer.root().create_group(name);
    group.create("mu", to_vector(pass.mu), shape);
    const auto& q = pass.decoder_posterior;
    q.family ? group.create("z", to_vector(pass.z), shape) : group.create("log_var", to_vector(q.log_var), shape);
    if (!split.labels.empty()) {
      group.create("label", std::vector<std::int64_t>(split.labels.begin(), split.labels.end()));
    }
  }
  write_file_durably(path, writer.image());
}

void keep_samples(const std::filesystem::path& path, Vae& model, const Dataset& data, std::int64_t count,
                  const EvaluationOptions& options) {
  const TextCorpus& corpus = text_of(data);
  const std::int64_t length = longest(corpus.test);
  const auto mu = encode_over(model, corpus.test, options).mu;
  const auto rows = fixed_subset(corpus.test.size(), 2 * count);
  std::string text = "# reconstructions: a test sentence, then the greedy decoding of its posterior mean\n";
  const std::int64_t pairs = static_cast<std::int64_t>(rows.size()) / 2;
  for (std::int64_t i = 0; i < pairs; ++i) {
    const std::int64_t row = rows[static_cast<std::size_t>(i)];
    const auto decoded = decode(model, mu[row].unsqueeze(0), length, 0.0, 0);
    text += fmt::format("{}\n  {}\n", sentence_text(sentence_of(corpus.test, row), corpus.words),
                        sentence_text(decoded.at(0), corpus.words));
  }
  text += "\n# samples from the prior, temperature 1\n";
  for (const auto& sample :
       prior_samples(model, corpus.words, count, length, 1.0, derive_seed(options.seed, "samples"))) {
    text += sample + "\n";
  }
  text += "\n# interpolations between the posterior means of two test sentences\n";
  for (std::int64_t i = 0; i < pairs; ++i) {
    const auto from = mu[rows[static_cast<std::size_t>(2 * i)]];
    const auto to = mu[rows[static_cast<std::size_t>(2 * i + 1)]];
    for (const auto& step : interpolation(model, corpus.words, from, to, kInterpolationSteps, length)) {
      text += step + "\n";
    }
    text += "\n";
  }
  write_file_durably(path, text);
}

}  // namespace klbench
