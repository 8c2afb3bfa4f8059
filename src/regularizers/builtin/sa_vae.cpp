#include <algorithm>

#include "regularizers/registry.h"

namespace klbench {

namespace {

using torch::Tensor;

/// Semi-amortised posteriors (Kim et al., ICML 2018): from what the encoder says, x_0 = (mu, ln sigma^2), `steps` steps
/// of gradient descent with momentum on each example's own -ELBO,
///   p_k = m p_{k-1} - g_k,   x_{k+1} = x_k + lr p_k,   g_k = d(-ln p(x|z) + w KL)/dx at x_k,   z of one draw,
/// in training and in evaluations. Training goes back through all steps: Hessian times vector is a difference of
/// gradients at x_k + r v and x_k, for encoder and decoder, as in the public code, whose momentum and steps these are.
/// Its r is 1e-5, of which single precision leaves little; here r is such that the largest element of r v is `radius`.
/// Its objective is the mean over a batch of 32 with lr 1: here, where an example must not depend on the others of its
/// batch, every example's own with lr 1 / 32, and `max_norm` bounds each example's g; theirs bounds g over the batch
/// and what goes back at each step, too. w is the weight of the KL at the step; in evaluations it is 1, and the draws
/// are the same for all examples. Differences of gradients want single precision: bf16 is refused.
class SaVae : public Regularizer {
 public:
  SaVae(const Options& options, const ModelFacts& /*model*/)
      : settings_{options.integer("steps"), options.real("lr"), options.real("momentum"), options.real("max_norm"),
                  options.real("radius")} {}

  PosteriorPair refine(PosteriorPair posterior, const std::shared_ptr<BatchModel>& model,
                       const Progress& progress) override {
    const auto start = torch::cat({posterior.kl.mu, posterior.kl.log_var}, 1);
    const auto descent = std::make_shared<Descent>(Descent{settings_, model, progress, {}});
    auto end = descent->forward(start.detach());
    if (progress.training() && start.requires_grad()) {
      end = start + (end - start.detach());
      end.register_hook([descent](const Tensor& gradient) { return descent->backward(gradient); });
    }
    const auto halves = end.chunk(2, 1);
    return {{halves[0], halves[1]}, std::nullopt};
  }

 private:
  struct Settings {
    std::int64_t steps;
    double lr, momentum, max_norm, radius;
  };

  /// The steps of one batch; x and gradients [B, 2 d].
  struct Descent {
    struct Step {
      Tensor x, noise;
      std::uint64_t seed;
      Tensor gradient, bound;          // unbounded; the factor [B, 1] that bounds it
      std::vector<Tensor> of_decoder;  // gradients of the decoder's parameters
    };
    Settings settings;
    std::shared_ptr<BatchModel> model;
    Progress progress;
    std::vector<Step> steps;

    Tensor forward(Tensor x) {
      Tensor velocity = torch::zeros_like(x);
      auto fixed = at::make_generator<at::CPUGeneratorImpl>(0);
      const auto d = x.size(1) / 2;
      for (std::int64_t k = 0; k < settings.steps; ++k) {
        Step step{x, {}, 0, {}, {}, {}};
        if (progress.training()) {
          step.noise = torch::randn({x.size(0), d}, x.options());
          step.seed = static_cast<std::uint64_t>(torch::randint(1L << 62, {1}, torch::kLong).item<std::int64_t>());
        } else {
          step.noise = torch::randn({1, d}, fixed).to(x.options());
        }
        take_gradient(x, step, step.gradient, step.of_decoder);
        step.bound = bound_of(step.gradient);
        velocity = settings.momentum * velocity - step.bound * step.gradient;
        x = x + settings.lr * velocity;
        if (progress.training()) steps.push_back(std::move(step));
      }
      return x;
    }

