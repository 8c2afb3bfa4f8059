#include "training/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "metrics/evaluate.h"
#include "metrics/split_pass.h"
#include "metrics/to_vector.h"
#include "storage/records.h"
#include "training/device.h"

namespace klbench {

namespace {

/// Rows of every step: `accumulate` batches each; a last step of too few sentences joins the one before.
std::vector<std::vector<std::int64_t>> join_batches(const BatchList& batches, std::int64_t accumulate,
                                                    std::int64_t batch_size) {
  std::vector<std::vector<std::int64_t>> steps;
  for (std::int64_t i = 0; i < batches.size(); ++i) {
    if (i % accumulate == 0) steps.emplace_back();
    steps.back().insert(steps.back().end(), batches.rows(i).begin(), batches.rows(i).end());
  }
  const bool stands = static_cast<std::int64_t>(steps.back().size()) >= least_remainder(accumulate * batch_size);
  if (accumulate > 1 && steps.size() > 1 && !stands) {
    auto& before = steps[steps.size() - 2];
    before.insert(before.end(), steps.back().begin(), steps.back().end());
    steps.pop_back();
  }
  return steps;
}

constexpr std::int64_t kFirstSteps = 10;
constexpr ParameterGroup kGroups[] = {kEncoder, kDecoder, kOwn};

/// A schedule that depends on the planned epochs wants them whole, as it would else be of more steps than are trained.
void check_schedule(const RegularizerStack& remedy, const Progress& progress, std::int64_t steps,
                    const std::string& method) {
  Progress longer = progress;
  longer.epochs *= 2;
  if (steps % progress.steps_per_epoch == 0 || remedy.schedule_epochs(longer) == remedy.schedule_epochs(progress))
    return;
  throw UsageError(fmt::format(
      "trainer.steps: the schedule of {0} spans the whole training in epochs, of {1} steps each here, and {2} are no "
      "whole epochs; set it to a multiple of {1}, or set trainer.epochs",
      method, progress.steps_per_epoch, steps));
}

}  // namespace

Trainer::Trainer(const CellConfig& config, std::shared_ptr<const Dataset> data)
    : options_(config),
      evaluation_(evaluation_options(config)),
      data_(std::move(data)),
      train_(data_->split("train")),
      seed_(static_cast<std::uint64_t>(config.integer("seed"))),
      device_(use_device(config.text("trainer.device"))),
      model_(config, facts_for_model(*data_), seed_) {
  model_->to(device_);
  if (options_.accumulate > 1 && !model_->batch_norms().empty()) {
    throw UsageError(
        "trainer.accumulate: batch normalisation inside encoder or decoder would see micro-batches; set it to 1, or an "
        "encoder and decoder without");
  }
  make_steps();
  std::vector<std::vector<torch::Tensor>> groups;
  for (const auto group : kGroups) groups.push_back(model_->group(group));
  optimizer_ =
      std::make_unique<Optimizer>(std::move(groups), options_.optimizer, options_.lr, options_.momentum, options_.clip);
  progress_.steps_per_epoch = static_cast<std::int64_t>(steps_.size());
  planned_steps_ = options_.steps > 0 ? options_.steps : options_.epochs * progress_.steps_per_epoch;
  progress_.epochs = (planned_steps_ + progress_.steps_per_epoch - 1) / progress_.steps_per_epoch;
  if (model_->has_latent()) check_schedule(model_->remedy(), progress_, planned_steps_, config.method());
}

void Trainer::make_steps() {
  const auto epoch = options_.batching == Batching::iid ? static_cast<std::uint64_t>(progress_.epoch) : 0;
  if (!steps_.empty() && epoch == steps_epoch_) return;
  steps_epoch_ = epoch;
  const BatchList batches(train_, options_.batch_size, options_.batching, derive_seed(seed_, "batches", epoch));
  steps_ = join_batches(batches, options_.accumulate, options_.batch_size);
}

const std::vector<std::int64_t>& Trainer::step_rows(std::int64_t index) const {
  return steps_[static_cast<std::size_t>(index)];
}

Batch Trainer::batch_of(const std::vector<std::int64_t>& rows) const {
  const auto noise = derive_seed(seed_, "noise of batches", static_cast<std::uint64_t>(progress_.step));
  return make_batch(train_, rows, noise).to(device_);
}

std::int64_t Trainer::random_batch() {
  return static_cast<std::int64_t>(uniform_below(batch_rng_, static_cast<std::uint64_t>(progress_.steps_per_epoch)));
}

void Trainer::observe(const PosteriorPair& posterior, const VaeImpl::Latent& latent, const RawPosterior& raw,
                      Forward& forward) {
  const torch::NoGradGuard no_grad;
  const auto start = Clock::now();
  const auto& q = posterior.kl;
  if (const auto mean = family_of(q).mean(q); mean.defined()) {
    const auto mu_mean = mean.mean(0, false, torch::kFloat64);
    const auto second = (mean.square() + family_of(q).variance(q)).mean(0, false, torch::kFloat64);
    sums_.mu_mean = sums_.mu_mean.defined() ? sums_.mu_mean + mu_mean : mu_mean;
    sums_.second_moment = sums_.second_moment.defined() ? sums_.second_moment + second : second;
  }
  if (model_->standard_latent()) {  // elsewhere there is no floor
    const auto floor = model_->remedy().kl_floor({raw, q});
    if (floor.defined()) forward.floor = FloorCheck::measure(latent.kl, floor);
    const auto moment = progress_.step < kFirstSteps ? model_->remedy().normalised_moment({raw, q}) : torch::Tensor();
    if (moment.defined()) forward.moment = moment.mean();
  }
  diagnostics_seconds_ += seconds_since(start);
  forward.kl = latent.kl_decoder.sum(1).mean();
  if (!latent.kl_decoder.is_same(latent.kl)) forward.kl_penalised = latent.kl.sum(1).mean();
}

Trainer::Pass Trainer::read(const Forward& forward) {
  std::vector<torch::Tensor> all;
  for (const auto& part : {optimizer_->square_norm(), forward.total, forward.rec, forward.kl, forward.kl_penalised,
                           forward.floor, forward.moment})
    if (part.defined()) all.push_back(part.detach().to(device_, torch::kFloat64).reshape({-1}));
  const auto numbers = to_vector(torch::cat(all));
  auto next = numbers.begin();
  Pass found{{.examples = forward.examples, .tokens = forward.tokens}, std::sqrt(*next++)};
  found.loss.total = *next++;
  found.loss.rec = *next++;
  if (forward.kl.defined()) found.loss.kl = found.loss.kl_penalised = *next++;
  if (forward.kl_penalised.defined()) found.loss.kl_penalised = *next++;
  if (forward.floor.defined()) {
    floors_.count(next[0], next[1]);
    sums_.floor += next[2];
    ++sums_.floor_batches;
    next += 3;
  }
  if (forward.moment.defined()) {
    first_moment_sum_ += *next;
    ++first_moments_;
  }
  return found;
}

torch::Tensor Trainer::latent_loss(const LossTerms& terms, double kl_scale) {
  auto& remedy = model_->remedy();
  const auto penalty = kl_weight_ * kl_scale * remedy.kl_penalty(terms, progress_).mean();
  const auto extra = remedy.extra_loss(terms, progress_);
  return extra.defined() ? penalty + extra : penalty;
}

Trainer::Forward Trainer::latent_forward(const Batch& batch, double kl_scale) {
  progress_.kl_weight = kl_weight_ * kl_scale;
  const RawPosterior raw = model_->encode(batch);
  const PosteriorPair posterior = model_->refined(model_->posterior(raw, progress_), batch, progress_);
  const auto latent = model_->latent(posterior, torch::randn_like(posterior.for_decoder().mu));
  const auto rec = model_->reconstruct(batch, latent.z, progress_);
  const LossTerms terms{batch.x, posterior, latent.z, rec, latent.kl};
  auto total = rec_weight_ * rec.mean() + latent_loss(terms, kl_scale);
  const auto of_model = model_->remedy().model_loss(terms, *model_->asked(batch, progress_), progress_);
  if (of_model.defined()) total = total + of_model;
  Forward result{.total = total, .rec = rec.mean()};
  observe(posterior, latent, raw, result);
  return result;
}

Trainer::Forward Trainer::forward(const Batch& batch, double kl_scale) {
  Forward result;
  if (model_->has_latent()) {
    result = latent_forward(batch, kl_scale);
  } else {
    result.total = result.rec = model_->reconstruct(batch, {}, progress_).mean();
  }
  result.examples = batch.size();
  result.tokens = batch.units();
  return result;
}

Trainer::Pass Trainer::pass(std::int64_t index, double kl_scale) {
  const auto& rows = step_rows(index);
  if (options_.accumulate > 1) return accumulated_pass(rows, kl_scale);
  const Forward result = forward(batch_of(rows), kl_scale);
  if (result.total.requires_grad()) result.total.backward();
  return read(result);
}

/// Frozen parameters take no part in the graph; those that an update does not move do: clipping counts their gradients.
void Trainer::set_trainable() {
  for (const auto group : kGroups) {
    const bool trainable = (frozen_ & group) == 0;
    for (auto& parameter : model_->group(group)) parameter.requires_grad_(trainable);
  }
}

TrainContext::Loss Trainer::update(std::int64_t index, unsigned groups, double kl_scale) {
  model_->train();
  optimizer_->zero_grad();
  const auto [found, norm] = pass(index, kl_scale);
  if (!std::isfinite(found.total)) throw Diverged(progress_.step, "loss", found.total);
  if (!std::isfinite(norm)) throw Diverged(progress_.step, "gradient norm", norm);
  optimizer_->step(groups, norm);
  const auto examples = static_cast<double>(found.examples);
  sums_.loss += found.total * examples;
  sums_.rec += found.rec * examples;
  sums_.kl += found.kl * examples;
  sums_.kl_penalised += found.kl_penalised * examples;
  sums_.examples += found.examples;
  sums_.kl_weight += kl_weight_;
  sums_.grad_norm += norm;
  ++sums_.batches;
  tokens_seen_ += found.tokens;
  last_loss_ = found;
  return found;
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
  last_["batch/kl_penalised"] = last_loss_.kl_penalised;
  ++progress_.step;
  if (progress_.step == std::min(kFirstSteps, planned_steps_) && first_normalised_moment() < kFloorInForce) {
    spdlog::warn(
        "floor not in force: r = {:.3g}, the share of the normalised second moment that eps leaves at the first steps",
        first_normalised_moment());
  }
}

bool Trainer::train_epoch(const std::function<bool()>& after_step) {
  const std::int64_t first = progress_.epoch * progress_.steps_per_epoch;
  if (progress_.step == first) {
    sums_ = {};
    make_steps();
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
    if (sums_.kl_penalised != sums_.kl) means["kl_penalised"] = sums_.kl_penalised / examples;
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
  if (sums_.mu_mean.defined()) {
    all["batch_mu_mean"] = to_vector(sums_.mu_mean / batches);
    all["batch_second_moment"] = to_vector(sums_.second_moment / batches);
  }
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
  // Exact statistics: how the rows are batched does not matter, so like lengths stand together.
  for (const auto& rows : length_batches(train_, evaluation_.batch_size))
    model_->posterior(make_batch(train_, rows).to(device_), progress);
  remedy.end_statistics();
}

EvaluationOptions Trainer::evaluation(bool with_nll, Progress::Mode mode) const {
  EvaluationOptions options = evaluation_;
  options.with_nll = with_nll;
  options.progress = progress_;
  options.progress.mode = mode;
  options.progress.kl_weight = 1;
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
  return evaluate_mi(model_, data_->split("valid"), evaluation(false));
}

}  // namespace klbench
