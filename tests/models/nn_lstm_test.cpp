#include "catch.h"
#include "core/cpu_precision.h"
#include "core/error.h"
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

TEST_CASE("plain LibTorch, which a card runs, makes the LSTM's products in bf16 within 2e-2, all else in f32", "[nn]") {
  const nn::ChoicesGuard guard;
  nn::set_fused(false);
  torch::manual_seed(7);
  Case c({7, 3, 13, 5, 19, true});
  const auto f32 = run(c);
  nn::set_precision("bf16");
  const auto bf16 = run(c);
  check_close(bf16, f32, 2e-2);
  CHECK_FALSE(torch::equal(bf16.out.outputs, f32.out.outputs));
  CHECK(bf16.out.outputs.scalar_type() == torch::kFloat);
  for (const auto& gradient : bf16.gradients) CHECK(gradient.scalar_type() == torch::kFloat);
  nn::set_precision("f32");
  CHECK(torch::equal(c.run().outputs, f32.out.outputs));
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

TEST_CASE("packed sequences have the outputs and gradients of each by itself, in any order", "[nn]") {
  const nn::ChoicesGuard guard;
  const std::vector<std::int64_t> lengths{2, 9, 4, 9, 1, 5, 4};
  const auto sequences = static_cast<std::int64_t>(lengths.size());
  for (const auto backend : {nn::Backend::onednn, nn::Backend::blas}) {
    for (const bool fast : {false, true}) {
      INFO("backend " << static_cast<int>(backend) << " fast " << fast);
      nn::set_f32_backend(backend);
      torch::manual_seed(8);
      Case c({9, sequences, 6, 3, 20, true});
      nn::set_fused(false);
      Tensor expected;
      std::vector<Tensor> outputs(lengths.size());
      for (std::size_t b = 0; b < lengths.size(); ++b) {
        const auto row = static_cast<std::int64_t>(b);
        const auto of = [&](const Tensor& x) { return x.slice(0, row, row + 1); };
        outputs[b] =
            c.layer->forward(c.x.slice(0, 0, lengths[b]).slice(1, row, row + 1), of(c.context), of(c.h0), of(c.c0))
                .outputs.squeeze(1);
        const auto part =
            (outputs[b] * torch::sin(torch::arange(outputs[b].numel(), torch::kFloat)).view_as(outputs[b])).sum();
        expected = expected.defined() ? expected + part : part;
      }
      expected.backward();
      const auto alone = nn::take_gradients(c.leaves);

      nn::set_fused(fast);
      const nn::Packing packing(torch::tensor(lengths));
      const auto out = c.layer->forward(packing.pack(c.x), packing, c.context, c.h0, c.c0);
      const auto padded = packing.unpack(out.outputs, 0);
      Tensor loss = torch::zeros({});
      for (std::size_t b = 0; b < lengths.size(); ++b) {
        const auto mine = padded.select(1, static_cast<std::int64_t>(b)).slice(0, 0, lengths[b]);
        CHECK(nn::distance(mine, outputs[b]) < 1e-5);
        CHECK(nn::distance(out.h[static_cast<std::int64_t>(b)], outputs[b][lengths[b] - 1]) < 1e-5);
        loss = loss + (mine * torch::sin(torch::arange(mine.numel(), torch::kFloat)).view_as(mine)).sum();
      }
      loss.backward();
      const auto packed = nn::take_gradients(c.leaves);
      for (std::size_t i = 0; i < alone.size(); ++i) CHECK(nn::distance(packed[i], alone[i]) < 1e-5);
    }
  }
  CHECK_THROWS_AS(nn::Packing(torch::tensor({3, 0}, torch::kLong)), Error);
}

TEST_CASE("a packing says where its entries are", "[nn]") {
  const nn::Packing packing(torch::tensor({2, 3, 1}, torch::kLong));
  CHECK(packing.active() == std::vector<std::int64_t>{3, 2, 1});
  CHECK_FALSE(packing.is_full());
  const auto padded = torch::arange(9).view({3, 3});  // [T, B]
  const auto entries = torch::tensor({1, 0, 2, 4, 3, 7}, torch::kLong);
  CHECK(torch::equal(packing.pack(padded), entries));
  CHECK(torch::equal(packing.sequence(), torch::tensor({1, 0, 2, 1, 0, 1}, torch::kLong)));
  CHECK(torch::equal(packing.last(), torch::tensor({4, 5, 2}, torch::kLong)));
  CHECK(torch::equal(packing.unpack(entries, -1), torch::tensor({{0, 1, 2}, {3, 4, -1}, {-1, 7, -1}}, torch::kLong)));
  CHECK(torch::equal(packing.in_order(torch::tensor({10, 11, 12})), torch::tensor({11, 10, 12})));
  CHECK(torch::equal(packing.as_given(torch::tensor({11, 10, 12})), torch::tensor({10, 11, 12})));
}
