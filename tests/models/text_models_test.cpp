// What every encoder and decoder of text must keep: likelihoods that add up, causality, samples as alone, padding
// without effect, gradients.
#include <cmath>

#include "catch.h"
#include "models/batches.h"
#include "models/small_model.h"
#include "nn_support.h"
#include "peer_values.h"

using namespace klbench;
using namespace klbench::testing;
using torch::Tensor;

namespace {

struct Parts {
  std::string encoder, decoder;
};
const std::vector<Parts> kParts = {{"lstm", "lstm"}, {"transformer", "transformer"}, {"lstm", "dilated_cnn"}};

constexpr std::int64_t kWords = 7;  // the special words and three more

Vae text_model(const Parts& parts, std::int64_t latent_dim, const std::string& remedy = "vae",
               const Given& options = {}) {
  CellConfig config = default_config();
  config.values["model.latent_dim"] = latent_dim;
  set_components(config, parts.encoder, parts.decoder,
                 {{"hidden_dim", std::int64_t{8}}, {"embedding_dim", std::int64_t{6}}});
  if (latent_dim > 0)
    config.regularizer = {{remedy, Options(RegularizerRegistry::instance().find(remedy).spec, options)}};
  return Vae(config, ModelFacts{.vocabulary = kWords}, 1);
}

Sentences sentences_of(const std::vector<std::vector<std::int32_t>>& lines) {
  Sentences sentences;
  for (const auto& line : lines) {
    sentences.tokens.insert(sentences.tokens.end(), line.begin(), line.end());
    sentences.offsets.push_back(static_cast<std::int64_t>(sentences.tokens.size()));
  }
  return sentences;
}

const Sentences kRagged = sentences_of({{4, 5, 6, 4}, {6, 5}, {5, 5, 6, 4, 4}});

}  // namespace

TEST_CASE("a sentence's loss and posterior are its own, whatever padding stands behind it") {
  for (const auto& parts : kParts) {
    INFO(parts.encoder << " " << parts.decoder);
    auto model = text_model(parts, 3);
    model->eval();
    const torch::NoGradGuard no_grad;
    const auto batch = make_batch(kRagged, {0, 1, 2});
    const auto z = torch::randn({3, 3});
    const auto raw = model->encode(batch);
    const auto rec = model->decoder().loss(batch, z);
    for (std::int64_t row = 0; row < 3; ++row) {
      const auto alone = make_batch(kRagged, {row});
      CHECK(nn::distance(raw.mu[row], model->encode(alone).mu[0]) < 1e-5);
      CHECK(nn::distance(rec[row], model->decoder().loss(alone, z.slice(0, row, row + 1))[0]) < 1e-5);
    }
  }
}

TEST_CASE("a decoder does not see the words that it is to predict") {
  const torch::NoGradGuard no_grad;
  for (const auto& parts : kParts) {
    for (const std::int64_t latent : {0, 3}) {
      INFO(parts.decoder << " " << latent);
      auto model = text_model(parts, latent);
      model->eval();
      const auto z = latent > 0 ? torch::randn({1, latent}) : Tensor();
      for (std::int64_t t = 1; t < 5; ++t) {
        auto batch = make_batch(kRagged, {2});  // five words and the end: six predictions
        batch.fed = batch.inputs().clone();
        batch.x = batch.x.clone();
        batch.x.slice(0, t + 1).zero_();  // no loss from the word at t on, which is fed at t + 1
        const auto loss = [&] { return model->decoder().loss(batch, z)[0].item<double>(); };
        const double before = loss();
        batch.fed.slice(0, t).fill_(6);
        CHECK(loss() == Approx(before).epsilon(1e-6));
        batch.fed[t - 1] = batch.fed[t - 1].item<std::int64_t>() == 4 ? 5 : 4;  // what the last prediction reads
        CHECK(std::abs(loss() - before) > 1e-5);
      }
    }
  }
}

TEST_CASE("greedy text is word by word the one of least loss, for every decoder") {
  const torch::NoGradGuard no_grad;
  for (const auto& parts : kParts) {
    INFO(parts.decoder);
    auto model = text_model(parts, 3);
    model->eval();
    const auto z = torch::randn({1, 3});
    auto best = model->text_decoder().generate(z, 3, 0, {}).at(0);
    if (best.size() < 3) best.push_back(kEnd);
    const auto steps = static_cast<std::int64_t>(best.size());
    auto tokens = torch::full({steps + 1, kWords}, kStart, torch::kInt64);
    for (std::int64_t t = 0; t < steps; ++t) tokens[t + 1] = best[static_cast<std::size_t>(t)];
    tokens[-1] = torch::arange(kWords);
    const Batch all{tokens, torch::full({kWords}, steps, torch::kInt64), torch::arange(kWords)};
    auto nll = model->decoder().loss(all, z.expand({kWords, 3}));
    nll[kPad] = nll[kStart] = INFINITY;
    CHECK(nll.argmin().item<std::int64_t>() == best.back());
  }
}

