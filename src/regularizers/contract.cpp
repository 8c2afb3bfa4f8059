#include "regularizers/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tuple>

#include "core/special_words.h"
#include "regularizers/below_floor.h"
#include "regularizers/stack.h"

namespace klbench {

namespace {

using Mode = Progress::Mode;
using torch::Tensor;

constexpr std::int64_t kDim = 6, kWords = 50, kRows = 16, kFeatures = 8, kBatches = 4, kEpochs = 10;

bool finite(const Tensor& x) { return torch::isfinite(x).all().item<bool>(); }

Progress progress_at(std::int64_t step, Mode mode = Mode::train) {
  return {.mode = mode, .epoch = step / kBatches, .step = step, .steps_per_epoch = kBatches, .epochs = kEpochs};
}

/// Words of sentences of 2 to 10 words: [12, rows], <s> .. </s>, then padding.
Tensor random_tokens(std::int64_t rows) {
  auto tokens = torch::randint(kUnknown + 1, kWords, {12, rows}, torch::kLong);
  tokens[0].fill_(kStart);
  for (std::int64_t b = 0; b < rows; ++b) {
    const std::int64_t end = 3 + b % 9;
    tokens.select(1, b).slice(0, end, end + 1).fill_(kEnd);
    tokens.select(1, b).slice(0, end + 1).fill_(kPad);
  }
  return tokens;
}

/// Linear encoder and decoder [F, 2 d] and [d, F], and a batch x [B, F] of theirs.
class ToyBatch : public BatchModel {
 public:
  ToyBatch(Tensor encoder, Tensor decoder, Tensor x)
      : encoder_(std::move(encoder)), decoder_(std::move(decoder)), x_(std::move(x)) {}

  RawPosterior encode() const { return encode(x_); }
  Tensor rec(const Tensor& z) override { return (z.matmul(decoder_) - x_).square().sum(1) + 5.0; }
  Tensor states(const Tensor& z) override { return torch::dropout(z.matmul(decoder_), 0.5, true); }
  Posterior encode_expected(const Tensor& z) override {
    const auto raw = encode(z.matmul(decoder_));
    return {raw.mu, raw.scale};
  }
  std::vector<Tensor> decoder_parameters() const override { return {decoder_}; }

 private:
  RawPosterior encode(const Tensor& x) const {
    const auto halves = x.matmul(encoder_).chunk(2, 1);
    return {halves[0], halves[1]};
  }
  Tensor encoder_, decoder_, x_;
};

/// Linear encoder and decoder, trained by plain gradient steps: the toy model behind a remedy.
class ToyTraining : public TrainContext {
 public:
  ToyTraining(const std::string& key, const Options& options)
      : stack_({{key, options}}, {.latent_dim = kDim, .vocabulary = kWords}) {
    encoder_ = torch::randn({kFeatures, 2 * kDim}) * 0.5;
    decoder_ = torch::randn({kDim, kFeatures}) * 0.5;
    for (std::int64_t i = 0; i < kBatches; ++i) {
      data_.push_back(torch::randn({kRows, kFeatures}));
      tokens_.push_back(random_tokens(kRows));
    }
    for (auto* weights : {&encoder_, &decoder_}) weights->requires_grad_();
  }

  RegularizerStack& stack() { return stack_; }
  const Tensor& encoder() const { return encoder_; }

  std::shared_ptr<ToyBatch> asked(const Tensor& x) const { return std::make_shared<ToyBatch>(encoder_, decoder_, x); }

  /// The posterior of examples x [B, F], as the models make it.
  PosteriorPair posterior(const Tensor& x, const Progress& progress) {
    const auto batch = asked(x);
    auto pair = stack_.posterior(batch->encode(), progress);
    return progress.mode == Mode::collect ? pair : stack_.refine(std::move(pair), batch, progress);
  }

  /// The loss of a batch, put together as the trainer does.
  Tensor loss_of(std::int64_t index, double kl_scale) {
    const auto& x = data_[static_cast<std::size_t>(index % kBatches)];
    const auto batch = asked(x);
    const auto pair = posterior(x, now_);
    const auto& q = pair.for_decoder();
    const auto z = family_of(q).sample(q, torch::randn_like(q.mu));
    const auto rec = batch->rec(z);
    const LossTerms terms{tokens_[static_cast<std::size_t>(index % kBatches)], pair, z, rec,
                          family_of(pair.kl).kl(pair.kl)};
    const auto penalty = stack_.kl_penalty(terms, now_);
    last_ = {.rec = rec.mean().item<double>(), .kl = terms.kl.sum(1).mean().item<double>(), .examples = kRows};
    auto total = rec_weight_ * rec.mean() + kl_weight_ * kl_scale * penalty.mean();
    for (const auto& extra : {stack_.extra_loss(terms, now_), stack_.model_loss(terms, *batch, now_)}) {
      if (extra.defined()) total = total + extra;
    }
    return total;
  }

