#include "regularizers/stack.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace klbench {

namespace {

/// Either may be undefined: nothing.
torch::Tensor sum_of(const torch::Tensor& a, const torch::Tensor& b) {
  return a.defined() && b.defined() ? a + b : a.defined() ? a : b;
}

}  // namespace

RegularizerStack::RegularizerStack(const std::vector<Part>& parts, const ModelFacts& model) {
  const auto& registry = RegularizerRegistry::instance();
  std::vector<const ComponentSpec*> specs;
  for (const auto& part : parts) specs.push_back(&registry.find(part.key).spec);
  check_composition(specs);
  for (const auto& part : parts) {
    const auto& [spec, hooks, make] = registry.find(part.key);
    parts_.push_back({part.key, hooks, make(Options(spec, part.options.values()), model)});
    register_module(part.key, parts_.back().part);
  }
}

PosteriorPair RegularizerStack::posterior(const RawPosterior& raw, const Progress& progress) {
  return transform(raw, {{raw.mu, raw.scale}, std::nullopt}, progress);
}

PosteriorPair RegularizerStack::transform(const RawPosterior& raw, PosteriorPair posterior, const Progress& progress) {
  for (auto& [key, hooks, part] : parts_) posterior = part->transform(raw, std::move(posterior), progress);
  return posterior;
}

PosteriorPair RegularizerStack::refine(PosteriorPair posterior, const std::shared_ptr<BatchModel>& model,
                                       const Progress& progress) {
  for (auto& [key, hooks, part] : parts_) posterior = part->refine(std::move(posterior), model, progress);
  return posterior;
}

void RegularizerStack::begin_statistics() {
  for (auto& [key, hooks, part] : parts_) part->begin_statistics();
}

void RegularizerStack::end_statistics() {
  for (auto& [key, hooks, part] : parts_) part->end_statistics();
}

bool RegularizerStack::uses_batch_statistics() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Named& p) { return p.hooks.statistics; });
}

torch::Tensor RegularizerStack::kl_penalty(const LossTerms& terms, const Progress& progress) {
  for (auto& [key, hooks, part] : parts_)
    if (hooks.kl_penalty) return part->kl_penalty(terms, progress);
  return Regularizer::kl_penalty(terms, progress);
}

double RegularizerStack::kl_weight(const Progress& progress, const Metrics& last) {
  double weight = 1.0;
  for (auto& [key, hooks, part] : parts_) weight *= part->kl_weight(progress, last);
  return weight;
}

double RegularizerStack::rec_weight(const Progress& progress, const Metrics& last) {
  double weight = 1.0;
  for (auto& [key, hooks, part] : parts_) weight *= part->rec_weight(progress, last);
  return weight;
}

torch::Tensor RegularizerStack::extra_loss(const LossTerms& terms, const Progress& progress) {
  torch::Tensor sum;
  for (auto& [key, hooks, part] : parts_) sum = sum_of(sum, part->extra_loss(terms, progress));
  return sum;
}

torch::Tensor RegularizerStack::model_loss(const LossTerms& terms, BatchModel& model, const Progress& progress) {
  torch::Tensor sum;
  for (auto& [key, hooks, part] : parts_) sum = sum_of(sum, part->model_loss(terms, model, progress));
  return sum;
}

bool RegularizerStack::train_step(TrainContext& context) {
  return std::any_of(parts_.begin(), parts_.end(), [&](Named& p) { return p.part->train_step(context); });
}

void RegularizerStack::on_epoch_begin(TrainContext& context) {
  for (auto& [key, hooks, part] : parts_) part->on_epoch_begin(context);
}

void RegularizerStack::on_epoch_end(TrainContext& context, const Metrics& last) {
  for (auto& [key, hooks, part] : parts_) part->on_epoch_end(context, last);
}

torch::Tensor RegularizerStack::decoder_input(torch::Tensor tokens, const Progress& progress) {
  for (auto& [key, hooks, part] : parts_) tokens = part->decoder_input(std::move(tokens), progress);
  return tokens;
}

bool RegularizerStack::skip_decoder() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Named& p) { return p.part->skip_decoder(); });
}

std::string RegularizerStack::encoder_pooling() const {
  for (const auto& [key, hooks, part] : parts_)
    if (hooks.encoder_pooling) return part->encoder_pooling();
  return Regularizer::encoder_pooling();
}

torch::Tensor RegularizerStack::kl_floor(const BatchState& state) {
  torch::Tensor highest;
  for (auto& [key, hooks, part] : parts_) {
    const auto floor = part->kl_floor(state);
    if (floor.defined()) highest = highest.defined() ? torch::maximum(highest, floor) : floor;
  }
  return highest;
}

torch::Tensor RegularizerStack::normalised_moment(const BatchState& state) {
  torch::Tensor lowest;
  for (auto& [key, hooks, part] : parts_) {
    const auto moment = part->normalised_moment(state);
    if (moment.defined()) lowest = lowest.defined() ? torch::minimum(lowest, moment) : moment;
  }
  return lowest;
}

double RegularizerStack::kl_floor_nominal(std::int64_t d) const {
  double highest = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [key, hooks, part] : parts_) highest = std::fmax(highest, part->kl_floor_nominal(d));
  return highest;
}

std::map<std::string, torch::Tensor> RegularizerStack::diagnostics() {
  std::map<std::string, torch::Tensor> all;
  for (auto& [key, hooks, part] : parts_)
    for (auto& [name, tensor] : part->diagnostics()) all.emplace(key + "." + name, tensor);
  return all;
}

double RegularizerStack::schedule_epochs(const Progress& progress) const {
  double epochs = 0;
  for (const auto& [key, hooks, part] : parts_) epochs = std::max(epochs, part->schedule_epochs(progress));
  return epochs;
}

void RegularizerStack::save_state(torch::serialize::OutputArchive& archive) const {
  for (const auto& [key, hooks, part] : parts_) {
    torch::serialize::OutputArchive child(archive.compilation_unit());
    part->save_state(child);
    archive.write(key, child);
  }
}

void RegularizerStack::load_state(torch::serialize::InputArchive& archive) {
  for (auto& [key, hooks, part] : parts_) {
    torch::serialize::InputArchive child;
    archive.read(key, child);
    part->load_state(child);
  }
}

}  // namespace klbench
