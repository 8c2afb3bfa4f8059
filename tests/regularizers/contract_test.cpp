// What every remedy of the registry must do, built-in or not yet written.
#include <sstream>

#include "catch.h"
#include "core/error.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;
using Mode = Progress::Mode;

namespace {

constexpr std::int64_t kDim = 6;

const std::map<std::string, RegularizerRegistry::Entry>& remedies() {
  const auto& entries = RegularizerRegistry::instance().entries();
  REQUIRE(entries.size() >= 20);
  return entries;
}

RawPosterior random_raw(std::int64_t batch, double scale) {
  return {torch::randn({batch, kDim}) * scale, torch::randn({batch, kDim}) * scale};
}

bool finite(const torch::Tensor& x) { return torch::isfinite(x).all().item<bool>(); }

/// One training step's loss as the trainer puts it together, with a linear decoder.
torch::Tensor step_loss(Regularizer& remedy, const RawPosterior& raw, const Progress& progress, const Metrics& last) {
  const auto pair = remedy.transform(raw, {{raw.mu, raw.scale}, std::nullopt}, progress);
  const auto& q = pair.for_decoder();
  const auto z = family_of(q).sample(q, torch::randn(q.mu.sizes()));
  const auto rec = (z.sum(1) - 1.0).square() + 5.0;
  const auto kl = family_of(pair.kl).kl(pair.kl);
  const double weight = remedy.kl_weight(progress, last), rec_weight = remedy.rec_weight(progress, last);
  auto loss = rec_weight * rec.mean() + weight * remedy.kl_penalty(kl, progress).mean();
  const auto tokens = torch::randint(1, 50, {5, raw.mu.size(0)}, torch::kLong);
  const auto extra = remedy.extra_loss({tokens, pair, z, rec, kl}, progress);
  if (extra.defined()) loss = loss + extra;
  return loss;
}

/// A short training: the losses of some steps, with the hooks around them.
std::vector<double> train(Regularizer& remedy, std::int64_t from, std::int64_t to) {
  std::vector<double> losses;
  for (std::int64_t step = from; step < to; ++step) {
    FakeContext context;
    context.now = at_step(step);
    Metrics last{{"valid/mi", 1.0 / (1.0 + static_cast<double>(step))}};
    if (step > 0) last["batch/kl"] = 2.0 + 0.1 * static_cast<double>(step), last["batch/rec"] = 30.0;
    remedy.on_epoch_begin(context);
    remedy.train_step(context);
    losses.push_back(step_loss(remedy, random_raw(16, 1.0), context.now, last).item<double>());
    losses.push_back(static_cast<double>(context.updates.size()));
    remedy.on_epoch_end(context, last);
  }
  return losses;
}

void collect(Regularizer& remedy, const std::vector<torch::Tensor>& batches) {
  remedy.begin_statistics();
  for (const auto& x : batches) posterior_of(remedy, {x, -x}, at_step(0, Mode::collect));
  remedy.end_statistics();
}

std::string saved(const Regularizer& remedy) {
  torch::serialize::OutputArchive archive, state(archive.compilation_unit());
  remedy.save(archive);
  remedy.save_state(state);
  archive.write("state", state);
  std::ostringstream out;
  archive.save_to(out);
  return out.str();
}

void restore(Regularizer& remedy, const std::string& bytes) {
  std::istringstream in(bytes);
  torch::serialize::InputArchive archive, state;
  archive.load_from(in);
  remedy.load(archive);
  archive.read("state", state);
  remedy.load_state(state);
}

}  // namespace

TEST_CASE("contract: hooks give finite values of the right shapes in every mode") {
  for (const auto& [key, entry] : remedies()) {
    CAPTURE(key);
    torch::manual_seed(3);
    const auto remedy = make(key, {}, kDim);
    collect(*remedy, {torch::randn({8, kDim}), torch::randn({24, kDim})});
    for (const auto mode : {Mode::train, Mode::collect, Mode::eval, Mode::eval_running}) {
      const auto raw = random_raw(16, 1.0);
      const auto pair = remedy->transform(raw, {{raw.mu, raw.scale}, std::nullopt}, at_step(5, mode));
      for (const auto& q : {pair.kl, pair.for_decoder()}) {
        CHECK(q.mu.sizes() == raw.mu.sizes());
        CHECK(q.log_var.sizes() == raw.mu.sizes());
        CHECK(finite(q.mu));
        CHECK(finite(q.log_var));
        CHECK(finite(family_of(q).kl(q)));
      }
      const auto penalty = remedy->kl_penalty(family_of(pair.kl).kl(pair.kl), at_step(5, mode));
      CHECK(penalty.sizes() == torch::IntArrayRef({16}));
      CHECK(finite(penalty));
    }
    CHECK(std::isfinite(remedy->kl_weight(at_step(0), {})));
    CHECK(std::isfinite(remedy->rec_weight(at_step(0), {})));
    CHECK(step_loss(*remedy, random_raw(16, 1.0), at_step(0), {}).dim() == 0);
    for (const auto& [name, value] : remedy->diagnostics()) {
      CAPTURE(name);
      CHECK(finite(value));
    }
    const double schedule = remedy->schedule_epochs(at_step(0));
    CHECK(schedule >= 0.0);
    CHECK(std::isfinite(schedule));
  }
}