  /// Steps [from, to) with the hooks around them; the losses of all updates.
  std::vector<double> train(std::int64_t from, std::int64_t to) {
    losses_.clear();
    for (std::int64_t step = from; step < to; ++step) {
      torch::manual_seed(static_cast<std::uint64_t>(100 + step));
      now_ = progress_at(step);
      if (step % kBatches == 0) stack_.on_epoch_begin(*this);
      Metrics numbers{{"valid/mi", 1.0 / (1.0 + static_cast<double>(step))}};
      if (step > 0) numbers["batch/kl"] = last_.kl, numbers["batch/rec"] = last_.rec;
      kl_weight_ = stack_.kl_weight(now_, numbers);
      rec_weight_ = stack_.rec_weight(now_, numbers);
      if (!stack_.train_step(*this)) update(batch(), kAllGroups, 1.0);
      if ((step + 1) % kBatches == 0) stack_.on_epoch_end(*this, numbers);
    }
    return losses_;
  }

  /// Gathers population statistics over the toy data.
  void collect() {
    stack_.begin_statistics();
    for (const auto& x : data_) posterior(x, progress_at(0, Mode::collect));
    stack_.end_statistics();
  }

  std::string saved() const {
    torch::serialize::OutputArchive archive, state(archive.compilation_unit());
    stack_.save(archive);
    stack_.save_state(state);
    archive.write("state", state);
    archive.write("toy_encoder", encoder_.detach());
    archive.write("toy_decoder", decoder_.detach());
    archive.write("toy_last", torch::tensor({last_.rec, last_.kl}, torch::kDouble));
    std::ostringstream out;
    archive.save_to(out);
    return out.str();
  }
  void restore(const std::string& bytes) {
    std::istringstream in(bytes);
    torch::serialize::InputArchive archive, state;
    archive.load_from(in);
    stack_.load(archive);
    archive.read("state", state);
    stack_.load_state(state);
    const torch::NoGradGuard no_grad;
    Tensor encoder, decoder, last;
    archive.read("toy_encoder", encoder);
    archive.read("toy_decoder", decoder);
    archive.read("toy_last", last);
    encoder_.copy_(encoder);
    decoder_.copy_(decoder);
    last_.rec = last[0].item<double>();
    last_.kl = last[1].item<double>();
  }

  // TrainContext
  const Progress& progress() const override { return now_; }
  std::int64_t batch() const override { return now_.step % kBatches; }
  std::int64_t random_batch() override { return torch::randint(kBatches, {1}).item<std::int64_t>(); }
  Loss update(std::int64_t index, unsigned groups, double kl_scale) override {
    for (const auto group : {kEncoder, kDecoder, kOwn}) {
      for (auto& parameter : parameters(group)) parameter.mutable_grad().reset();
    }
    const auto total = loss_of(index, kl_scale);
    total.backward();
    const torch::NoGradGuard no_grad;
    for (const auto group : {kEncoder, kDecoder, kOwn}) {
      if ((groups & group) == 0 || (frozen_ & group) != 0) continue;
      for (auto& parameter : parameters(group)) {
        if (parameter.grad().defined()) parameter.sub_(parameter.grad().clamp(-1, 1), 0.01);
      }
    }
    last_.total = total.item<double>();
    last_.tokens = 10 * kRows;
    losses_.push_back(last_.total);
    return last_;
  }
  void reset_parameters(ParameterGroup group) override {
    const torch::NoGradGuard no_grad;
    for (auto& parameter : parameters(group)) parameter.normal_(0, 0.5);
  }
  void freeze(ParameterGroup group, bool frozen) override { frozen_ = frozen ? frozen_ | group : frozen_ & ~group; }
  double valid_mi() override { return 1.0; }

 private:
  std::vector<Tensor> parameters(ParameterGroup group) {
    if (group == kOwn) return stack_.parameters();
    return {group == kEncoder ? encoder_ : decoder_};
  }

  RegularizerStack stack_;
  Tensor encoder_, decoder_;
  std::vector<Tensor> data_, tokens_;
  Progress now_ = progress_at(0);
  double kl_weight_ = 1, rec_weight_ = 1;
  unsigned frozen_ = 0;
  Loss last_;
  std::vector<double> losses_;
};

/// Tries one remedy and notes what it breaks.
class Contract {
 public:
  Contract(std::string key, const std::map<std::string, Value>& options)
      : key_(std::move(key)), entry_(RegularizerRegistry::instance().find(key_)), options_(entry_.spec, options) {}

