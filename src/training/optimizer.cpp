#include "training/optimizer.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "models/nn/simd.h"

namespace klbench {

namespace {

using namespace nn::simd;
using torch::Tensor;

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;

template <class Floats>
KLBENCH_INLINE double sum_of_squares_in(const float* x, std::int64_t n) {
  constexpr std::int64_t kBlock = 4096;  // summed in f32, blocks in double
  double total = 0;
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const auto end = std::min(n, first + kBlock);
    Sums<Floats> sums;
    for (auto j = first; j < end; j += sums.kCount)
      for (std::int64_t k = 0; k < sums.kParts && j + k * kLanes<Floats> < end; ++k) {
        const auto at = j + k * kLanes<Floats>;
        const Floats v = load<Floats>(x + at, std::min(kLanes<Floats>, end - at));
        sums.parts[k] += v * v;
      }
    total += static_cast<double>(sums.total());
  }
  return total;
}
KLBENCH_SIMD(double, sum_of_squares, (const float* x, std::int64_t n), (x, n))

/// p += factor g.
template <class Floats>
KLBENCH_INLINE void add_scaled_in(float* p, const float* g, float factor, std::int64_t n) {
  for (std::int64_t j = 0; j < n; j += kLanes<Floats>) {
    const auto count = std::min(kLanes<Floats>, n - j);
    store(p + j, load<Floats>(p + j, count) + factor * load<Floats>(g + j, count), count);
  }
}
KLBENCH_SIMD(void, add_scaled, (float* p, const float* g, float factor, std::int64_t n), (p, g, factor, n))

/// m = momentum m + scale g;  p -= lr m.
template <class Floats>
KLBENCH_INLINE void momentum_pass_in(float* p, float* m, const float* g, float scale, float momentum, float lr,
                                     std::int64_t n) {
  for (std::int64_t j = 0; j < n; j += kLanes<Floats>) {
    const auto count = std::min(kLanes<Floats>, n - j);
    const Floats next = momentum * load<Floats>(m + j, count) + scale * load<Floats>(g + j, count);
    store(m + j, next, count);
    store(p + j, load<Floats>(p + j, count) - lr * next, count);
  }
}
KLBENCH_SIMD(void, momentum_pass,
             (float* p, float* m, const float* g, float scale, float momentum, float lr, std::int64_t n),
             (p, m, g, scale, momentum, lr, n))

struct AdamPass {
  float *p, *m, *v;
  const float* g;
  float scale, rate, root;  ///< rate = lr / (1 - b1^t), root = 1 / sqrt(1 - b2^t)
  std::int64_t n;
};

template <class Floats>
KLBENCH_INLINE void adam_pass_in(const AdamPass& pass) {
  const auto [p, m, v, g, scale, rate, root, n] = pass;
  constexpr auto b1 = static_cast<float>(kBeta1), b2 = static_cast<float>(kBeta2), eps = static_cast<float>(kEps);
  constexpr auto rest1 = static_cast<float>(1 - kBeta1), rest2 = static_cast<float>(1 - kBeta2);
  for (std::int64_t j = 0; j < n; ++j) {
    const float d = scale * g[j];
    m[j] = b1 * m[j] + rest1 * d;
    v[j] = b2 * v[j] + rest2 * d * d;
    p[j] -= rate * m[j] / (std::sqrt(v[j]) * root + eps);
  }
}
KLBENCH_SIMD(void, adam_pass, (const AdamPass& pass), (pass))

/// Whether the passes above may work on it.
bool plain_floats(const Tensor& t) {
  return t.is_cpu() && t.layout() == torch::kStrided && t.scalar_type() == torch::kFloat && t.is_contiguous();
}

}  // namespace

Optimizer::Kind optimizer_kind(const std::string& name) {
  if (name == "sgd") return Optimizer::Kind::sgd;
  if (name == "adam") return Optimizer::Kind::adam;
  throw UsageError(unknown_name("optimizer", name, {"sgd", "adam"}));
}

Optimizer::Optimizer(std::vector<std::vector<torch::Tensor>> groups, Kind kind, double lr, double momentum, double clip)
    : kind_(kind), lr_(lr), momentum_(momentum), clip_(clip) {
  for (std::size_t k = 0; k < groups.size(); ++k)
    for (auto& parameter : groups[k]) slots_.push_back({parameter, 1U << k, {}, {}});
}

torch::Tensor Optimizer::square_norm() {
  const torch::NoGradGuard no_grad;
  double plain = 0;
  std::vector<Tensor> others;
  for (auto& slot : slots_) {
    auto& gradient = slot.parameter.mutable_grad();
    if (!slot.parameter.requires_grad() || !gradient.defined()) continue;
    gradient = gradient.is_sparse() ? gradient.coalesce() : gradient.contiguous();
    const auto values = gradient.is_sparse() ? gradient._values() : gradient;
    if (plain_floats(values)) {
      plain += sum_of_squares(values.data_ptr<float>(), values.numel());
    } else {
      others.push_back(values);
    }
  }
  if (others.empty()) return torch::scalar_tensor(plain, torch::kDouble);
  return torch::stack(torch::_foreach_norm(others)).to(torch::kDouble).square().sum() + plain;
}

