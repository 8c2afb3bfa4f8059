#include "training/optimizer.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace klbench {

namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;

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

double Optimizer::step(unsigned groups_mask) {
  const torch::NoGradGuard no_grad;
  std::vector<Slot*> moved;
  double square = 0;
  for (auto& slot : slots_) {
    const auto& p = slot.parameter;
    if ((slot.group & groups_mask) == 0 || !p.requires_grad() || !p.grad().defined()) continue;
    moved.push_back(&slot);
    square += p.grad().to(torch::kDouble).square().sum().item<double>();
  }
  const double norm = std::sqrt(square);
  if (!std::isfinite(norm)) return norm;
  const double scale = clip_ > 0 ? std::min(1.0, clip_ / (norm + 1e-6)) : 1.0;
  for (auto* slot : moved) update(*slot, scale);
  return norm;
}

void Optimizer::update(Slot& slot, double scale) {
  auto& p = slot.parameter;
  const auto g = p.grad() * scale;
  ++slot.steps;
  if (kind_ == Kind::sgd) {
    if (momentum_ > 0) slot.first = slot.first.defined() ? slot.first.mul_(momentum_).add_(g) : g;
    p.sub_(momentum_ > 0 ? slot.first : g, lr_);
    return;
  }
  if (!slot.first.defined()) slot.first = torch::zeros_like(p), slot.second = torch::zeros_like(p);
  slot.first.mul_(kBeta1).add_(g, 1 - kBeta1);
  slot.second.mul_(kBeta2).addcmul_(g, g, 1 - kBeta2);
  const auto t = static_cast<double>(slot.steps);
  const auto denominator = slot.second.sqrt().div_(std::sqrt(1 - std::pow(kBeta2, t))).add_(kEps);
  p.addcdiv_(slot.first, denominator, -lr_ / (1 - std::pow(kBeta1, t)));
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
  torch::Tensor value;
  archive.read("lr", value, /*is_buffer=*/true);
  lr_ = value.item<double>();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    auto& slot = slots_[i];
    const auto key = std::to_string(i);
    archive.read("steps" + key, value, /*is_buffer=*/true);
    slot.steps = value.item<std::int64_t>();
    slot.first.reset(), slot.second.reset();
    if (archive.try_read("first" + key, value, /*is_buffer=*/true)) slot.first = value.clone();
    if (archive.try_read("second" + key, value, /*is_buffer=*/true)) slot.second = value.clone();
  }
}

}  // namespace klbench