  std::vector<std::string> violations() {
    run("values", &Contract::values);
    run("words and pooling", &Contract::words);
    run("gradients", &Contract::gradients);
    run("seeds", &Contract::seeds);
    run("saved state", &Contract::resuming);
    run("batch statistics", &Contract::batch_statistics);
    run("floor", &Contract::floor);
    return std::move(found_);
  }

 private:
  void run(const char* what, void (Contract::*check)()) {
    try {
      torch::manual_seed(3);
      (this->*check)();
    } catch (const std::exception& error) {
      found_.push_back(fmt::format("{}: {}: {}", key_, what, error.what()));
    }
  }
  void expect(bool good, const std::string& sentence) {
    if (good) return;
    auto line = fmt::format("{}: {}", key_, sentence);
    if (std::find(found_.begin(), found_.end(), line) == found_.end()) found_.push_back(std::move(line));
  }
  /// A toy that has begun its training: on_epoch_begin was called, and statistics were gathered.
  std::unique_ptr<ToyTraining> begun() {
    torch::manual_seed(4);
    auto toy = std::make_unique<ToyTraining>(key_, options_);
    toy->train(0, 1);
    toy->collect();
    return toy;
  }

  void values() {
    const auto toy = begun();
    auto& remedy = toy->stack();
    for (const auto mode : {Mode::train, Mode::collect, Mode::eval, Mode::eval_running}) {
      const auto pair = toy->posterior(torch::randn({kRows, kFeatures}), progress_at(5, mode));
      for (const auto& q : {pair.kl, pair.for_decoder()}) {
        const std::vector<std::int64_t> shape{kRows, kDim};
        expect(q.mu.sizes() == shape && q.log_var.sizes() == shape, "transform and refine must keep the shape [B, d]");
        expect(finite(q.mu) && finite(q.log_var) && finite(family_of(q).kl(q)),
               "the posterior's numbers are not finite");
      }
    }
    torch::manual_seed(5);
    expect(toy->loss_of(0, 1.0).dim() == 0, "the loss must be a scalar: extra_loss is one, kl_penalty is [B]");
    expect(std::isfinite(remedy.kl_weight(progress_at(0), {})), "kl_weight is not finite before the first step");
    expect(std::isfinite(remedy.rec_weight(progress_at(0), {})), "rec_weight is not finite before the first step");
    for (const auto& [name, value] : remedy.diagnostics()) expect(finite(value), "diagnostic " + name + " not finite");
    const double schedule = remedy.schedule_epochs(progress_at(0));
    expect(schedule >= 0 && std::isfinite(schedule), "schedule_epochs must be finite and not negative");
    for (const double value : toy->train(1, 3 * kBatches))
      expect(std::isfinite(value), "a training loss is not finite");
    penalty_shape(*toy);
  }

  void penalty_shape(ToyTraining& toy) {
    const auto pair = toy.posterior(torch::randn({kRows, kFeatures}), progress_at(5));
    const LossTerms terms{random_tokens(kRows), pair, pair.for_decoder().mu, torch::full({kRows}, 30.0),
                          family_of(pair.kl).kl(pair.kl)};
    expect(toy.stack().kl_penalty(terms, progress_at(5)).sizes() == torch::IntArrayRef({kRows}),
           "kl_penalty must be of shape [B]");
  }

  void words() {
    const auto toy = begun();
    const auto tokens = random_tokens(kRows).slice(0, 0, 11);
    const auto fed = toy->stack().decoder_input(tokens.clone(), progress_at(0));
    expect(fed.sizes() == tokens.sizes() && fed.scalar_type() == torch::kLong,
           "decoder_input must keep shape and type");
    expect(torch::equal(fed.eq(kPad), tokens.eq(kPad)) && torch::equal(fed[0], tokens[0]),
           "decoder_input must keep the padding and <s>");
    expect(fed.min().item<std::int64_t>() >= 0 && fed.max().item<std::int64_t>() < kWords,
           "decoder_input gives words outside the vocabulary");
    const auto pooling = toy->stack().encoder_pooling();
    expect(pooling == "last" || pooling == "mean" || pooling == "max", "encoder_pooling: no such pooling: " + pooling);
  }

