#include "catch.h"
#include "models/nn/lstm_layer.h"
#include "nn_support.h"

using namespace klbench;
using torch::Tensor;

namespace {

struct Shape {
  std::int64_t steps, batch, input, context, hidden;
  bool initial;
};

struct Case {
  nn::LstmLayer layer{nullptr};
  Tensor x, context, h0, c0;
  std::vector<Tensor> leaves;  ///< everything that gets a gradient

  explicit Case(const Shape& s) : layer(s.input, s.context, s.hidden) {
    const auto leaf = [&](torch::IntArrayRef sizes) {
      leaves.push_back(torch::randn(sizes).requires_grad_());
      return leaves.back();
    };
    x = leaf({s.steps, s.batch, s.input});
    if (s.context > 0) context = leaf({s.batch, s.context});
    if (s.initial) h0 = leaf({s.batch, s.hidden}), c0 = leaf({s.batch, s.hidden});
    for (const auto& parameter : layer->parameters()) leaves.push_back(parameter);
  }
  nn::LstmOutput run() { return layer->forward(x, context, h0, c0); }
};

/// A scalar that weighs every output differently, so that no gradient is missed.
Tensor weigh(const nn::LstmOutput& out) {
  const auto weight = [](const Tensor& t) { return torch::sin(torch::arange(t.numel(), torch::kFloat)).view_as(t); };
  return (out.outputs * weight(out.outputs)).sum() + (out.h * weight(out.h)).sum() * 0.7 +
         (out.c * weight(out.c)).sum() * 0.3;
}

struct Run {
  nn::LstmOutput out;
  std::vector<Tensor> gradients;
};

Run run(Case& c, const std::function<Tensor(const nn::LstmOutput&)>& loss = weigh) {
  auto out = c.run();
  loss(out).backward();
  return {out, nn::take_gradients(c.leaves)};
}

void check_close(const Run& a, const Run& b, double tolerance) {
  CHECK(nn::distance(a.out.outputs, b.out.outputs) < tolerance);
  CHECK(nn::distance(a.out.h, b.out.h) < tolerance);
  CHECK(nn::distance(a.out.c, b.out.c) < tolerance);
  REQUIRE(a.gradients.size() == b.gradients.size());
  for (std::size_t i = 0; i < a.gradients.size(); ++i) {
    INFO("gradient " << i);
    CHECK(nn::distance(a.gradients[i], b.gradients[i]) < tolerance);
  }
}

const std::vector<Shape> kShapes{{5, 8, 16, 4, 32, true},   {7, 3, 13, 5, 19, true}, {1, 1, 1, 1, 1, true},
                                 {1, 4, 8, 0, 17, false},   {6, 1, 9, 0, 24, false}, {4, 5, 3, 2, 48, false},
                                 {10, 32, 24, 32, 40, true}};

}  // namespace

