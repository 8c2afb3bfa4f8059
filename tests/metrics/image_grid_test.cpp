#include "metrics/image_grid.h"

#include "catch.h"
#include "models/image_model.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("rows of a grid: examples, what is made of their means, of the prior, and of two ways between means") {
  torch::manual_seed(1);
  const ImageShape shape{1, 2, 3};
  auto model = image_model(shape, 2, "mlp", "mlp");
  const auto split = random_images(8, shape);
  const auto mu = torch::randn({8, 2}) * 2;
  const auto grid = [&](std::uint64_t seed) {
    const auto metric = image_grid(model, split, mu, seed);
    CHECK(std::get<std::int64_t>(metric.attributes.at("rows")) == 5);
    CHECK(std::get<std::int64_t>(metric.attributes.at("columns")) == 8);
    const auto steps = torch::tensor(metric.values, torch::kFloat64).view({5, 8, 6}) * 256;
    CHECK(torch::equal(steps, steps.round()));
    return (steps / 256).to(torch::kFloat32);
  };
  const auto made_of = [&](const torch::Tensor& z) {
    const torch::NoGradGuard no_grad;
    return model->image_decoder().expected(z).flatten(1);  // the mlp's pictures are its means
  };
  const auto apart = [](const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<float>(); };
  const float half_step = 0.5F / 256 + 1e-6F;
  const auto found = grid(3);
  CHECK(apart(found[0], make_batch(split, {0, 1, 2, 3, 4, 5, 6, 7}).x.flatten(1)) <= half_step);
  CHECK(apart(found[1], made_of(mu)) <= half_step);
  for (const std::int64_t row : {3, 4}) {
    const auto from = mu[2 * (row - 3)], to = mu[2 * (row - 3) + 1];
    for (std::int64_t k = 0; k < 8; ++k) {
      INFO(row << " " << k);
      const auto z = from + (to - from) * (static_cast<double>(k) / 7);
      CHECK(apart(found[row][k], made_of(z.unsqueeze(0))[0]) <= half_step);
    }
  }
  const auto other = grid(4);
  CHECK_FALSE(torch::equal(found[2], other[2]));  // another seed draws others from the prior, and moves nothing else
  for (const std::int64_t row : {0, 1, 3, 4}) CHECK(torch::equal(found[row], other[row]));
}