TEST_CASE("samples of a padded batch are scored as each alone, with and without skip") {
  for (const auto& parts : kParts) {
    for (const char* remedy : {"vae", "skip_decoder"}) {
      INFO(parts.decoder << " " << remedy);
      auto model = text_model(parts, 3, remedy);
      model->eval();
      const torch::NoGradGuard no_grad;
      const auto batch = make_batch(kRagged, {0, 1, 2});
      const auto z = torch::randn({4, 3, 3});
      const auto scores = model->reconstruct_samples(batch, z);
      for (std::int64_t s = 0; s < 4; ++s) CHECK(nn::distance(scores[s], model->decoder().loss(batch, z[s])) < 1e-5);
      CHECK(scores.std(0).min().item<double>() > 0);
    }
    auto without = text_model(parts, 0);
    without->eval();
    const auto batch = make_batch(kRagged, {0, 1, 2});
    const auto own = without->reconstruct(batch, {}, {}).detach();
    CHECK(nn::distance(without->reconstruct_samples(batch, torch::zeros({2, 3, 0}))[1], own) < 1e-5);
  }
}

TEST_CASE("pooling of a transformer's states leaves padding out") {
  for (const char* pooling : {"last", "mean", "max"}) {
    INFO(pooling);
    const auto& entry = EncoderRegistry::instance().find("transformer");
    const Options options(entry.spec, {{"hidden_dim", std::int64_t{8}}});
    const auto encoder = entry.make(options, {{.latent_dim = 2, .vocabulary = kWords}, pooling});
    encoder->eval();
    const auto all = encoder->forward(make_batch(kRagged, {0, 1, 2})).mu;
    CHECK(nn::distance(all[1], encoder->forward(make_batch(kRagged, {1})).mu[0]) < 1e-5);
  }
}

TEST_CASE("gradients of the text modules agree with finite differences") {
  const nn::ChoicesGuard guard;
  nn::set_fused(false);
  struct {
    Parts parts;
    std::string remedy = "vae";
    Given options{};
  } const models[] = {{kParts[0]},
                      {kParts[1]},
                      {kParts[2]},
                      {kParts[0], "skip_decoder"},
                      {kParts[1], "skip_decoder"},
                      {kParts[2], "skip_decoder"},
                      {kParts[0], "pooling_encoder", {{"pooling", std::string("mean")}}},
                      {kParts[1], "pooling_encoder", {{"pooling", std::string("mean")}}},
                      {kParts[1], "pooling_encoder", {{"pooling", std::string("max")}}}};
  for (const auto& [parts, remedy, options] : models) {
    INFO(parts.encoder << " " << parts.decoder << " " << remedy);
    auto model = text_model(parts, 2, remedy, options);
    model->to(torch::kFloat64);
    model->eval();
    const auto batch = make_batch(kRagged, {0, 1, 2});
    const auto loss = [&] {
      const auto raw = model->encode(batch);
      return model->decoder().loss(batch, raw.mu).sum() + raw.scale.square().sum();
    };
    CHECK(wrong_gradients(model, loss) == std::vector<std::string>{});
  }
}

TEST_CASE("a decoder's states are those of the predicted words, in one order, and hang on z") {
  for (const auto& parts : kParts) {
    INFO(parts.decoder);
    auto model = text_model(parts, 3);
    const auto batch = make_batch(kRagged, {0, 1, 2});
    const auto z = torch::randn({3, 3}).requires_grad_();
    model->eval();
    const auto states = model->text_decoder().states(batch, z);
    CHECK(states.size(0) == 5 + 3 + 6);  // words and </s>
    CHECK(torch::equal(states, model->text_decoder().states(batch, z)));
    states.square().sum().backward();
    CHECK(z.grad().abs().sum(1).min().item<double>() > 0);
    model->train();
    CHECK_FALSE(torch::equal(model->text_decoder().states(batch, z), model->text_decoder().states(batch, z)));
  }
}

TEST_CASE("the LSTM decoder of skip_decoder is that of public code") {
  const auto item = peer_cases("decoder").at(0);
  auto model = text_model(kParts[0], 3, item.at("remedy"));
  model->eval();
  auto parameters = model->decoder().named_parameters();
  REQUIRE(parameters.size() == item.at("parameters").size());
  for (const auto& [name, value] : item.at("parameters").items()) {
    const torch::NoGradGuard no_grad;
    parameters[name].copy_(tensor_of(value));
  }
  const auto batch = make_batch(sentences_of({{4, 6, 5}, {5, 6}, {6, 4, 5, 6}}), {0, 1, 2});
  REQUIRE(torch::equal(batch.x, tensor_of(item.at("x")).to(torch::kLong)));
  const auto z = peer_leaf(item.at("z"));
  const auto rec = model->decoder().loss(batch, z);
  rec.sum().backward();
  check_near(item, "rec", rec);
  check_near(item, "rec", model->decoder().score(batch, z.detach().unsqueeze(0))[0]);
  check_near(item, "grad_z", z.grad());
  for (const auto& parameter : parameters) {
    const auto gradient = parameter.value().grad();
    check_near(item.at("grad_parameters"), parameter.key(), gradient.is_sparse() ? gradient.to_dense() : gradient);
  }
}
