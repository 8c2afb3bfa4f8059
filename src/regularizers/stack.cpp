#include "regularizers/stack.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "regularizers/registry.h"

namespace klbench {

namespace {

bool replaces(const std::vector<std::string>& roles, const char* role) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

}  // namespace

RegularizerStack::RegularizerStack(const std::vector<Part>& parts, std::int64_t latent_dim) {
  const auto& registry = RegularizerRegistry::instance();
  std::vector<const ComponentSpec*> specs;
  for (const auto& part : parts) specs.push_back(&registry.find(part.key).spec);
  check_composition(specs);
  for (const auto& part : parts) {
    const auto& [spec, make] = registry.find(part.key);
    parts_.push_back({part.key, spec.replaces, make(Options(spec, part.options.values()), latent_dim)});
    register_module(part.key, parts_.back().part);
  }
}

PosteriorPair RegularizerStack::posterior(const RawPosterior& raw, const Progress& progress) {
  return transform(raw, {{raw.mu, raw.scale}, std::nullopt}, progress);
}

PosteriorPair RegularizerStack::transform(const RawPosterior& raw, PosteriorPair posterior, const Progress& progress) {
  for (auto& [key, roles, part] : parts_) posterior = part->transform(raw, std::move(posterior), progress);
  return posterior;
}

void RegularizerStack::begin_statistics() {
  for (auto& [key, roles, part] : parts_) part->begin_statistics();
}

void RegularizerStack::end_statistics() {
  for (auto& [key, roles, part] : parts_) part->end_statistics();
}

bool RegularizerStack::uses_batch_statistics() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Named& p) { return p.part->uses_batch_statistics(); });
}

torch::Tensor RegularizerStack::kl_penalty(const torch::Tensor& kl, const Progress& progress) {
  for (auto& [key, roles, part] : parts_)
    if (replaces(roles, "kl_penalty")) return part->kl_penalty(kl, progress);
  return Regularizer::kl_penalty(kl, progress);
}

double RegularizerStack::kl_weight(const Progress& progress, const Metrics& last) {
  double weight = 1.0;
  for (auto& [key, roles, part] : parts_) weight *= part->kl_weight(progress, last);
  return weight;
}

double RegularizerStack::rec_weight(const Progress& progress, const Metrics& last) {
  double weight = 1.0;
  for (auto& [key, roles, part] : parts_) weight *= part->rec_weight(progress, last);
  return weight;
}

torch::Tensor RegularizerStack::extra_loss(const LossTerms& terms, const Progress& progress) {
  torch::Tensor sum;
  for (auto& [key, roles, part] : parts_) {
    const auto term = part->extra_loss(terms, progress);
    if (term.defined()) sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

bool RegularizerStack::train_step(TrainContext& context) {
  return std::any_of(parts_.begin(), parts_.end(), [&](Named& p) { return p.part->train_step(context); });
}

void RegularizerStack::on_epoch_begin(TrainContext& context) {
  for (auto& [key, roles, part] : parts_) part->on_epoch_begin(context);
}

void RegularizerStack::on_epoch_end(TrainContext& context, const Metrics& last) {
  for (auto& [key, roles, part] : parts_) part->on_epoch_end(context, last);
}

torch::Tensor RegularizerStack::decoder_input(torch::Tensor tokens, const Progress& progress) {
  for (auto& [key, roles, part] : parts_) tokens = part->decoder_input(std::move(tokens), progress);
  return tokens;
}

bool RegularizerStack::skip_decoder() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Named& p) { return p.part->skip_decoder(); });
}

std::string RegularizerStack::encoder_pooling() const {
  for (const auto& [key, roles, part] : parts_)
    if (replaces(roles, "encoder_pooling")) return part->encoder_pooling();
  return Regularizer::encoder_pooling();
}

torch::Tensor RegularizerStack::kl_floor(const BatchState& state) {
  torch::Tensor highest;
  for (auto& [key, roles, part] : parts_) {
    const auto floor = part->kl_floor(state);
    if (floor.defined()) highest = highest.defined() ? torch::maximum(highest, floor) : floor;
  }
  return highest;
}

double RegularizerStack::kl_floor_nominal(std::int64_t d) const {
  double highest = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [key, roles, part] : parts_) highest = std::fmax(highest, part->kl_floor_nominal(d));
  return highest;
}

std::map<std::string, torch::Tensor> RegularizerStack::diagnostics() {
  std::map<std::string, torch::Tensor> all;
  for (auto& [key, roles, part] : parts_)
    for (auto& [name, tensor] : part->diagnostics()) all.emplace(key + "." + name, tensor);
  return all;
}

double RegularizerStack::schedule_epochs(const Progress& progress) const {
  double epochs = 0;
  for (const auto& [key, roles, part] : parts_) epochs = std::max(epochs, part->schedule_epochs(progress));
  return epochs;
}

void RegularizerStack::save_state(torch::serialize::OutputArchive& archive) const {
  for (const auto& [key, roles, part] : parts_) {
    torch::serialize::OutputArchive child(archive.compilation_unit());
    part->save_state(child);
    archive.write(key, child);
  }
}

void RegularizerStack::load_state(torch::serialize::InputArchive& archive) {
  for (auto& [key, roles, part] : parts_) {
    torch::serialize::InputArchive child;
    archive.read(key, child);
    part->load_state(child);
  }
}

}  // namespace klbench