TEST_CASE("contract: the decoder's words and the encoder's pooling stay within the model") {
  for (const auto& [key, entry] : remedies()) {
    CAPTURE(key);
    const auto remedy = make(key, {}, kDim);
    auto tokens = torch::randint(4, 50, {12, 8}, torch::kLong);
    tokens.slice(0, 9).zero_();
    tokens[0].fill_(1);
    const auto fed = remedy->decoder_input(tokens.clone(), at_step(0));
    CHECK(fed.sizes() == tokens.sizes());
    CHECK(fed.scalar_type() == torch::kLong);
    CHECK(torch::equal(fed.eq(0), tokens.eq(0)));
    CHECK(torch::equal(fed[0], tokens[0]));
    const auto pooling = remedy->encoder_pooling();
    CHECK((pooling == "last" || pooling == "mean" || pooling == "max"));
  }
}

TEST_CASE("contract: gradients reach the encoder and every parameter") {
  for (const auto& [key, entry] : remedies()) {
    CAPTURE(key);
    torch::manual_seed(4);
    const auto remedy = make(key, {}, kDim);
    RawPosterior raw = random_raw(16, 1.0);
    raw.mu.requires_grad_();
    raw.scale.requires_grad_();
    step_loss(*remedy, raw, at_step(900), {{"batch/kl", 3.0}, {"batch/rec", 30.0}}).backward();
    CHECK(raw.mu.grad().abs().max().item<double>() > 0);
    CHECK(raw.scale.grad().abs().max().item<double>() > 0);
    for (const auto& parameter : remedy->named_parameters()) {
      CAPTURE(parameter.key());
      REQUIRE(parameter.value().grad().defined());
      CHECK(finite(parameter.value().grad()));
      CHECK(parameter.value().grad().abs().min().item<double>() > 0);
    }
  }
}

TEST_CASE("contract: the same seed gives the same numbers") {
  for (const auto& [key, entry] : remedies()) {
    CAPTURE(key);
    std::vector<std::vector<double>> runs;
    for (int i = 0; i < 2; ++i) {
      torch::manual_seed(5);
      const auto remedy = make(key, {}, kDim);
      runs.push_back(train(*remedy, 0, 6));
    }
    CHECK(runs[0] == runs[1]);
  }
}

TEST_CASE("contract: a saved remedy goes on bit for bit") {
  for (const auto& [key, entry] : remedies()) {
    CAPTURE(key);
    torch::manual_seed(6);
    const auto original = make(key, {}, kDim);
    train(*original, 0, 6);
    {
      const torch::NoGradGuard no_grad;
      for (auto& parameter : original->parameters()) parameter.add_(torch::randn(parameter.sizes()) * 0.1);
    }
    collect(*original, {torch::randn({8, kDim}), torch::randn({24, kDim})});
    const auto restored = make(key, {}, kDim);
    restore(*restored, saved(*original));
    for (const auto& [name, value] : original->diagnostics()) {
      CAPTURE(name);
      CHECK(torch::equal(restored->diagnostics().at(name), value));
    }
    const auto raw = random_raw(4, 1.0);
    CHECK(torch::equal(posterior_of(*original, raw, at_step(6, Mode::eval)).mu,
                       posterior_of(*restored, raw, at_step(6, Mode::eval)).mu));
    torch::manual_seed(7);
    const auto expected = train(*original, 6, 12);
    torch::manual_seed(7);
    CHECK(train(*restored, 6, 12) == expected);
  }
}

TEST_CASE("contract: bad options are refused by name") {
  for (const auto& [key, entry] : remedies()) {
    CAPTURE(key);
    CHECK_THROWS_AS(make(key, {{"no_such_option", 1.0}}), UsageError);
    for (const auto& option : entry.spec.options) {
      CAPTURE(option.name);
      const bool text = option.type() == OptionType::text;
      CHECK_THROWS_WITH(make(key, {{option.name, text ? Value(1.5) : Value("text")}}), ContainsSubstring(option.name));
      if (!option.choices.empty()) CHECK_THROWS_AS(make(key, {{option.name, "no_such_choice"}}), UsageError);
      if (option.type() == OptionType::real && std::isfinite(option.min))
        CHECK_THROWS_AS(make(key, {{option.name, option.min - 1}}), UsageError);
      if (option.type() == OptionType::real && std::isfinite(option.max))
        CHECK_THROWS_AS(make(key, {{option.name, option.max + 1}}), UsageError);
    }
  }
}

TEST_CASE("contract: the analytic floor holds on every batch, also where the outputs hardly differ") {
  int with_floor = 0;
  for (const auto& [key, entry] : remedies()) {
    for (const double scale : {0.01, 1.0, 10.0}) {
      for (const std::int64_t batch : {8, 32, 200}) {
        CAPTURE(key, scale, batch);
        torch::manual_seed(static_cast<std::uint64_t>(batch));
        const auto remedy = make(key, {}, kDim);
        for (int i = 0; i < 5; ++i) {
          const auto raw = random_raw(batch, scale);
          const auto q = posterior_of(*remedy, raw, at_step(i));
          const auto floor = remedy->kl_floor({raw, q});
          if (!floor.defined()) continue;
          ++with_floor;
          REQUIRE(floor.sizes() == torch::IntArrayRef({kDim}));
          const auto kl = family_of(q).kl(q).mean(0).to(torch::kDouble);
          CHECK((kl - floor + floor.abs() * 1e-4 + 1e-6).min().item<double>() >= 0);
          const double nominal = remedy->kl_floor_nominal(kDim);
          REQUIRE(std::isfinite(nominal));
          if (scale >= 1) CHECK(floor.sum().item<double>() >= nominal * (1 - 1e-3));
        }
      }
    }
  }
  CHECK(with_floor > 0);
}
