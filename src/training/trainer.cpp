#include "training/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/clock.h"
#include "metrics/evaluate.h"
#include "metrics/to_vector.h"
#include "training/device.h"

namespace klbench {

namespace {

torch::Device device_from(const std::string& name) {
  check_device(name);
  return torch::Device(name);
}

/// Where steps of `accumulate` batches begin; a last step of too few sentences joins the one before.
std::vector<std::int64_t> step_begins(const BatchList& batches, std::int64_t accumulate, std::int64_t batch_size) {
  std::vector<std::int64_t> begins;
  for (std::int64_t i = 0; i < batches.size(); i += accumulate) begins.push_back(i);
  std::size_t rest = 0;
  for (std::int64_t i = begins.back(); i < batches.size(); ++i) rest += batches.rows(i).size();
  const bool stands = static_cast<std::int64_t>(rest) >= least_remainder(accumulate * batch_size);
  if (accumulate > 1 && begins.size() > 1 && !stands) begins.pop_back();
  begins.push_back(batches.size());
  return begins;
}

constexpr ParameterGroup kGroups[] = {kEncoder, kDecoder, kOwn};

}  // namespace

Trainer::Trainer(const CellConfig& config, std::shared_ptr<const TextCorpus> corpus)
    : config_(config),
      corpus_(std::move(corpus)),
      seed_(static_cast<std::uint64_t>(config.integer("seed"))),
      device_(device_from(config.text("trainer.device"))),
      batches_(corpus_->train, config.integer("trainer.batch_size"), batching_from(config.text("trainer.batching")),
               derive_seed(seed_, "batches")),
      step_begins_(step_begins(batches_, config.integer("trainer.accumulate"), config.integer("trainer.batch_size"))),
      model_(config, static_cast<std::int64_t>(corpus_->words.size()), seed_) {
  model_->to(device_);
  std::vector<std::vector<torch::Tensor>> groups;
  for (const auto group : kGroups) groups.push_back(model_->group(group));
  optimizer_ = std::make_unique<Optimizer>(std::move(groups), optimizer_kind(config.text("trainer.optimizer")),
                                           config.real("trainer.lr"), config.real("trainer.momentum"),
                                           config.real("trainer.clip"));
  progress_.steps_per_epoch = static_cast<std::int64_t>(step_begins_.size()) - 1;
  const std::int64_t steps = config.integer("trainer.steps");
  planned_steps_ = steps > 0 ? steps : config.integer("trainer.epochs") * progress_.steps_per_epoch;
  progress_.epochs = (planned_steps_ + progress_.steps_per_epoch - 1) / progress_.steps_per_epoch;
}

/// The batches that make step `index`, joined: statistics, loss and gradient are over all of them.
Batch Trainer::step_batch(std::int64_t index) const {
  const auto step = static_cast<std::size_t>(index);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = step_begins_[step]; i < step_begins_[step + 1]; ++i) {
    rows.insert(rows.end(), batches_.rows(i).begin(), batches_.rows(i).end());
  }
  return make_batch(corpus_->train, rows).to(device_);
}

std::int64_t Trainer::random_batch() {
  return static_cast<std::int64_t>(uniform_below(batch_rng_, static_cast<std::uint64_t>(progress_.steps_per_epoch)));
}

void Trainer::observe(const PosteriorPair& posterior, const torch::Tensor& kl, const RawPosterior& raw) {
  const torch::NoGradGuard no_grad;
  const auto start = Clock::now();
  const auto& q = posterior.kl;
  const auto mu_mean = q.mu.mean(0, false, torch::kFloat64).cpu();
  const auto second = (q.mu.square() + q.log_var.exp()).mean(0, false, torch::kFloat64).cpu();
  sums_.mu_mean = sums_.mu_mean.defined() ? sums_.mu_mean + mu_mean : mu_mean;
  sums_.second_moment = sums_.second_moment.defined() ? sums_.second_moment + second : second;
  const auto floor = model_->remedy().kl_floor({raw, q});
  if (floor.defined()) {
    sums_.floor += floors_.observe(kl, floor);
    ++sums_.floor_batches;
  }
  diagnostics_seconds_ += seconds_since(start);
}

