// Remedies against tests/peer/remedy_values.py, which computes the same from papers and public codes on its own.
#include "peer_values.h"

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;
using nlohmann::json;

namespace {

std::shared_ptr<Regularizer> remedy_of(const json& item, std::int64_t d) {
  std::map<std::string, Value> options;
  for (const auto& [name, value] : item.at("options").items()) {
    if (value.is_string())
      options[name] = value.get<std::string>();
    else if (value.is_boolean())
      options[name] = value.get<bool>();
    else if (value.is_number_integer())
      options[name] = value.get<std::int64_t>();
    else
      options[name] = value.get<double>();
  }
  return make(item.at("remedy"), options, d);
}

/// The toy model with `words` states of each example, equal but for dropout.
struct PeerModel : ToyModel {
  std::int64_t words;

  explicit PeerModel(const json& item)
      : ToyModel(peer_leaf(item.at("decoder")), tensor_of(item.at("examples")).to(torch::kFloat)),
        words(item.value("words", std::int64_t{1})) {}
  torch::Tensor states(const torch::Tensor& z) override { return ToyModel::states(z.repeat_interleave(words, 0)); }
};

void set_parameters(Regularizer& remedy, const json& values) {
  const torch::NoGradGuard no_grad;
  auto parameters = remedy.named_parameters();
  for (const auto& [name, value] : values.items()) parameters[name].copy_(tensor_of(value));
}

void check_loss(const json& item) {
  auto mu = peer_leaf(item.at("mu")), scale = peer_leaf(item.at("scale"));
  const auto remedy = remedy_of(item, mu.size(1));
  const json values = item.value("parameters", json::object());
  set_parameters(*remedy, values);
  const auto model = item.contains("decoder") ? std::make_shared<PeerModel>(item) : nullptr;
  Progress progress = at_step(100 * item.at("epoch").get<std::int64_t>());
  progress.kl_weight = item.value("kl_weight", 1.0);
  if (progress.kl_weight == 0) CHECK(remedy->kl_weight(progress, {}) == 0);
  LossTerms terms;
  if (item.contains("x")) terms.x = tensor_of(item.at("x")).to(torch::kLong);
  if (item.contains("z")) terms.z = peer_leaf(item.at("z"));
  if (model && terms.z.defined()) terms.rec = model->rec(terms.z);
  if (item.contains("seed")) torch::manual_seed(item.at("seed").get<std::uint64_t>());

  terms.posterior = remedy->transform({mu, scale}, {{mu, scale}, std::nullopt}, progress);
  if (model) terms.posterior = remedy->refine(terms.posterior, model, progress);
  const auto& q = terms.posterior.kl;
  terms.kl = family_of(q).kl(q);
  const auto penalty = remedy->kl_penalty(terms, progress);
  auto extra = remedy->extra_loss(terms, progress);
  if (model && !extra.defined()) extra = remedy->model_loss(terms, *model, progress);
  const auto pull = tensor_of(item.at("pull")).to(torch::kFloat);
  auto total = progress.kl_weight * penalty.mean() + (q.mu * pull[0] + q.log_var * pull[1]).mean();
  if (extra.defined()) total = total + extra;
  total.backward();

  check_near(item, "posterior_mu", q.mu);
  check_near(item, "log_var", q.log_var);
  check_near(item, "penalty", penalty);
  check_near(item, "extra", extra);
  const double tolerance = item.value("gradient_tolerance", kTolerance);
  check_near(item, "grad_mu", mu.grad(), tolerance);
  check_near(item, "grad_scale", scale.grad(), tolerance);
  if (terms.z.defined()) check_near(item, "grad_z", terms.z.grad(), tolerance);
  if (model) check_near(item, "grad_decoder", model->decoder.grad(), tolerance);
  auto parameters = remedy->named_parameters();
  for (const auto& [name, value] : values.items())
    check_near(item.at("grad_parameters"), name, parameters[name].grad(), tolerance);
}

void check_running(const json& item) {
  const auto& batches = item.at("batches");
  const auto remedy = remedy_of(item, static_cast<std::int64_t>(batches[0][0][0].size()));
  RawPosterior raw;
  for (const auto& batch : batches) {
    raw = {tensor_of(batch[0]).to(torch::kFloat), tensor_of(batch[1]).to(torch::kFloat)};
    posterior_of(*remedy, raw, at_step(0));
  }
  const auto q = posterior_of(*remedy, raw, at_step(0, Progress::Mode::eval_running));
  check_near(item, "posterior_mu", q.mu);
  check_near(item, "log_var", q.log_var);
}

void check_weights(const json& item) {
  const auto remedy = remedy_of(item, 3);
  Progress progress{.steps_per_epoch = item.at("steps_per_epoch"), .epochs = item.at("epochs")};
  const json kl = item.value("kl", json::array());
  std::vector<double> ours;
  for (; ours.size() < item.at("weights").size(); ++progress.step) {
    progress.epoch = progress.step / progress.steps_per_epoch;
    Metrics last;
    if (progress.step > 0 && !kl.empty()) last["batch/kl"] = last["batch/kl_penalised"] = kl[ours.size()];
    ours.push_back(remedy->kl_weight(progress, last));
  }
  const auto expected = tensor_of(item.at("weights"));
  CHECK(distance(torch::tensor(ours, torch::kDouble), expected) < 1e-8);
}

void check_inner_loop(const json& item) {
  FakeContext context;
  context.losses = item.at("losses").get<std::vector<double>>();
  context.tokens = item.at("tokens");
  REQUIRE(remedy_of(item, 3)->train_step(context));
  CHECK(context.updates.size() == item.at("encoder_steps").get<std::size_t>() + 1);
  CHECK(context.updates.back().second == kDecoder);
}

}  // namespace

TEST_CASE("losses, schedules and gradients are those of papers and public codes") {
  const std::map<std::string, void (*)(const json&)> checks{
      {"loss", check_loss}, {"running", check_running}, {"weights", check_weights}, {"inner_loop", check_inner_loop}};
  for (const auto& [kind, check] : checks) {
    const json cases = peer_cases(kind);
    REQUIRE_FALSE(cases.empty());
    for (const auto& item : cases) {
      INFO(kind << " of " << item.at("remedy") << ' ' << item.at("options") << ": " << item.at("source"));
      check(item);
    }
  }
}