void Optimizer::step(unsigned groups_mask, double norm) {
  if (!std::isfinite(norm)) return;
  const torch::NoGradGuard no_grad;
  const double scale = clip_ > 0 ? std::min(1.0, clip_ / (norm + 1e-6)) : 1.0;
  for (auto& slot : slots_) {
    const auto& p = slot.parameter;
    if (p.requires_grad() && p.grad().defined() && (slot.group & groups_mask)) update(slot, p.grad(), scale);
  }
}

void Optimizer::update(Slot& slot, const Tensor& gradient, double scale) {
  ++slot.steps;
  const bool by_row = kind_ == Kind::sgd && momentum_ == 0;
  const auto g = gradient.is_sparse() && !by_row ? gradient.to_dense() : gradient;
  if (kind_ == Kind::sgd)
    update_sgd(slot, g, scale);
  else
    update_adam(slot, g, scale);
  slot.parameter.unsafeGetTensorImpl()->bump_version();
}

void Optimizer::update_sgd(Slot& slot, const Tensor& g, double scale) {
  auto& p = slot.parameter;
  if (momentum_ > 0 && !slot.first.defined()) slot.first = torch::zeros_like(p);
  if (!plain_floats(p)) {
    if (momentum_ > 0) slot.first.mul_(momentum_).add_(g, scale);
    p.sub_(momentum_ > 0 ? slot.first : g, momentum_ > 0 ? lr_ : lr_ * scale);
    return;
  }
  auto* values = p.data_ptr<float>();
  if (momentum_ > 0) {
    momentum_pass(values, slot.first.data_ptr<float>(), g.data_ptr<float>(), static_cast<float>(scale),
                  static_cast<float>(momentum_), static_cast<float>(lr_), p.numel());
    return;
  }
  const auto factor = static_cast<float>(-lr_ * scale);
  if (!g.is_sparse()) return add_scaled(values, g.data_ptr<float>(), factor, p.numel());
  const auto rows = g._indices()[0].contiguous(), content = g._values().contiguous();
  const auto width = content.numel() / std::max<std::int64_t>(1, content.size(0));
  for (std::int64_t i = 0; i < rows.size(0); ++i)
    add_scaled(values + rows.data_ptr<std::int64_t>()[i] * width, content.data_ptr<float>() + i * width, factor, width);
}

void Optimizer::update_adam(Slot& slot, const Tensor& g, double scale) {
  auto& p = slot.parameter;
  if (!slot.first.defined()) slot.first = torch::zeros_like(p), slot.second = torch::zeros_like(p);
  const auto t = static_cast<double>(slot.steps);
  const double rate = lr_ / (1 - std::pow(kBeta1, t)), root = 1 / std::sqrt(1 - std::pow(kBeta2, t));
  if (plain_floats(p)) {
    adam_pass({p.data_ptr<float>(), slot.first.data_ptr<float>(), slot.second.data_ptr<float>(), g.data_ptr<float>(),
               static_cast<float>(scale), static_cast<float>(rate), static_cast<float>(root), p.numel()});
    return;
  }
  const auto d = g * scale;
  slot.first.mul_(kBeta1).add_(d, 1 - kBeta1);
  slot.second.mul_(kBeta2).addcmul_(d, d, 1 - kBeta2);
  p.addcdiv_(slot.first, slot.second.sqrt().mul_(root).add_(kEps), -rate);
}

void Optimizer::zero_grad() {
  for (auto& slot : slots_) slot.parameter.mutable_grad().reset();
}

void Optimizer::clear_state(unsigned groups_mask) {
  for (auto& slot : slots_)
    if (slot.group & groups_mask) slot.first.reset(), slot.second.reset(), slot.steps = 0;
}

void Optimizer::save(torch::serialize::OutputArchive& archive) const {
  archive.write("lr", torch::tensor(lr_, torch::kDouble), /*is_buffer=*/true);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto& slot = slots_[i];
    const auto key = std::to_string(i);
    archive.write("steps" + key, torch::tensor(slot.steps), /*is_buffer=*/true);
    if (slot.first.defined()) archive.write("first" + key, slot.first, /*is_buffer=*/true);
    if (slot.second.defined()) archive.write("second" + key, slot.second, /*is_buffer=*/true);
  }
}

void Optimizer::load(torch::serialize::InputArchive& archive) {
  // Into a tensor of its own each: reading writes through the storage of the one it is given.
  const auto read = [&](const std::string& key) {
    Tensor value;
    return archive.try_read(key, value, /*is_buffer=*/true) ? value.clone() : Tensor();
  };
  const auto lr = read("lr");
  if (!lr.defined()) throw Error("a saved optimiser has no learning rate");
  lr_ = lr.item<double>();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    auto& slot = slots_[i];
    const auto key = std::to_string(i);
    const auto steps = read("steps" + key);
    if (!steps.defined()) throw Error("a saved optimiser has no parameter " + key);
    slot.steps = steps.item<std::int64_t>();
    for (auto [moment, name] : {std::pair{&slot.first, "first"}, std::pair{&slot.second, "second"}}) {
      *moment = read(name + key);
      if (moment->defined()) *moment = moment->to(slot.parameter.device());
    }
  }
}

}  // namespace klbench
