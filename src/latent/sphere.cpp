#include "latent/sphere.h"

#include <cmath>
#include <numbers>

namespace klbench {

namespace {

using torch::Tensor;

constexpr std::int64_t kIntervals = 1024;

/// Integrals of `values` [B, G] from the first of equidistant points up to each, by trapezoids.
Tensor integral_up_to(const Tensor& values, const Tensor& step) {
  const auto parts = 0.5 * (values.slice(1, 0, -1) + values.slice(1, 1)) * step;
  return torch::cat({torch::zeros({values.size(0), 1}, values.options()), parts.cumsum(1)}, 1);
}

}  // namespace

double log_area(std::int64_t d) {
  const double half = 0.5 * static_cast<double>(d);
  return std::log(2.0) + half * std::log(std::numbers::pi) - std::lgamma(half);
}

CosineTable::CosineTable(const Tensor& kappa, std::int64_t d) : kappa_(kappa) {
  const torch::NoGradGuard no_grad;
  const auto k = kappa.detach().unsqueeze(1);
  const auto power = static_cast<double>(d - 2);
  // All mass that counts: the mode lies near sqrt((d - 2) / kappa), the spread is below 1 / sqrt(kappa).
  const auto last = ((1.5 * std::sqrt(power) + 12) / k.sqrt()).clamp_max(std::numbers::pi);
  angle_ = last * torch::linspace(0, 1, kIntervals + 1, k.options());
  const auto cosine = angle_.cos(), sine = angle_.sin().clamp_min(0);
  const auto log_mass = k * (cosine - 1) + (power == 0 ? torch::zeros_like(sine) : power * sine.log());
  const auto peak = log_mass.amax(1, true);  // in many dimensions all of it underflows
  const auto mass = (log_mass - peak).exp();
  auto simpson = torch::full({kIntervals + 1}, 2.0, k.options());
  simpson.slice(0, 1, kIntervals, 2).fill_(4);
  simpson[0] = simpson[kIntervals] = 1;
  const auto step = last / kIntervals;
  const auto integral = [&](const Tensor& values) { return (values * simpson).sum(1) * step.squeeze(1) / 3; };
  const auto z = integral(mass);
  log_z_ = z.log() + peak.squeeze(1);
  mean_ = integral(mass * cosine) / z;
  const auto deviation = cosine - mean_.unsqueeze(1);
  variance_ = integral(mass * deviation.square()) / z;
  below_ = integral_up_to(mass, step);
  const auto total = below_.slice(1, -1);
  density_ = mass / total;
  below_ = below_ / total;
  moved_ = integral_up_to(density_ * deviation, step);
}

CosineTable CosineTable::to(const torch::Device& device) const {
  CosineTable there = *this;
  for (auto* tensor : {&there.kappa_, &there.angle_, &there.density_, &there.below_, &there.moved_, &there.log_z_,
                       &there.mean_, &there.variance_})
    *tensor = tensor->detach().to(device);
  return there;
}

Tensor CosineTable::with_slope(const Tensor& value, const Tensor& slope) const {
  return kappa_.requires_grad() ? value + slope * (kappa_ - kappa_.detach()) : value;
}

Tensor CosineTable::log_z() const { return with_slope(log_z_, mean_ - 1); }

Tensor CosineTable::mean() const { return with_slope(mean_, variance_); }

Tensor CosineTable::cosine(const Tensor& share) const {
  Tensor value, slope;
  {
    const torch::NoGradGuard no_grad;
    const auto rows = share.size(-1);
    const auto table = [&](const Tensor& of) { return of.expand({rows, of.size(1)}).contiguous(); };
    const auto at = share.reshape({-1, rows}).t().contiguous();  // [B, S]
    const auto below = table(below_);
    const auto right = torch::searchsorted(below, at).clamp(1, kIntervals);
    const auto left = right - 1;
    const auto low = below.gather(1, left), high = below.gather(1, right);
    const auto part = ((at - low) / (high - low).clamp_min(1e-300)).clamp(0, 1);
    const auto between = [&](const Tensor& of) {
      const auto all = table(of);
      return torch::lerp(all.gather(1, left), all.gather(1, right), part).t().reshape(share.sizes());
    };
    const auto angle = between(angle_);
    value = angle.cos();
    // The angle t of a fixed share F(t; kappa): dt = -(dF/dkappa) / density dkappa.
    slope = angle.sin() * between(moved_) / between(density_).clamp_min(1e-12);
  }
  return with_slope(value, slope);
}

}  // namespace klbench
