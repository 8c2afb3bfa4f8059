#include "models/vae.h"

#include <algorithm>
#include <cstdlib>

#include "catch.h"
#include "core/error.h"
#include "models/batches.h"
#include "models/small_model.h"
#include "nn_support.h"

using namespace klbench;
using namespace klbench::testing;
using torch::Tensor;

namespace {

/// Three sentences of 4, 2 and 5 words.
Batch ragged_batch() {
  Sentences sentences;
  for (const auto& words : std::vector<std::vector<std::int32_t>>{{5, 6, 7, 8}, {9, 4}, {20, 21, 22, 23, 24}}) {
    sentences.tokens.insert(sentences.tokens.end(), words.begin(), words.end());
    sentences.offsets.push_back(static_cast<std::int64_t>(sentences.tokens.size()));
    sentences.labels.push_back(0);
  }
  return make_batch(sentences, {0, 1, 2});
}

/// -log p(x|z) of each sentence alone, [S, B]: no padding, no samples in common.
Tensor one_by_one(Vae& model, const Batch& batch, const Tensor& z) {
  const torch::NoGradGuard no_grad;
  auto all = torch::empty({z.size(0), z.size(1)});
  for (std::int64_t s = 0; s < z.size(0); ++s) {
    for (std::int64_t b = 0; b < z.size(1); ++b) {
      const auto tokens = batch.x.slice(0, 0, batch.lengths[b].item<std::int64_t>() + 1).slice(1, b, b + 1);
      const Batch alone{tokens, batch.lengths.slice(0, b, b + 1), batch.rows.slice(0, b, b + 1)};
      all[s][b] = model->reconstruct(alone, z[s].slice(0, b, b + 1), {})[0];
    }
  }
  return all;
}

}  // namespace

TEST_CASE("samples of a padded batch are scored as each sentence alone by plain layers") {
  const nn::ChoicesGuard guard;
  for (const char* remedy : {"vae", "skip_decoder"}) {
    INFO(remedy);
    auto model = small_model(3, remedy);
    model->eval();
    const auto batch = ragged_batch();
    torch::manual_seed(2);
    const auto z = torch::randn({5, 3, 3});
    nn::set_fused(true);
    const auto scores = model->reconstruct_samples(batch, z);
    nn::set_fused(false);
    const auto expected = one_by_one(model, batch, z);
    REQUIRE(scores.sizes() == expected.sizes());
    CHECK(nn::distance(scores, expected) < 1e-5);
    CHECK_FALSE(scores.requires_grad());
    CHECK(expected.std(0).min().item<double>() > 0);  // z matters, or nothing was tested
  }
}

TEST_CASE("the language model scores every sample alike") {
  auto model = small_model(3, "");
  model->eval();
  CHECK_FALSE(model->has_latent());
  CHECK(model->latent_dim() == 0);
  const auto batch = ragged_batch();
  const auto scores = model->reconstruct_samples(batch, torch::zeros({2, 3, 0}));
  const auto expected = model->reconstruct(batch, {}, {}).detach();
  CHECK(nn::distance(scores[0], expected) < 1e-6);
  CHECK(torch::equal(scores[0], scores[1]));
}

TEST_CASE("every remedy starts from the same encoder and decoder, another seed from others") {
  auto plain = small_model(4, "vae"), bn = small_model(4, "bn_vae");
  for (const auto group : {kEncoder, kDecoder}) {
    const auto a = plain->group(group), b = bn->group(group);
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(torch::equal(a[i], b[i]));
  }
  const auto encoder = plain->group(kEncoder)[0].clone(), decoder = plain->group(kDecoder)[0].clone();
  plain->reset(kDecoder, 7);
  CHECK(torch::equal(plain->group(kEncoder)[0], encoder));
  CHECK_FALSE(torch::equal(plain->group(kDecoder)[0], decoder));
  CHECK_THROWS_AS(plain->reset(kOwn, 7), Error);
}

