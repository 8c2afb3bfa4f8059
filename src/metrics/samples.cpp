#include "metrics/samples.h"

#include <fmt/ranges.h>

#include "core/rng.h"
#include "metrics/noise.h"

namespace klbench {

namespace {

std::vector<std::string> texts(const std::vector<std::vector<std::int32_t>>& sentences,
                               const std::vector<std::string>& words) {
  std::vector<std::string> lines;
  for (const auto& ids : sentences) lines.push_back(sentence_text(ids, words));
  return lines;
}

}  // namespace

std::string sentence_text(const std::vector<std::int32_t>& ids, const std::vector<std::string>& words) {
  std::vector<std::string> text;
  for (const auto id : ids) text.push_back(words.at(static_cast<std::size_t>(id)));
  return fmt::format("{}", fmt::join(text, " "));
}

std::vector<std::int32_t> sentence_of(const Split& split, std::int64_t row) {
  const auto& text = dynamic_cast<const Sentences&>(split);
  const auto i = static_cast<std::size_t>(row);
  return {text.tokens.begin() + text.offsets[i], text.tokens.begin() + text.offsets[i + 1]};
}

std::vector<std::vector<std::int32_t>> decode(Vae& model, const torch::Tensor& z, std::int64_t max_length,
                                              double temperature, std::uint64_t seed) {
  const EvaluationMode evaluation(*model);
  return model->text_decoder().generate(z.to(device_of(*model)), max_length, temperature, cpu_generator(seed));
}

torch::Tensor prior_draws(Vae& model, std::int64_t count, std::uint64_t seed) {
  const EvaluationMode evaluation(*model);
  return model->prior().sample(count, cpu_generator(derive_seed(seed, "prior z")));
}

std::vector<std::string> prior_samples(Vae& model, const std::vector<std::string>& words, std::int64_t count,
                                       std::int64_t max_length, double temperature, std::uint64_t seed) {
  const auto z = prior_draws(model, count, seed);
  return texts(decode(model, z, max_length, temperature, derive_seed(seed, "prior words")), words);
}

std::vector<std::string> interpolation(Vae& model, const std::vector<std::string>& words, const torch::Tensor& from,
                                       const torch::Tensor& to, std::int64_t steps, std::int64_t max_length) {
  return texts(decode(model, model->way(from, to, steps), max_length, 0, 0), words);
}

}  // namespace klbench
