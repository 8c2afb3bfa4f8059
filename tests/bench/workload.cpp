#include "workload.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "measure.h"
#include "models/components.h"
#include "models/nn/gemm.h"
#include "models/precision.h"
#include "regularizers/registry.h"

namespace klbench::bench {

namespace {

double product_flops(std::int64_t rows, std::int64_t inner, std::int64_t columns) {
  return 2.0 * static_cast<double>(rows) * static_cast<double>(inner) * static_cast<double>(columns);
}

/// Every option at its default, the sizes of `config`, the plain ELBO.
CellConfig cell_of(const Config& config) {
  CellConfig cell = testing::default_config();
  testing::add_lstm(cell, config.embedding, config.hidden);
  cell.values["model.latent_dim"] = config.latent;
  cell.regularizer = {{"vae", Options(RegularizerRegistry::instance().find("vae").spec, {})}};
  return cell;
}

Batch columns(const Batch& batch, std::int64_t first, std::int64_t count) {
  return {batch.x.slice(1, first, first + count), batch.lengths.slice(0, first, first + count),
          batch.rows.slice(0, first, first + count)};
}

}  // namespace

double Config::training_flops() const {
  const auto lstm = [&](std::int64_t length) { return product_flops(length * batch, embedding + hidden, 4 * hidden); };
  return 3 * (lstm(steps) + lstm(steps + 1) + product_flops(tokens(), hidden, vocabulary));
}

double Config::nll_flops(std::int64_t samples) const {
  return product_flops(steps * samples, hidden, 4 * hidden + vocabulary);
}

Config small_config() { return {"small", 5436, 128, 256, 10, 32}; }
Config paper_config() { return {"paper", 20000, 512, 1024, 40, 32}; }

Mode mode_from(const std::string& name) {
  return name == "plain" ? Mode::plain : name == "bf16" ? Mode::bf16 : Mode::f32;
}

std::string name_of(Mode mode) { return mode == Mode::plain ? "plain" : mode == Mode::bf16 ? "bf16" : "f32"; }

Workload::Workload(const Config& config, Mode mode) : config_(config), mode_(mode) {
  torch::manual_seed(1);
  model_ = Vae(cell_of(config), ModelFacts{.vocabulary = config.vocabulary}, /*seed=*/1);
  if (mode == Mode::plain)
    sgd_ = std::make_unique<torch::optim::SGD>(model_->parameters(), torch::optim::SGDOptions(1.0));
  else
    optimizer_ = std::make_unique<Optimizer>(
        std::vector<std::vector<torch::Tensor>>{model_->group(kEncoder), model_->group(kDecoder), model_->group(kOwn)},
        Optimizer::Kind::sgd, 1.0, 0.0, 5.0);
  batch_.x = torch::randint(4, config.vocabulary, {config.steps + 1, config.batch}, torch::kLong);
  batch_.x[0].fill_(kStart);
  batch_.x[config.steps].fill_(kEnd);
  batch_.lengths = torch::full({config.batch}, config.steps, torch::kLong);
  batch_.rows = torch::arange(config.batch);
}

void Workload::enter() const {
  nn::set_fused(mode_ != Mode::plain);
  nn::set_precision(mode_ == Mode::bf16 ? "bf16" : "f32");
}

double Workload::train_step() {
  enter();
  model_->train();
  if (sgd_)
    sgd_->zero_grad();
  else
    optimizer_->zero_grad();
  const Progress progress;
  const auto q = model_->posterior(batch_, progress).kl;
  const auto z = gaussian_family().sample(q, torch::randn_like(q.mu));
  const auto loss = (model_->reconstruct(batch_, z, progress) + gaussian_family().kl(q).sum(1)).mean();
  loss.backward();
  if (sgd_) {
    torch::nn::utils::clip_grad_norm_(model_->parameters(), 5.0);
    sgd_->step();
  } else {
    optimiser_step();
  }
  return loss.item<double>();
}

void Workload::optimiser_step() { optimizer_->step(kAllGroups, std::sqrt(optimizer_->square_norm().item<double>())); }

ImageWorkload::ImageWorkload(const std::string& decoder) {
  CellConfig cell = testing::default_config();
  cell.values["model.latent_dim"] = std::int64_t{16};
  cell.regularizer = {{"vae", Options(RegularizerRegistry::instance().find("vae").spec, {})}};
  testing::set_components(cell, "mlp", decoder, {});
  model_ = Vae(cell, ModelFacts{.image = {1, 28, 28}}, 1);
  optimizer_ = std::make_unique<Optimizer>(
      std::vector<std::vector<torch::Tensor>>{model_->group(kEncoder), model_->group(kDecoder), model_->group(kOwn)},
      Optimizer::Kind::adam, 1e-3, 0.0, 5.0);
  torch::manual_seed(1);
  batch_ = {torch::bernoulli(torch::full({kImages, 1, 28, 28}, 0.3)), torch::zeros({kImages}, torch::kLong),
            torch::arange(kImages)};
}

void ImageWorkload::train_step() {
  model_->train();
  optimizer_->zero_grad();
  const Progress progress;
  const auto q = model_->posterior(batch_, progress).kl;
  const auto z = gaussian_family().sample(q, torch::randn_like(q.mu));
  (model_->reconstruct(batch_, z, progress) + gaussian_family().kl(q).sum(1)).mean().backward();
  optimizer_->step(kAllGroups, std::sqrt(optimizer_->square_norm().item<double>()));
}

double Workload::importance_nll(std::int64_t sentences, std::int64_t samples) {
  enter();
  const torch::NoGradGuard no_grad;
  model_->eval();
  Progress progress;
  progress.mode = Progress::Mode::eval;
  const bool plain = mode_ == Mode::plain;
  const auto at_once = plain ? 1 : sentences, samples_at_once = plain ? 100 : std::max<std::int64_t>(1, 2048 / at_once);
  double total = 0;
  for (std::int64_t first = 0; first < sentences; first += at_once) {
    const auto batch = columns(batch_, first, at_once);
    const auto q = model_->posterior(batch, progress).for_decoder();
    std::vector<torch::Tensor> weights;
    for (std::int64_t done = 0; done < samples; done += samples_at_once) {
      const auto count = std::min(samples_at_once, samples - done);
      const auto z = gaussian_family().sample(q, torch::randn({count, at_once, config_.latent}));
      weights.push_back(log_prior(z) - gaussian_family().log_q(q, z) - model_->reconstruct_samples(batch, z));
    }
    total -= (torch::logsumexp(torch::cat(weights), 0) - std::log(static_cast<double>(samples))).sum().item<double>();
  }
  return total / static_cast<double>(sentences);
}

double gemm_peak(bool bf16) {
  double best = 0;
  for (const auto& [m, k, n] : std::vector<std::array<std::int64_t, 3>>{
           {320, 256, 5436}, {512, 1024, 4096}, {1024, 320, 256}, {1024, 1024, 1024}}) {
    const auto type = bf16 ? torch::kBFloat16 : torch::kFloat;
    const auto a = torch::ones({m, k}, type), b = torch::ones({k, n}, type), c = torch::empty({m, n});
    const nn::Matrix left(a), right(b), result(c);
    nn::multiply(left, right, result);
    for (int round = 0; round < 20; ++round) {
      const double seconds = seconds_of([&] { nn::multiply(left, right, result); });
      best = std::max(best, product_flops(m, k, n) / seconds * 1e-9);
    }
  }
  return best;
}

}  // namespace klbench::bench
