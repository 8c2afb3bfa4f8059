#include "core/error.h"
#include "latent/family.h"

namespace klbench {

namespace {

using torch::Tensor;
namespace F = torch::nn::functional;

/// One step of the flow: a masked network with one hidden layer (Germain et al., ICML 2015) gives m_j and s_j as
/// functions of z_1 .. z_{j-1} and of the context, and
///   z'_j = g_j z_j + (1 - g_j) m_j,   g_j = sigmoid(s_j + 2),
/// whose Jacobian has the determinant prod_j g_j.
class MaskedStep : public torch::nn::Module {
 public:
  MaskedStep(std::int64_t d, std::int64_t hidden) : in_(d, hidden), context_(2 * d, hidden), out_(hidden, 2 * d) {
    register_module("in", in_);
    register_module("context", context_);
    register_module("out", out_);
    const auto place = torch::arange(1, d + 1);
    const auto degree = d > 1 ? torch::arange(hidden).remainder(d - 1) + 1 : torch::zeros({hidden}, torch::kInt64);
    in_mask_ = register_buffer("in_mask", degree.unsqueeze(1).ge(place).to(torch::kFloat32));  // [hidden, d]
    out_mask_ = register_buffer("out_mask", place.unsqueeze(1).gt(degree).to(torch::kFloat32).repeat({2, 1}));
  }

  /// z [..., B, d], context [B, 2d] -> z', and the log determinant [..., B].
  PosteriorFamily::Draw forward(const Tensor& z, const Tensor& context) const {
    const auto states = torch::relu(F::linear(z, in_->weight * in_mask_, in_->bias) +
                                    F::linear(context, context_->weight, context_->bias));
    const auto halves = F::linear(states, out_->weight * out_mask_, out_->bias).chunk(2, -1);
    const auto gate_input = halves[1] + 2;
    const auto gate = torch::sigmoid(gate_input);
    return {gate * z + (1 - gate) * halves[0], torch::log_sigmoid(gate_input).sum(-1)};
  }

 private:
  torch::nn::Linear in_, context_, out_;
  Tensor in_mask_, out_mask_;
};

/// Inverse autoregressive flow (Kingma et al., NeurIPS 2016): z_0 ~ N(mu, exp(log_var)), then `steps` masked steps, the
/// order of the dimensions reversed between them, with mu and log_var as context (the published encoder gives a third
/// output for that):
///   log q(z|x) = log N(z_0) - sum_steps sum_j ln g_j.
/// Of other points than its own draws log q would take d networks one after the other for each pair: mutual information
/// is left out. The KL is that of one draw.
class Iaf : public PosteriorFamily {
 public:
  Iaf(const Options& options, const ModelFacts& model) {
    for (std::int64_t i = 0; i < options.integer("steps"); ++i) {
      steps_.push_back(register_module("step" + std::to_string(i),
                                       std::make_shared<MaskedStep>(model.latent_dim, options.integer("hidden_dim"))));
    }
  }

  Tensor sample(const Posterior& q, const Tensor& noise) const override { return draw(q, noise).z; }
  Tensor log_q(const Posterior& /*q*/, const Tensor& /*z*/) const override {
    throw Error("posterior 'iaf' knows log q of its own draws only");
  }
  bool scores_any_point() const override { return false; }
  Tensor kl(const Posterior& /*q*/) const override { return {}; }

  Draw draw(const Posterior& q, const Tensor& noise) const override {
    const auto moved = flow(q, gaussian_family().sample(q, noise));
    return {moved.z, log_prior(noise) - 0.5 * q.log_var.sum(-1) - moved.log_q};
  }

  Tensor mean(const Posterior& /*q*/) const override { return {}; }
  Tensor variance(const Posterior& /*q*/) const override { return {}; }
  /// What the middle of the Gaussian becomes.
  Tensor centre(const Posterior& q) const override { return flow(q, q.mu).z; }

 private:
  /// z and the log determinant (in log_q) of all steps.
  Draw flow(const Posterior& q, Tensor z) const {
    const auto context = torch::cat({q.mu, q.log_var}, -1);
    auto log_det = torch::zeros(z.sizes().slice(0, z.dim() - 1), z.options());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (i > 0) z = z.flip({-1});
      const auto moved = steps_[i]->forward(z, context);
      z = moved.z;
      log_det = log_det + moved.log_q;
    }
    return {z, log_det};
  }

  std::vector<std::shared_ptr<MaskedStep>> steps_;
};

KLBENCH_FAMILY(Iaf,
               {.key = "iaf",
                .summary = "Gaussian moved by an inverse autoregressive flow",
                .paper = "Kingma et al., NeurIPS 2016",
                .options = {{.name = "steps", .default_value = 2, .help = "steps of the flow", .min = 1, .max = 100},
                            {.name = "hidden_dim",
                             .default_value = 64,
                             .help = "hidden units of the network of a step",
                             .min = 1,
                             .max = 65536}},
                .domain = kSpace,
                .own_draws_only = true});

}  // namespace

}  // namespace klbench