    /// d loss/d x_0 from d loss/d x_K; what reaches the decoder through the steps is added to its gradients.
    Tensor backward(const Tensor& of_end) {
      Tensor of_x = of_end.detach().clone(), of_velocity = torch::zeros_like(of_x);
      for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        of_velocity = of_velocity + settings.lr * of_x;
        Tensor moved;
        std::vector<Tensor> of_decoder;
        const auto direction = through_bound(*step, of_velocity);
        const auto largest = direction.abs().max().to(torch::kFloat64);
        // Any radius will do for a direction of zeros; it stays where it is, since a card would be waited for.
        const auto radius = (torch::full_like(largest, settings.radius) / largest.masked_fill(largest == 0, 1))
                                .to(direction.scalar_type());
        take_gradient(step->x + radius * direction, *step, moved, of_decoder);
        of_x = of_x - (moved - step->gradient) / radius;
        add_to_decoder(*step, of_decoder, radius);
        of_velocity = settings.momentum * of_velocity;
      }
      return of_x;
    }

    Tensor bound_of(const Tensor& gradient) const {
      if (settings.max_norm <= 0) return torch::ones({gradient.size(0), 1}, gradient.options());
      return (settings.max_norm / gradient.norm(2, 1, true)).clamp_max(1);
    }

    /// The transposed derivative of the bounded gradient by the unbounded one, times v: where g was cut to its bound,
    /// c (v - g (g v) / |g|^2).
    static Tensor through_bound(const Step& step, const Tensor& v) {
      const auto unit = step.gradient / step.gradient.norm(2, 1, true).clamp_min(1e-12);
      const auto across = step.bound * (v - unit * (unit * v).sum(1, true));
      return torch::where(step.bound < 1, across, v);
    }

    void add_to_decoder(const Step& step, const std::vector<Tensor>& moved, const Tensor& radius) {
      const auto parameters = model->decoder_parameters();
      for (std::size_t i = 0; i < moved.size(); ++i) {
        if (!moved[i].defined()) continue;
        auto& gradient = parameters[i].mutable_grad();
        const auto change = (step.of_decoder[i] - moved[i]) / radius;
        gradient = gradient.defined() ? gradient + change : change;
      }
    }

    /// Of the sum over examples, at x, without a bound; dropout by the step's seed.
    void take_gradient(const Tensor& x, const Step& step, Tensor& gradient, std::vector<Tensor>& of_decoder) {
      const torch::AutoGradMode on(true);
      if (progress.training()) torch::manual_seed(step.seed);
      const auto leaf = x.detach().requires_grad_();
      const auto halves = leaf.chunk(2, 1);
      const Posterior q{halves[0], halves[1]};
      const auto z = family_of(q).sample(q, step.noise.expand_as(q.mu));
      const auto loss = (model->rec(z) + progress.kl_weight * family_of(q).kl(q).sum(1)).sum();
      std::vector<Tensor> wanted{leaf};
      std::vector<std::size_t> places;
      const auto parameters = model->decoder_parameters();
      for (std::size_t i = 0; progress.training() && i < parameters.size(); ++i) {
        if (parameters[i].requires_grad()) wanted.push_back(parameters[i]), places.push_back(i);
      }
      const auto found = torch::autograd::grad({loss}, wanted, {}, /*retain_graph=*/{}, false, /*allow_unused=*/true);
      gradient = found[0];
      of_decoder.assign(parameters.size(), {});
      for (std::size_t i = 0; i < places.size(); ++i) of_decoder[places[i]] = found[i + 1];
    }
  };

  Settings settings_;
};

KLBENCH_REGULARIZER(
    SaVae,
    {.key = "sa_vae",
     .summary = "the encoder's posterior refined by gradient steps on each example's ELBO",
     .paper = "Kim et al., ICML 2018",
     .options =
         {{.name = "steps", .default_value = 20, .help = "gradient steps of each example", .min = 1, .max = 10000},
          {.name = "lr", .default_value = 0.03125, .help = "of those steps", .min = 0, .min_open = true},
          {.name = "momentum", .default_value = 0.5, .help = "of those steps", .min = 0, .max = 1, .max_open = true},
          {.name = "max_norm", .default_value = 5.0, .help = "bound on an example's gradient; 0: none", .min = 0},
          {.name = "radius",
           .default_value = 1e-3,
           .help = "largest step of the differences that stand for second derivatives",
           .min = 0,
           .min_open = true}},
     .replaces = {"encoder_training", "kl_target"}});

}  // namespace

}  // namespace klbench