Trainer::Forward Trainer::latent_forward(const Batch& batch, double kl_scale) {
  auto& remedy = model_->remedy();
  const RawPosterior raw = model_->encode(batch);
  const PosteriorPair posterior = remedy.posterior(raw, progress_);
  const auto kl = family_of(posterior.kl).kl(posterior.kl);
  const auto& q = posterior.for_decoder();
  const auto z = family_of(q).sample(q, torch::randn_like(q.mu));
  const auto rec = model_->reconstruct(batch, z, progress_);
  const auto penalty = remedy.kl_penalty(kl, progress_);
  auto total = rec_weight_ * rec.mean() + kl_weight_ * kl_scale * penalty.mean();
  const auto extra = remedy.extra_loss({batch.tokens, posterior, z, rec, kl}, progress_);
  if (extra.defined()) total = total + extra;
  observe(posterior, kl, raw);
  return {total, {total.item<double>(), rec.mean().item<double>(), kl.sum(1).mean().item<double>(), 0, 0}};
}

Trainer::Forward Trainer::forward(std::int64_t index, double kl_scale) {
  const Batch batch = step_batch(index);
  Forward result;
  if (model_->has_latent()) {
    result = latent_forward(batch, kl_scale);
  } else {
    result.total = model_->reconstruct(batch, {}, progress_).mean();
    result.values.total = result.values.rec = result.total.item<double>();
  }
  result.values.examples = batch.size();
  result.values.tokens = batch.predicted_tokens();
  return result;
}

/// Parameters outside the moving groups, and frozen ones, take no part in the graph.
void Trainer::set_trainable() {
  for (const auto group : kGroups) {
    const bool trainable = (moving_ & group) != 0 && (frozen_ & group) == 0;
    for (auto& parameter : model_->group(group)) parameter.requires_grad_(trainable);
  }
}

TrainContext::Loss Trainer::update(std::int64_t index, unsigned groups, double kl_scale) {
  model_->train();
  if (moving_ != groups) {
    moving_ = groups;
    set_trainable();
  }
  optimizer_->zero_grad();
  const Forward result = forward(index, kl_scale);
  if (!std::isfinite(result.values.total)) throw Diverged(progress_.step, "loss", result.values.total);
  if (result.total.requires_grad()) result.total.backward();
  const double norm = optimizer_->step(groups);
  if (!std::isfinite(norm)) throw Diverged(progress_.step, "gradient norm", norm);
  const auto examples = static_cast<double>(result.values.examples);
  sums_.loss += result.values.total * examples;
  sums_.rec += result.values.rec * examples;
  sums_.kl += result.values.kl * examples;
  sums_.examples += result.values.examples;
  sums_.kl_weight += kl_weight_;
  sums_.grad_norm += norm;
  ++sums_.batches;
  tokens_seen_ += result.values.tokens;
  last_loss_ = result.values;
  return result.values;
}

TrainContext::Loss Trainer::loss(std::int64_t index) {
  const torch::NoGradGuard no_grad;
  model_->train();
  return forward(index, 1.0).values;
}

void Trainer::step(std::int64_t index) {
  torch::manual_seed(derive_seed(seed_, "step", static_cast<std::uint64_t>(progress_.step)));
  batch_rng_.seed(derive_seed(seed_, "random_batch", static_cast<std::uint64_t>(progress_.step)));
  batch_ = index;
  if (!model_->has_latent()) {
    update(index, kAllGroups, 1.0);
  } else {
    auto& remedy = model_->remedy();
    kl_weight_ = remedy.kl_weight(progress_, last_);
    rec_weight_ = remedy.rec_weight(progress_, last_);
    if (!remedy.train_step(*this)) update(index, kAllGroups, 1.0);
  }
  last_["batch/rec"] = last_loss_.rec;
  last_["batch/kl"] = last_loss_.kl;
  ++progress_.step;
}

