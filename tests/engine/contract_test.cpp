#include "engine/contract.h"

#include "catch.h"
#include "engine/plugin_api.h"
#include "engine/plugin_loader.h"

using namespace klbench;
using Catch::Matchers::StartsWith;

namespace {

/// mu of an example is the mean over the batch.
class Mixing : public Encoder {
 public:
  Mixing(const Options& /*options*/, const EncoderRequest& request) {
    out_ = register_module("out", torch::nn::Linear(1, request.model.latent_dim));
    unused_ = register_module("unused", torch::nn::Linear(1, 1));
  }
  RawPosterior forward(const Batch& batch) override {
    const auto lengths = batch.lengths.to(torch::kFloat32).unsqueeze(1);
    const auto out = out_->forward(lengths);
    return {out + lengths.mean(), out};
  }

 private:
  torch::nn::Linear out_{nullptr}, unused_{nullptr};
};

/// score forgets what loss counts.
class Forgetful : public TextDecoder {
 public:
  Forgetful(const Options& /*options*/, const DecoderRequest& request) {
    out_ = register_module("out", torch::nn::Linear(request.model.latent_dim, request.model.vocabulary));
  }
  torch::Tensor loss(const Batch& batch, const torch::Tensor& z) override {
    return (out_->forward(z).logsumexp(1) + 1) * batch.lengths;
  }
  torch::Tensor score(const Batch& batch, const torch::Tensor& z) override {
    return out_->forward(z).logsumexp(2) * batch.lengths;
  }

 private:
  struct Nothing : Writer {
    torch::Tensor logits;
    torch::Tensor next(const torch::Tensor& /*word*/) override { return logits; }
  };
  std::unique_ptr<Writer> writer(const torch::Tensor& z) override {
    auto nothing = std::make_unique<Nothing>();
    nothing->logits = out_->forward(z);
    return nothing;
  }
  torch::nn::Linear out_{nullptr};
};

/// Draws of standard deviation 2 under the name of 1, and twice the KL.
class Wider : public PosteriorFamily {
 public:
  Wider(const Options& /*options*/, const ModelFacts& /*model*/) {}
  torch::Tensor sample(const Posterior& q, const torch::Tensor& noise) const override { return q.mu + 2 * noise; }
  torch::Tensor log_q(const Posterior& q, const torch::Tensor& z) const override { return log_prior(z - q.mu); }
  torch::Tensor kl(const Posterior& q) const override { return q.mu.square(); }
  torch::Tensor variance(const Posterior& q) const override { return torch::ones_like(q.mu); }
};

/// Twice a density, with draws beside it.
class Double : public Prior {
 public:
  Double(const Options& /*options*/, const PriorRequest& /*request*/) {}
  torch::Tensor log_p(const torch::Tensor& z) const override { return log_prior(z) + std::log(2.0); }
  torch::Tensor sample(std::int64_t count, torch::Generator generator) const override {
    return torch::randn({count, 2}, std::move(generator), torch::kFloat32) + 1;
  }
};

/// Another number every time, of which its examples say nothing.
FinalMetric unsteady(const MetricRequest& request) {
  static double times = 0;
  FinalMetric metric{{++times}, {}};
  metric.examples.assign(static_cast<std::size_t>(request.split.size()), -1.0F);
  return metric;
}

/// Looks for a panel that is not there.
Figure make_broken(const Request& request) {
  Figure figure = request.figure("");
  figure.panels.push_back(figure.panels.at(3));
  return figure;
}

KLBENCH_METRIC(unsteady, {.key = "test_unsteady", .needs = {kLabels}});
KLBENCH_FIGURE(make_broken, {.spec = {.key = "test_broken", .summary = "one line"}});
KLBENCH_ENCODER(Mixing, {.key = "test_mixing", .domain = kText, .offers = {kPooledStates}});
KLBENCH_DECODER(Forgetful, {.key = "test_forgetful", .domain = kText, .offers = {kSkipConnection}});
KLBENCH_FAMILY(Wider, {.key = "test_wider", .domain = kSpace});
KLBENCH_PRIOR(Double, {.key = "test_double", .domain = kSpace});

bool says(const std::vector<std::string>& found, const std::string& sentence) {
  return std::find(found.begin(), found.end(), sentence) != found.end();
}

}  // namespace

TEST_CASE("every component that is built in keeps the contract of its kind") {
  Components all = registered_components();
  all.regularizers.clear();                                                          // tests/regularizers
  for (const char* large : {"wordnet", "fashion_mnist"}) all.datasets.erase(large);  // tests/data
  for (const auto& kind : kComponentKinds)
    std::erase_if(all.*kind.member, [](const auto& item) { return item.first.starts_with("test_"); });
  CHECK(all.encoders.size() >= 4);
  CHECK(all.metrics.size() >= 20);
  CHECK(all.figures.size() >= 10);
  CHECK(broken_contracts(all) == std::vector<std::string>{});
}

TEST_CASE("a component that breaks its contract is found out") {
  const Components all = registered_components();
  Components bad;
  bad.encoders.insert(*all.encoders.find("test_mixing"));
  bad.decoders.insert(*all.decoders.find("test_forgetful"));
  bad.families.insert(*all.families.find("test_wider"));
  bad.priors.insert(*all.priors.find("test_double"));
  bad.metrics.insert(*all.metrics.find("test_unsteady"));
  bad.figures.insert(*all.figures.find("test_broken"));
  const auto found = broken_contracts(bad);
  CHECK(says(found, "encoder test_mixing: the value of an example depends on the others of its batch, or on padding"));
  CHECK(says(found, "encoder test_mixing: no finite gradient reaches its parameter unused.weight"));
  CHECK(says(found, "encoder test_mixing: it offers to pool its states and does not"));
  CHECK(says(found, "decoder test_forgetful: it offers z beside its output and does not put it there"));
  CHECK(says(found, "decoder test_forgetful: score is not what loss says"));
  CHECK(says(found,
             "decoder test_forgetful: without z the loss is not [B] finite numbers: it has to say .needs = {kLatent}"));
  CHECK(says(found, "family test_wider: kl is not the mean of log q - log p over draws"));
  CHECK(says(found, "family test_wider: variance is not that of its draws"));
  CHECK(says(found, "prior test_double: exp(log_p) does not integrate to 1"));
  CHECK(says(found, "prior test_double: draws are not those of log_p: their moments differ"));
  CHECK(says(found, "metric test_unsteady: no attribute 'estimator'"));
  CHECK(says(found, "metric test_unsteady: it is no function of the request: measured again it is another"));
  CHECK(says(found, "metric test_unsteady: its value is not the mean of its examples"));
  CHECK_THAT(found.back(), StartsWith("figure kind test_broken: made from a small study it fails: "));
}
