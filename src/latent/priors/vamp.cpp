#include <cmath>

#include "config/offers.h"
#include "latent/mixture.h"
#include "latent/prior.h"

namespace klbench {

namespace {

/// The mixture of the posteriors of K trained pseudo-inputs, p(z) = 1/K sum_k q(z|u_k) (Tomczak and Welling, AISTATS
/// 2018). Of images u_k = sigmoid of a parameter drawn from N(0, 1) (theirs are clamped to [0, 1]); of text u_k is a
/// sentence of `length` vectors in the place of word embeddings, from N(0, 0.1^2), for which no code is published.
class VampPrior : public Prior {
 public:
  VampPrior(const Options& options, const PriorRequest& request) : posterior_of_(request.posterior_of) {
    const auto components = options.integer("components");
    log_weight_ = -std::log(static_cast<double>(components));
    const auto& image = request.model.image;
    is_text_ = image.pixels() == 0;
    inputs_ = register_parameter(
        "inputs", is_text_ ? 0.1 * torch::randn({options.integer("length"), components, request.word_size})
                           : torch::randn({components, image.channels, image.height, image.width}));
  }

  torch::Tensor log_p(const torch::Tensor& z) const override { return log_mixture(components(), weights(), z); }
  torch::Tensor sample(std::int64_t count, torch::Generator generator) const override {
    return sample_mixture(components(), weights(), count, std::move(generator));
  }

 private:
  Posterior components() const { return posterior_of_(is_text_ ? inputs_ : torch::sigmoid(inputs_)); }
  torch::Tensor weights() const {
    return torch::full({inputs_.size(is_text_ ? 1 : 0)}, log_weight_, inputs_.options().dtype(torch::kFloat32));
  }

  std::function<Posterior(const torch::Tensor&)> posterior_of_;
  bool is_text_;
  double log_weight_;
  torch::Tensor inputs_;
};

KLBENCH_PRIOR(VampPrior,
              {.key = "vamp",
               .summary = "mixture of the posteriors of trained pseudo-inputs",
               .paper = "Tomczak and Welling, AISTATS 2018",
               .options = {{.name = "components", .default_value = 50, .help = "pseudo-inputs", .min = 1, .max = 65536},
                           {.name = "length",
                            .default_value = 10,
                            .help = "of text: words of a pseudo-sentence, its ends among them",
                            .min = 1,
                            .max = 4096}},
               .of_posteriors = true,
               .needs = {kWordVectors}});

}  // namespace

}  // namespace klbench