bool Trainer::train_epoch(const std::function<bool()>& after_step) {
  const std::int64_t first = progress_.epoch * progress_.steps_per_epoch;
  if (progress_.step == first) {
    sums_ = {};
    if (model_->has_latent()) model_->remedy().on_epoch_begin(*this);
  }
  // A permutation of the steps' batches; a function of seed and epoch.
  Rng rng(derive_seed(seed_, "order", static_cast<std::uint64_t>(progress_.epoch)));
  order_.resize(static_cast<std::size_t>(progress_.steps_per_epoch));
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::int64_t>(i);
  shuffle(order_, rng);

  const std::int64_t end = std::min(first + progress_.steps_per_epoch, planned_steps_);
  while (progress_.step < end) {
    step(order_[static_cast<std::size_t>(progress_.step - first)]);
    if (!after_step() && progress_.step < end) return false;
  }
  ++progress_.epoch;
  return true;
}

std::map<std::string, double> Trainer::epoch_means() const {
  const auto examples = static_cast<double>(sums_.examples);
  const auto batches = static_cast<double>(sums_.batches);
  std::map<std::string, double> means{{"loss", sums_.loss / examples},
                                      {"rec", sums_.rec / examples},
                                      {"grad_norm", sums_.grad_norm / batches},
                                      {"lr", optimizer_->lr()}};
  if (model_->has_latent()) {
    means["kl"] = sums_.kl / examples;
    means["elbo"] = -(sums_.rec + sums_.kl) / examples;
    means["kl_weight"] = sums_.kl_weight / batches;
    if (sums_.floor_batches > 0) means["floor"] = sums_.floor / static_cast<double>(sums_.floor_batches);
  }
  return means;
}

std::map<std::string, std::vector<double>> Trainer::epoch_diagnostics() {
  std::map<std::string, std::vector<double>> all;
  if (!model_->has_latent()) return all;
  const auto batches = static_cast<double>(sums_.batches);
  all["batch_mu_mean"] = to_vector(sums_.mu_mean / batches);
  all["batch_second_moment"] = to_vector(sums_.second_moment / batches);
  for (const auto& [name, tensor] : model_->remedy().diagnostics()) all[name] = to_vector(tensor);
  return all;
}

void Trainer::tell_remedy(const Metrics& numbers) {
  for (const auto& [name, value] : numbers) last_[name] = value;
  if (model_->has_latent()) model_->remedy().on_epoch_end(*this, last_);
}

void Trainer::gather_statistics() {
  if (!model_->has_latent() || !model_->remedy().uses_batch_statistics()) return;
  const torch::NoGradGuard no_grad;
  model_->eval();
  auto& remedy = model_->remedy();
  Progress progress = progress_;
  progress.mode = Progress::Mode::collect;
  remedy.begin_statistics();
  for (std::int64_t i = 0; i < batches_.size(); ++i) model_->posterior(batches_.batch(i).to(device_), progress);
  remedy.end_statistics();
}

EvaluationOptions evaluation_options(const CellConfig& config, bool with_nll) {
  EvaluationOptions options;
  options.seed = derive_seed(static_cast<std::uint64_t>(config.integer("seed")), "evaluation");
  options.batch_size = config.integer("eval.batch_size");
  options.mi_samples = config.integer("eval.mi_samples");
  options.nll_samples = config.integer("eval.nll_samples");
  options.nll_examples = config.integer("eval.nll_examples");
  options.nll_tolerance = config.real("eval.nll_tolerance");
  options.with_nll = with_nll;
  options.progress.mode = Progress::Mode::eval;
  return options;
}

EvaluationOptions Trainer::evaluation(bool with_nll, Progress::Mode mode) const {
  EvaluationOptions options = evaluation_options(config_, with_nll);
  options.progress = progress_;
  options.progress.mode = mode;
  return options;
}

double Trainer::schedule_epochs() const {
  return model_->has_latent() ? model_->remedy().schedule_epochs(progress_) : 0.0;
}

void Trainer::reset_parameters(ParameterGroup group) {
  model_->reset(group, derive_seed(seed_, "reset", static_cast<std::uint64_t>(progress_.step)));
  optimizer_->clear_state(group);
}

void Trainer::freeze(ParameterGroup group, bool frozen) {
  frozen_ = frozen ? frozen_ | group : frozen_ & ~static_cast<unsigned>(group);
  set_trainable();
}

double Trainer::valid_mi() {
  gather_statistics();
  return evaluate_mi(model_, corpus_->valid, evaluation(false));
}

}  // namespace klbench
