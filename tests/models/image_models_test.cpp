// Encoders and decoders of images: shapes, causality, likelihoods that add up, gradients.
#include <cmath>

#include "catch.h"
#include "core/error.h"
#include "models/batches.h"
#include "models/image_model.h"
#include "models/vae.h"
#include "nn_support.h"

using namespace klbench;
using namespace klbench::testing;
using torch::Tensor;

namespace {

constexpr ImageShape kShape{1, 5, 4};

}  // namespace

TEST_CASE("a batch of images holds them in order, grey or drawn by seed and row") {
  Images split = random_images(6, kShape);
  const auto batch = make_batch(split, {4, 1});
  CHECK(batch.x.sizes() == torch::IntArrayRef{2, 1, 5, 4});
  CHECK(batch.size() == 2);
  CHECK(batch.units() == 2);
  CHECK(batch.elements() == 40);
  CHECK(batch.x[1][0][2][3].item<float>() == static_cast<float>(split.pixels[20 + 11]) / 255);
  CHECK(torch::equal(batch.select(torch::tensor({1})).x[0], batch.x[1]));
  split.pixels.assign(split.pixels.size(), 51);
  split.drawn_anew = true;
  const auto all = [&](std::uint64_t noise) { return make_batch(split, {0, 1, 2, 3, 4, 5}, noise).x; };
  CHECK(torch::equal(all(1), all(1)));
  CHECK_FALSE(torch::equal(all(1), all(2)));
  CHECK(torch::equal(all(1)[4], make_batch(split, {4}, 1).x[0]));
  double sum = 0;
  for (std::uint64_t noise = 0; noise < 100; ++noise) sum += all(noise).mean().item<double>();
  CHECK(std::abs(sum / 100 - 0.2) < 0.02);
}

TEST_CASE("a PixelCNN's pixel changes the probabilities of those behind it alone") {
  for (const char* layout : {"small", "he2019", "he2019_large"}) {
    INFO(layout);
    auto model = image_model({1, 2, 4}, 2, "mlp", "pixelcnn", {{"layout", std::string(layout)}});
    model->eval();
    CHECK(std::abs(sum_over_all_images(model, {1, 2, 4}, 2) - 1) < 1e-5);  // a look ahead would break this
    auto x = make_batch(random_images(1, {1, 2, 4}), {0}).x.clone().requires_grad_();
    const Batch batch{x, torch::zeros({1}, torch::kInt64), torch::zeros({1}, torch::kInt64)};
    model->decoder().loss(batch, torch::randn({1, 2})).sum().backward();
    CHECK(x.grad().abs().min().item<double>() > 0);
  }
}

TEST_CASE("probabilities of all images of a small size add up to 1") {
  for (const char* decoder : {"mlp", "pixelcnn"}) {
    for (const std::int64_t latent : {0, 2}) {
      INFO(decoder << " " << latent);
      auto model = image_model({1, 2, 4}, latent, "mlp", decoder);
      model->eval();
      CHECK(std::abs(sum_over_all_images(model, {1, 2, 4}, latent) - 1) < 1e-5);
    }
  }
}

TEST_CASE("samples are scored as each example alone") {
  for (const char* decoder : {"mlp", "pixelcnn"}) {
    INFO(decoder);
    auto model = image_model(kShape, 3, "mlp", decoder);
    model->eval();
    const torch::NoGradGuard no_grad;
    const auto batch = make_batch(random_images(4, kShape), {0, 1, 2, 3});
    const auto z = torch::randn({5, 4, 3});
    const auto scores = model->reconstruct_samples(batch, z);
    for (std::int64_t s = 0; s < 5; ++s) CHECK(nn::distance(scores[s], model->reconstruct(batch, z[s], {})) < 1e-5);
    CHECK(scores.std(0).min().item<double>() > 0);
    auto without = image_model(kShape, 0, "mlp", decoder);
    without->eval();
    const auto own = without->reconstruct(batch, {}, {});
    CHECK(nn::distance(without->reconstruct_samples(batch, torch::zeros({2, 4, 0}))[1], own) < 1e-5);
  }
}