TEST_CASE("word dropout replaces words in training alone") {
  auto model = small_model(4, "word_dropout");
  const auto batch = ragged_batch();
  const auto z = torch::zeros({3, 4});
  Progress progress;
  model->eval();  // no dropout of the layers
  torch::manual_seed(1);
  const auto a = model->reconstruct(batch, z, progress), b = model->reconstruct(batch, z, progress);
  CHECK_FALSE(torch::equal(a, b));
  progress.mode = Progress::Mode::eval;
  CHECK(torch::equal(model->reconstruct(batch, z, progress), model->reconstruct(batch, z, progress)));
}

TEST_CASE("greedy generation takes the likeliest word at every step") {
  auto model = small_model(2, "vae", 6);
  model->eval();
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  const auto z = torch::randn({4, 2}) * 2;
  const auto sentences = model->text_decoder().generate(z, 6, 0, {});
  REQUIRE(sentences.size() == 4);
  for (std::int64_t row = 0; row < 4; ++row) {
    auto words = sentences[static_cast<std::size_t>(row)];
    REQUIRE(words.size() <= 6);
    CHECK(std::none_of(words.begin(), words.end(), [](auto word) { return word == kPad || word == kStart; }));
    if (words.size() < 6) words.push_back(kEnd);
    // The loss of the whole against that with any other last word: the chosen one is the cheapest.
    const auto steps = static_cast<std::int64_t>(words.size());
    auto tokens = torch::full({steps + 1, kVocabulary}, kStart, torch::kInt64);
    for (std::int64_t t = 0; t < steps; ++t) tokens[t + 1] = words[static_cast<std::size_t>(t)];
    tokens[steps] = torch::arange(kVocabulary);  // column v ends with word v
    const Batch all{tokens, torch::full({kVocabulary}, steps, torch::kInt64), torch::arange(kVocabulary)};
    const auto nll = model->decoder().loss(all, z.slice(0, row, row + 1).expand({kVocabulary, 2}));
    nll[kPad] = nll[kStart] = INFINITY;
    CHECK(nll.argmin().item<std::int64_t>() == words.back());
  }
}

TEST_CASE("the published initialisation is uniform within .01, embeddings within .1") {
  CellConfig config = default_config();
  add_lstm(config, 128, 256);
  for (const char* part : {"model.encoder.init", "model.decoder.init"}) config.values[part] = std::string("uniform");
  config.regularizer = {{"vae", Options(RegularizerRegistry::instance().find("vae").spec, {})}};
  const Vae model(config, ModelFacts{.vocabulary = kVocabulary}, 1);
  for (const auto& parameter : model->named_parameters()) {
    INFO(parameter.key());
    const bool embedding = parameter.key().find("embedding") != std::string::npos;
    const double largest = parameter.value().abs().max().item<double>();
    CHECK(largest <= (embedding ? 0.1 : 0.01));
    CHECK(largest > (embedding ? 0.09 : 0.009));
  }
}

TEST_CASE("each part has an initialisation of its own, as Zhu et al. 2020 need it") {
  CellConfig config = default_config();
  add_lstm(config, 128, 256);
  config.regularizer = {{"vae", Options(RegularizerRegistry::instance().find("vae").spec, {})}};
  const Vae plain(config, ModelFacts{.vocabulary = kVocabulary}, 1);
  config.values["model.decoder.init"] = std::string("uniform");
  const Vae model(config, ModelFacts{.vocabulary = kVocabulary}, 1);
  const auto encoder = model->group(kEncoder), decoder = model->group(kDecoder);
  for (std::size_t i = 0; i < encoder.size(); ++i) CHECK(torch::equal(encoder[i], plain->group(kEncoder)[i]));
  for (const auto& weights : decoder) CHECK(weights.abs().max().item<double>() <= 0.1);
  CHECK(plain->group(kDecoder)[0].abs().max().item<double>() > 1);  // embeddings N(0, 1)
}

