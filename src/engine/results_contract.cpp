#include "engine/results_contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <set>

#include "config/figures.h"
#include "config/schema.h"
#include "core/error.h"
#include "core/special_words.h"
#include "metrics/evaluate.h"
#include "metrics/metric.h"
#include "plotting/plot.h"
#include "regularizers/registry.h"
#include "sweep/forecast_cell.h"

namespace klbench {

namespace {

constexpr std::int64_t kLatentDim = 3, kVocabulary = 20, kExamples = 12, kHeight = 4;
constexpr double kStandardErrors = 6;  ///< standard errors that an estimate may be off

/// Every core option at its default, `encoder` and `decoder` of a few units, the plain remedy.
CellConfig small_config(const char* encoder, const char* decoder, std::int64_t latent_dim) {
  CellConfig config;
  for (const auto& option : core_options()) config.values[option.name] = option.default_value;
  config.values["model.latent_dim"] = latent_dim;
  const auto add = [&](const std::string& section, const ComponentSpec& spec) {
    config.values[section + ".name"] = spec.key;
    for (const auto& option : spec.options) {
      const bool size = option.name == "hidden_dim" || option.name == "embedding_dim";
      config.values[section + "." + option.name] = size ? Value(std::int64_t{8}) : option.default_value;
    }
  };
  add("model.decoder", DecoderRegistry::instance().find(decoder).spec);
  if (latent_dim == 0) return config;
  add("model.encoder", EncoderRegistry::instance().find(encoder).spec);
  config.regularizer = {{"vae", Options(RegularizerRegistry::instance().find("vae").spec, {})}};
  return config;
}

/// The same examples in every split, of two labels.
std::unique_ptr<Dataset> small_data(bool images) {
  const auto label = [](Split& split) {
    for (std::int32_t i = 0; i < kExamples; ++i) split.labels.push_back(i % 2);
  };
  if (images) {
    auto data = std::make_unique<ImageCorpus>();
    Images& split = data->test;
    split.shape = data->shape = {1, kHeight, kHeight};
    for (std::int64_t i = 0; i < kExamples * kHeight * kHeight; ++i) split.pixels.push_back(i * i % 7 < 3 ? 255 : 0);
    label(split);
    data->train = data->valid = split;
    return data;
  }
  auto data = std::make_unique<TextCorpus>();
  for (std::int64_t word = 0; word < kVocabulary; ++word) data->words.push_back(fmt::format("word{}", word));
  Sentences& split = data->test;
  for (std::int64_t i = 0; i < kExamples; ++i) {
    for (std::int64_t word = 0; word < 2 + i % 4; ++word)
      split.tokens.push_back(static_cast<std::int32_t>(kUnknown + 1 + (i * i + word) % (kVocabulary - kUnknown - 1)));
    split.offsets.push_back(static_cast<std::int64_t>(split.tokens.size()));
  }
  label(split);
  data->train = data->valid = split;
  return data;
}

/// A second posterior no plain model has.
bool is_measured(const ComponentSpec& spec) {
  return std::find(spec.needs.begin(), spec.needs.end(), kTwoPosteriors) == spec.needs.end();
}

/// Metrics against what small models give.
class MetricContract {
 public:
  explicit MetricContract(const ComponentSpecs& metrics) : metrics_(metrics) {}

  std::vector<std::string> broken() {
    try {
      measure(false, kLatentDim);
      measure(true, kLatentDim);
      measure(false, 0);
    } catch (const std::exception& error) {
      const std::string text = error.what();  // LibTorch's are long
      return {"an evaluation with these metrics fails: " + text.substr(0, text.find('\n'))};
    }
    for (const auto& [key, spec] : metrics_) {
      if (is_measured(spec) && !seen_.contains(key)) note(key, "it is measured of no model, of text or images");
    }
    return std::move(found_);
  }

 private:
  void note(const std::string& key, const std::string& sentence) {
    const std::string line = fmt::format("metric {}: {}", key, sentence);
    if (std::find(found_.begin(), found_.end(), line) == found_.end()) found_.push_back(line);
  }

