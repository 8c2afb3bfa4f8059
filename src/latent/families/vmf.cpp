#include <numbers>
#include <unordered_map>

#include "latent/family.h"
#include "latent/sphere.h"

namespace klbench {

namespace {

using torch::Tensor;

/// The von Mises-Fisher distribution on the unit sphere, q(z|x) ~ exp(kappa m'z), m the raw mean divided by its norm
/// (Xu and Durrett, EMNLP 2018, "Spherical Latent Spaces for Stable Variational Autoencoders"; Davidson et al., UAI
/// 2018). With kappa fixed, as the former have it, the KL from the uniform distribution is one constant, which no
/// training can make vanish,
///   KL = kappa (A - 1) + ln Z(0) - ln Z(kappa),   A = E[m'z]   (Z, A: sphere.h),
/// with `learn_kappa` kappa = 1 + softplus(mean_j of the raw scale) for each example. Samples take no rejection: the
/// angle to m comes from the inverse of its distribution, the rest from the noise, reflected onto m (Davidson et al.),
/// so that kappa has an exact gradient.
class Vmf : public PosteriorFamily {
 public:
  Vmf(const Options& options, const ModelFacts& model) : d_(model.latent_dim) {
    if (options.boolean("learn_kappa")) return;
    fixed_.emplace(torch::kCPU, CosineTable(torch::full({1}, options.real("kappa"), torch::kFloat64), d_));
  }

  Tensor sample(const Posterior& q, const Tensor& noise) const override {
    const auto m = centre(q);
    // 1/2 (1 + erf), as torch has no normal distribution function for gradients to pass by.
    const auto share = 0.5 * (1 + torch::erf(noise.select(-1, 0).to(torch::kFloat64) / std::numbers::sqrt2));
    const auto along = table(q).cosine(share).to(m.scalar_type()).unsqueeze(-1);  // [..., B, 1]
    const auto across = unit(noise.slice(-1, 1)) * (1 - along.square()).clamp_min(0).sqrt();
    const auto at_pole = torch::cat({along, across}, -1);
    // The reflection that takes the first axis to m.
    const auto pole = torch::zeros_like(m).index_fill(-1, torch::zeros({1}, at_pole.options().dtype(torch::kInt64)), 1);
    const auto normal = unit(pole - m);
    return at_pole - 2 * (at_pole * normal).sum(-1, true) * normal;
  }

  Tensor log_q(const Posterior& q, const Tensor& z) const override {
    const auto angles = table(q);
    const auto cosine = (centre(q) * z).sum(-1);
    return (angles.kappa() * (cosine - 1) - angles.log_z() - log_area(d_ - 1)).to(z.scalar_type());
  }

  Tensor kl(const Posterior& q) const override {
    const auto angles = table(q);
    const auto each = angles.kappa() * (angles.mean() - 1) + log_area(d_) - log_area(d_ - 1) - angles.log_z();
    return each.to(q.mu.scalar_type()).unsqueeze(-1).expand({q.mu.size(0), 1});
  }

  Tensor mean(const Posterior& q) const override {
    return centre(q) * table(q).mean().to(q.mu.scalar_type()).unsqueeze(-1);
  }
  /// Var[z_j] = across + (along - across) m_j^2 of the variances along m and across it.
  Tensor variance(const Posterior& q) const override {
    const auto angles = table(q);
    const auto along = angles.variance();
    const auto across = (1 - along - angles.mean().square()) / static_cast<double>(d_ - 1);
    return (across.unsqueeze(-1) + (along - across).unsqueeze(-1) * centre(q).square()).to(q.mu.scalar_type());
  }
  Tensor centre(const Posterior& q) const override { return unit(q.mu); }
  bool on_sphere() const override { return true; }

 private:
  static Tensor unit(const Tensor& x) { return x / x.norm(2, -1, true).clamp_min(1e-12); }

  /// Of each example, or of all at once where kappa is fixed.
  CosineTable table(const Posterior& q) const {
    if (fixed_.empty()) return CosineTable(1 + torch::softplus(q.log_var.mean(-1).to(torch::kFloat64)), d_);
    const auto device = q.mu.device();
    if (const auto found = fixed_.find(device); found != fixed_.end()) return found->second;
    return fixed_.emplace(device, fixed_.at(torch::kCPU).to(device)).first->second;
  }

  std::int64_t d_;
  mutable std::unordered_map<torch::Device, CosineTable> fixed_;  ///< by device; none where kappa is learned
};

KLBENCH_FAMILY(Vmf, {.key = "vmf",
                     .summary = "von Mises-Fisher distribution on the unit sphere, kappa fixed or learned",
                     .paper = "Xu and Durrett, EMNLP 2018; Davidson et al., UAI 2018",
                     .options = {{.name = "kappa",
                                  .default_value = 80.0,
                                  .help = "concentration; the KL follows from it and from latent_dim",
                                  .min = 0,
                                  .max = 10000,
                                  .min_open = true},
                                 {.name = "learn_kappa",
                                  .default_value = false,
                                  .help = "kappa of each example from the encoder instead"}},
                     .domain = kSphere});

}  // namespace

}  // namespace klbench