TEST_CASE("a sentence's posterior and loss are its own, whatever stands beside it in the batch") {
  const nn::ChoicesGuard guard;
  auto model = small_model(3, "vae");
  model->eval();
  Sentences sentences;
  for (const std::int64_t length : {1, 7, 3, 7, 2, 5}) {
    for (std::int64_t t = 0; t < length; ++t)
      sentences.tokens.push_back(static_cast<std::int32_t>(4 + (length + t) % 5));
    sentences.offsets.push_back(static_cast<std::int64_t>(sentences.tokens.size()));
  }
  const auto z = torch::randn({6, 3});
  const auto batch = make_batch(sentences, {0, 1, 2, 3, 4, 5});
  for (const bool fast : {false, true}) {
    nn::set_fused(fast);
    const auto raw = model->encode(batch);
    const auto rec = model->reconstruct(batch, z, {});
    for (std::int64_t row = 0; row < 6; ++row) {
      INFO("fast " << fast << " row " << row);
      const auto alone = make_batch(sentences, {row});
      CHECK(nn::distance(raw.mu[row], model->encode(alone).mu[0]) < 1e-5);
      CHECK(nn::distance(rec[row], model->reconstruct(alone, z.slice(0, row, row + 1), {})[0]) < 1e-5);
    }
  }
}

// Beside the fused layers of the CPU; on a card where tests/gpu/run.sh names one.
TEST_CASE("plain layers on the device KLBENCH_TEST_DEVICE have the loss and gradients of the fused ones") {
  const nn::ChoicesGuard guard;
  const char* named = std::getenv("KLBENCH_TEST_DEVICE");
  const torch::Device device(named ? named : "cpu");
  at::globalContext().setAllowTF32CuBLAS(false);  // as in training
  at::globalContext().setAllowTF32CuDNN(false);
  const std::pair<const char*, const char*> pairs[] = {{"lstm", "lstm"},
                                                       {"transformer", "transformer"},
                                                       {"lstm", "dilated_cnn"},
                                                       {"mlp", "mlp"},
                                                       {"resnet", "pixelcnn"}};
  for (const auto& [encoder, decoder] : pairs) {
    INFO(encoder << " " << decoder);
    const bool images = EncoderRegistry::instance().find(encoder).spec.domain == kImage;
    CellConfig config = default_config();
    set_components(config, encoder, decoder, {{"embedding_dim", std::int64_t{8}}, {"hidden_dim", std::int64_t{12}}});
    config.values["model.latent_dim"] = std::int64_t{3};
    config.regularizer = {{"vae", Options(RegularizerRegistry::instance().find("vae").spec, {})}};
    ModelFacts facts{.vocabulary = kVocabulary};
    if (images) facts = {.image = {1, 8, 8}};
    Vae model(config, facts, 1);
    model->eval();  // without dropout
    torch::manual_seed(3);
    const auto none = torch::zeros({3}, torch::kInt64);
    const Batch batch = images ? Batch{torch::rand({3, 1, 8, 8}).round(), none, none} : ragged_batch();
    const auto run = [&](const torch::Device& where) {
      model->to(where);
      const auto raw = model->encode(batch.to(where));
      const auto loss = model->reconstruct(batch.to(where), raw.mu + 0.1 * raw.scale, {}).sum();
      loss.backward();
      auto found = nn::take_gradients(model->parameters());
      found.push_back(loss.detach());
      for (auto& value : found) value = value.to_dense().cpu();
      return found;
    };
    const auto expected = run(torch::kCPU);
    nn::set_fused(false);
    const auto found = run(device);
    nn::set_precision("bf16");
    const auto rounded = run(device);
    nn::set_precision("f32");
    nn::set_fused(true);
    CHECK(nn::distance(rounded.back(), expected.back()) < 1e-2);
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(nn::distance(found[i], expected[i]) < 1e-4);
  }
}