  void measure(bool images, std::int64_t latent_dim) {
    const auto data = small_data(images);
    const char* parts = images ? "mlp" : "lstm";
    ModelFacts facts{.vocabulary = images ? 0 : kVocabulary};
    if (images) facts.image = {1, kHeight, kHeight};
    Vae model(small_config(parts, parts, latent_dim), facts, 1);
    EvaluationOptions options{.seed = 7, .nll_samples = 5};
    for (const auto& [key, spec] : metrics_) {
      for (const auto& need : spec.needs) {
        if (need.find('.') != std::string::npos) options.asked.insert(need);
      }
    }
    torch::manual_seed(1);
    const auto first = evaluate(model, data->split("test"), options, data.get());
    torch::manual_seed(2);
    const auto again = evaluate(model, data->split("test"), options, data.get());
    for (const auto& [key, spec] : metrics_) {
      const auto metric = first.find(key), other = again.find(key);
      if (metric == first.end()) continue;
      seen_.insert(key);
      check(spec, metric->second, latent_dim);
      if (other == again.end() || other->second.values != metric->second.values)
        note(key, "it is no function of the request: measured again it is another");
    }
  }

  void check(const ComponentSpec& spec, const FinalMetric& metric, std::int64_t latent_dim) {
    const auto wanted = spec.by_dimension ? static_cast<std::size_t>(latent_dim) : 1;
    if (metric.values.size() != wanted) note(spec.key, spec.by_dimension ? "not [d] values" : "not one value");
    const auto error = metric.attributes.find("error");
    const double room = error == metric.attributes.end() ? 1e-6 : kStandardErrors * std::get<double>(error->second);
    for (const double value : metric.values) {
      if (!std::isfinite(value)) note(spec.key, "a value is not finite");
      if (value < spec.least - room || value > spec.most + room)
        note(spec.key, "a value lies beyond its least or most");
    }
    for (const char* name : {"estimator", "examples"}) {
      if (!metric.attributes.contains(name)) note(spec.key, fmt::format("no attribute '{}'", name));
    }
    if (!metric.examples.empty()) check_examples(spec, metric);
  }

  void check_examples(const ComponentSpec& spec, const FinalMetric& metric) {
    double sum = 0, count = 0;
    for (const float value : metric.examples) {
      if (std::isnan(value)) continue;
      sum += static_cast<double>(value);
      ++count;
    }
    if (static_cast<std::int64_t>(metric.examples.size()) != kExamples || metric.values.size() != 1)
      return note(spec.key, "its examples are not those of the split");
    const double mean = sum / count, value = metric.values[0];
    if (std::abs(mean - value) > 1e-4 * std::max(1.0, std::abs(value)))
      note(spec.key, "its value is not the mean of its examples");
  }

  const ComponentSpecs& metrics_;
  std::set<std::string> seen_;
  std::vector<std::string> found_;
};

/// Text and its language model with two seeds each and another latent dimension, an epoch long; numbers mean nothing.
StudyResult small_study() {
  StudyResult study;
  study.name = "small";
  for (const std::int64_t latent_dim : {kLatentDim, kLatentDim + 1, std::int64_t{0}}) {
    for (const std::int64_t seed : {0, 1}) {
      auto config = small_config("lstm", "lstm", latent_dim);
      config.values["seed"] = seed;
      study.cells.push_back(forecast_cell(config, {100, kExamples, kExamples, true}, /*least=*/true));
      study.cells.back().id = fmt::format("cell{}", study.cells.size());
    }
  }
  return study;
}

}  // namespace

std::vector<std::string> broken_metrics(const ComponentSpecs& metrics) {
  return metrics.empty() ? std::vector<std::string>() : MetricContract(metrics).broken();
}

std::vector<std::string> broken_figures(const ComponentSpecs& figures) {
  std::vector<std::string> found;
  if (figures.empty()) return found;
  know_metrics(MetricRegistry::instance().specs());
  const StudyResult study = small_study();
  for (const auto& [key, spec] : figures) {
    const FigureKind& kind = FigureRegistry::instance().find(key);
    FigureSpec figure;
    figure.name = key;
    figure.kind = key;
    if (std::find(kind.wants.begin(), kind.wants.end(), "metric") != kind.wants.end()) figure.metrics = {"kl"};
    figure.over = "model.latent_dim";
    if (kind.by_epoch) figure.split = "valid";
    try {
      check_figure(study, figure);
    } catch (const UsageError&) {  // what it lacks, it says
    } catch (const std::exception& error) {
      found.push_back(fmt::format("figure kind {}: made from a small study it fails: {}", key, one_line(error.what())));
    }
  }
  return found;
}

}  // namespace klbench