TEST_CASE("what a PixelCNN draws has the frequencies that it gives") {
  auto model = image_model({1, 2, 2}, 0, "mlp", "pixelcnn");
  model->eval();
  const auto drawn = model->image_decoder().generate(torch::zeros({4000, 0}), at::detail::createCPUGenerator(1));
  CHECK(drawn.sizes() == torch::IntArrayRef{4000, 1, 2, 2});
  const auto codes = (drawn.flatten(1) * torch::tensor({8.0F, 4.0F, 2.0F, 1.0F})).sum(1);
  const torch::NoGradGuard no_grad;
  for (int code = 0; code < 16; ++code) {
    const auto x =
        torch::tensor({code >> 3 & 1, code >> 2 & 1, code >> 1 & 1, code & 1}, torch::kFloat32).view({1, 1, 2, 2});
    const Batch one{x, torch::zeros({1}, torch::kInt64), torch::zeros({1}, torch::kInt64)};
    const double expected = std::exp(-model->reconstruct(one, {}, {})[0].item<double>());
    const double found = (codes == code).to(torch::kFloat64).mean().item<double>();
    CHECK(std::abs(found - expected) < 5 * std::sqrt(expected * (1 - expected) / 4000) + 1e-9);
  }
}

TEST_CASE("a decoder's expected image is what it gives where pixels are independent, and is refused where not") {
  auto model = image_model(kShape, 3, "mlp", "mlp");
  const auto z = torch::randn({2, 3}).requires_grad_();
  const auto expected = model->image_decoder().expected(z);
  CHECK(torch::equal(expected, model->image_decoder().generate(z, at::detail::createCPUGenerator(1))));
  expected.sum().backward();
  CHECK(z.grad().abs().min().item<double>() > 0);
  auto other = image_model(kShape, 3, "mlp", "pixelcnn");
  CHECK_THROWS_WITH(other->image_decoder().expected(z), ContainsSubstring("pixel by pixel"));
}

TEST_CASE("gradients of the image modules agree with finite differences") {
  const Given published = {
      {"layout", std::string("he2019")}, {"batch_norm", true}, {"hidden_channels", std::int64_t{4}}};
  struct {
    const char *encoder, *decoder;
    Given options;
  } const models[] = {{"mlp", "mlp", {}}, {"resnet", "pixelcnn", {}}, {"resnet", "pixelcnn", published}};
  for (const auto& [encoder, decoder, options] : models) {
    INFO(encoder << " " << decoder << " " << options.size());
    auto model = image_model(kShape, 2, encoder, decoder, options);
    model->to(torch::kFloat64);
    auto batch = make_batch(random_images(3, kShape), {0, 1, 2});
    batch.x = batch.x.to(torch::kFloat64);
    const auto loss = [&] {
      const auto raw = model->encode(batch);
      return model->decoder().loss(batch, raw.mu).sum() + raw.scale.square().sum();
    };
    CHECK(wrong_gradients(model, loss) == std::vector<std::string>{});
  }
  auto without = image_model(kShape, 0, "mlp", "pixelcnn");  // its own maps in the place of z
  without->to(torch::kFloat64);
  auto batch = make_batch(random_images(3, kShape), {0, 1, 2});
  batch.x = batch.x.to(torch::kFloat64);
  CHECK(wrong_gradients(without, [&] { return without->decoder().loss(batch, {}).sum(); }) ==
        std::vector<std::string>{});
}

TEST_CASE("components say what they are for, and a model of images writes no text") {
  for (const auto& [key, entry] : EncoderRegistry::instance().entries()) CHECK_FALSE(entry.spec.domain.empty());
  for (const auto& [key, entry] : DecoderRegistry::instance().entries()) CHECK_FALSE(entry.spec.domain.empty());
  auto model = image_model(kShape, 2, "mlp", "mlp");
  CHECK_THROWS_AS(model->text_decoder(), Error);
  CHECK_NOTHROW(model->image_decoder());
}
