// Remedies against tests/peer/remedy_values.py, which computes the same from papers and public codes on its own.
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;
using nlohmann::json;

namespace {

constexpr double kTolerance = 2e-5;  // of single precision, relative to 1 + the largest value

json peer_cases(const std::string& kind) {
  std::ifstream file(KLBENCH_SOURCE_DIR "/tests/regularizers/peer_values.json");
  json found;
  for (const auto& item : json::parse(file)) {
    if (item.at("kind") == kind) found.push_back(item);
  }
  return found;
}

std::shared_ptr<Regularizer> remedy_of(const json& item, std::int64_t d) {
  std::map<std::string, Value> options;
  for (const auto& [name, value] : item.at("options").items()) {
    if (value.is_string())
      options[name] = value.get<std::string>();
    else if (value.is_number_integer())
      options[name] = value.get<std::int64_t>();
    else
      options[name] = value.get<double>();
  }
  return make(item.at("remedy"), options, d);
}

/// A number, a vector or a matrix.
torch::Tensor tensor_of(const json& values) {
  if (!values.is_array()) return torch::tensor(values.get<double>(), torch::kDouble);
  std::vector<torch::Tensor> parts;
  for (const auto& part : values) parts.push_back(tensor_of(part));
  return torch::stack(parts);
}

torch::Tensor peer_leaf(const json& values) { return tensor_of(values).to(torch::kFloat).requires_grad_(); }

void check_near(const json& item, const std::string& name, const torch::Tensor& ours) {
  if (!item.contains(name)) return;
  const auto expected = tensor_of(item.at(name));
  const auto values = ours.defined() ? ours.detach() : torch::zeros_like(expected);
  INFO(name);
  CHECK(distance(values, expected) < kTolerance * (1 + expected.abs().max().item<double>()));
}

void check_loss(const json& item) {
  auto mu = peer_leaf(item.at("mu")), scale = peer_leaf(item.at("scale"));
  const auto remedy = remedy_of(item, mu.size(1));
  auto parameters = remedy->named_parameters();
  const json values = item.value("parameters", json::object());
  for (const auto& [name, value] : values.items()) {
    const torch::NoGradGuard no_grad;
    parameters[name].copy_(tensor_of(value));
  }
  LossTerms terms;
  if (item.contains("z")) terms.z = peer_leaf(item.at("z"));
  if (item.contains("seed")) torch::manual_seed(item.at("seed").get<std::uint64_t>());

  const Progress progress = at_step(100 * item.at("epoch").get<std::int64_t>());
  terms.posterior = remedy->transform({mu, scale}, {{mu, scale}, std::nullopt}, progress);
  const auto& q = terms.posterior.kl;
  terms.kl = family_of(q).kl(q);
  const auto penalty = remedy->kl_penalty(terms, progress), extra = remedy->extra_loss(terms, progress);
  const auto pull = tensor_of(item.at("pull")).to(torch::kFloat);
  auto total = penalty.mean() + (q.mu * pull[0] + q.log_var * pull[1]).mean();
  if (extra.defined()) total = total + extra;
  total.backward();

  check_near(item, "posterior_mu", q.mu);
  check_near(item, "log_var", q.log_var);
  check_near(item, "penalty", penalty);
  check_near(item, "extra", extra);
  check_near(item, "grad_mu", mu.grad());
  check_near(item, "grad_scale", scale.grad());
  if (terms.z.defined()) check_near(item, "grad_z", terms.z.grad());
  for (const auto& [name, value] : values.items())
    check_near(item.at("grad_parameters"), name, parameters[name].grad());
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
    if (progress.step > 0 && !kl.empty()) last["batch/kl"] = kl[ours.size()];
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