  void gradients() {
    const auto toy = begun();
    toy->train(1, 3 * kBatches);
    for (auto& parameter : toy->stack().parameters()) parameter.mutable_grad().reset();
    auto encoder = toy->encoder();
    encoder.mutable_grad().reset();
    toy->loss_of(0, 1.0).backward();
    expect(encoder.grad().defined() && encoder.grad().abs().max().item<double>() > 0,
           "no gradient reaches the encoder");
    for (const auto& parameter : toy->stack().named_parameters()) {
      const auto& grad = parameter.value().grad();
      expect(grad.defined() && finite(grad) && grad.abs().max().item<double>() > 0,
             "no finite gradient reaches the parameter " + parameter.key());
    }
  }

  void seeds() {
    const auto losses = [this] {
      torch::manual_seed(6);
      return ToyTraining(key_, options_).train(0, 2 * kBatches);
    };
    expect(losses() == losses(), "equal seeds give other losses: draw random numbers with torch only");
  }

  void resuming() {
    for (const std::int64_t at : {kBatches + 2, 2 * kBatches}) {
      torch::manual_seed(7);
      ToyTraining whole(key_, options_);
      whole.train(0, at);
      whole.collect();
      const std::string bytes = whole.saved();
      const auto expected = whole.train(at, 4 * kBatches);
      torch::manual_seed(7);
      ToyTraining resumed(key_, options_);
      resumed.restore(bytes);
      if (at % kBatches != 0) resumed.stack().on_epoch_begin(resumed);
      expect(resumed.train(at, 4 * kBatches) == expected,
             "a saved remedy does not go on as before: keep state in parameters, buffers or save_state");
      const auto theirs = whole.stack().diagnostics(), mine = resumed.stack().diagnostics();
      for (const auto& [name, value] : theirs) {
        const auto found = mine.find(name);
        expect(found != mine.end() && torch::equal(found->second, value),
               "diagnostic " + name + " is lost on resuming");
      }
    }
  }

  void batch_statistics() {
    const auto toy = begun();
    const auto x = torch::randn({kRows, kFeatures});
    // In training without refine, whose draws are of the batch.
    const auto posterior_of = [&](const Tensor& some, Mode mode) {
      torch::manual_seed(8);
      if (mode != Mode::train) return toy->posterior(some, progress_at(5, mode));
      return toy->stack().posterior(toy->asked(some)->encode(), progress_at(5, mode));
    };
    const auto depends = [&](Mode mode) {
      const auto together = posterior_of(x, mode).for_decoder();
      const auto halves = posterior_of(x.slice(0, 0, kRows / 2), mode);
      return !torch::allclose(together.mu.slice(0, 0, kRows / 2), halves.for_decoder().mu, 1e-4, 1e-5);
    };
    for (const auto mode : {Mode::eval, Mode::eval_running}) {
      expect(!depends(mode), "in an evaluation the posterior depends on the other examples of the batch");
    }
    expect(!depends(Mode::train) || entry_.hooks.statistics,
           "in training the posterior depends on the other examples of the batch: override begin_statistics and "
           "end_statistics, and use what they gathered in Mode::eval");
  }

  void floor() {
    // The last is a collapsed batch far from 0, where single precision has few digits left for what differs.
    for (const auto& [rows, mean, scale] :
         std::vector<std::tuple<int, double, double>>{{32, 0, 0.01}, {32, 0, 1.0}, {32, 0, 10.0}, {4, 6, 2e-6}}) {
      const auto toy = begun();
      toy->train(1, 3 * kBatches);
      for (int i = 0; i < 50; ++i) {
        const auto spread = [&](double centre) { return torch::randn({rows, kDim}) * scale + centre; };
        const RawPosterior raw{spread(mean), spread(i % 2 == 0 ? 0 : mean)};
        const auto q = toy->stack().posterior(raw, progress_at(i)).kl;
        const auto floor = toy->stack().kl_floor({raw, q});
        if (!floor.defined()) continue;
        expect(floor.sizes() == torch::IntArrayRef({kDim}), "kl_floor must be of shape [d]");
        const auto kl = family_of(q).kl(q).mean(0, false, torch::kDouble);
        expect(!below_floor(kl, floor.to(torch::kDouble)).any().item<bool>(), "a batch lies under its kl_floor");
        const double nominal = toy->stack().kl_floor_nominal(kDim);
        expect(std::isfinite(nominal), "kl_floor without a kl_floor_nominal");
        if (scale >= 1)
          expect(floor.sum().item<double>() >= nominal * (1 - 1e-3), "a spread batch has a kl_floor under the nominal");
      }
    }
  }

  std::string key_;
  const RegularizerRegistry::Entry& entry_;
  Options options_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> contract_violations(const std::string& key, const std::map<std::string, Value>& options) {
  return Contract(key, options).violations();
}

}  // namespace klbench