TEST_CASE("the plain LSTM layer is torch's LSTM over words and context", "[nn]") {
  const nn::ChoicesGuard guard;
  nn::set_fused(false);
  torch::manual_seed(1);
  Case c({6, 5, 7, 3, 11, true});
  torch::nn::LSTM reference(10, 11);
  const torch::NoGradGuard no_grad;
  for (const auto* name : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"})
    reference->named_parameters()[std::string(name) + "_l0"].copy_(c.layer->named_parameters()[name]);
  const auto input = torch::cat({c.x, c.context.expand({6, 5, 3})}, 2);
  const auto [outputs, state] = reference->forward(input, std::make_tuple(c.h0.unsqueeze(0), c.c0.unsqueeze(0)));
  const auto out = c.run();
  CHECK(nn::distance(out.outputs, outputs) < 1e-6);
  CHECK(nn::distance(out.h, std::get<0>(state)[0]) < 1e-6);
  CHECK(nn::distance(out.c, std::get<1>(state)[0]) < 1e-6);
}

TEST_CASE("the fused LSTM layer has the plain one's outputs and gradients", "[nn]") {
  const nn::ChoicesGuard guard;
  for (const auto backend : {nn::Backend::onednn, nn::Backend::blas}) {
    nn::set_f32_backend(backend);
    for (const auto& shape : kShapes) {
      INFO("backend " << static_cast<int>(backend) << " steps " << shape.steps << " hidden " << shape.hidden);
      torch::manual_seed(2);
      Case c(shape);
      nn::set_fused(false);
      const auto plain = run(c);
      nn::set_fused(true);
      check_close(run(c), plain, 1e-5);
    }
  }
}

TEST_CASE("each output of the fused LSTM layer carries its gradient alone", "[nn]") {
  const nn::ChoicesGuard guard;
  torch::manual_seed(3);
  Case c({5, 4, 6, 3, 20, true});
  const std::vector<std::function<Tensor(const nn::LstmOutput&)>> losses{
      [](const nn::LstmOutput& o) { return o.outputs.square().sum(); },
      [](const nn::LstmOutput& o) { return o.h.square().sum(); },
      [](const nn::LstmOutput& o) { return o.c.square().sum(); },
      [](const nn::LstmOutput& o) { return o.outputs.select(0, 2).sum(); }};
  for (const auto& loss : losses) {
    nn::set_fused(false);
    const auto plain = run(c, loss);
    nn::set_fused(true);
    check_close(run(c, loss), plain, 1e-5);
  }
}

TEST_CASE("tiny weights keep relative accuracy in the fused LSTM layer", "[nn]") {
  const nn::ChoicesGuard guard;
  torch::manual_seed(4);
  Case c({9, 6, 20, 5, 33, true});
  {
    const torch::NoGradGuard no_grad;
    for (auto& leaf : c.leaves) leaf.mul_(0.01);
  }
  nn::set_fused(false);
  const auto plain = run(c);
  nn::set_fused(true);
  check_close(run(c), plain, 1e-5);
}

TEST_CASE("a frozen weight or input gets no gradient and leaves the others theirs", "[nn]") {
  const nn::ChoicesGuard guard;
  torch::manual_seed(5);
  Case c({4, 3, 6, 2, 10, true});
  const auto full = run(c);
  c.layer->weight_hh.requires_grad_(false);
  c.x.requires_grad_(false);
  const auto part = run(c);
  CHECK(part.gradients[0].abs().sum().item<double>() == 0);
  for (std::size_t i = 0; i < c.leaves.size(); ++i)
    if (c.leaves[i].requires_grad()) CHECK(torch::equal(part.gradients[i], full.gradients[i]));
}

TEST_CASE("a graph may be walked twice", "[nn]") {
  torch::manual_seed(6);
  Case c({4, 3, 6, 2, 10, true});
  const auto loss = weigh(c.run());
  loss.backward({}, /*retain_graph=*/true);
  const auto first = nn::take_gradients(c.leaves);
  loss.backward();
  const auto second = nn::take_gradients(c.leaves);
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(torch::equal(first[i], second[i]));
}

TEST_CASE("bf16 products keep the LSTM's gradients within 1e-2", "[nn]") {
  const nn::ChoicesGuard guard;
  if (!cpu_has_avx512()) return;
  for (const auto& shape : kShapes) {
    if (shape.hidden < 8) continue;
    INFO("steps " << shape.steps << " hidden " << shape.hidden);
    torch::manual_seed(7);
    Case c(shape);
    nn::set_precision("f32");
    const auto f32 = run(c);
    nn::set_precision("bf16");
    const auto before = nn::products(nn::Backend::onednn_bf16);
    check_close(run(c), f32, 1e-2);
    CHECK(nn::products(nn::Backend::onednn_bf16) > before);
  }
}

TEST_CASE("samples that share the words are scored as if each stood alone", "[nn]") {
  const nn::ChoicesGuard guard;
  torch::manual_seed(8);
  const std::int64_t steps = 5, batch = 3, samples = 4, input = 9, context = 6, hidden = 21;
  nn::LstmLayer layer(input, context, hidden);
  const auto x = torch::randn({steps, batch, input}), z = torch::randn({samples * batch, context});
  const auto h0 = torch::randn({samples * batch, hidden}), c0 = torch::randn({samples * batch, hidden});
  const torch::NoGradGuard no_grad;
  const auto alone = layer->forward(x.repeat({1, samples, 1}), z, h0, c0);
  const auto check = [&](double tolerance) {
    const auto shared = layer->infer(x, z, h0, c0);
    CHECK(nn::distance(shared.outputs, alone.outputs) < tolerance);
    CHECK(nn::distance(shared.h, alone.h) < tolerance);
    CHECK(nn::distance(shared.c, alone.c) < tolerance);
  };
  check(1e-6);
  nn::set_fused(false);
  check(1e-6);
  nn::set_fused(true);
  if (!cpu_has_avx512()) return;
  nn::set_precision("bf16");
  check(1e-2);
}

TEST_CASE("double inputs take the plain path", "[nn]") {
  nn::LstmLayer layer(4, 0, 6);
  layer->to(torch::kDouble);
  const auto before = nn::products(nn::Backend::onednn) + nn::products(nn::Backend::blas);
  const auto out = layer->forward(torch::randn({3, 2, 4}, torch::kDouble));
  CHECK(out.outputs.scalar_type() == torch::kDouble);
  CHECK(nn::products(nn::Backend::onednn) + nn::products(nn::Backend::blas) == before);
}
