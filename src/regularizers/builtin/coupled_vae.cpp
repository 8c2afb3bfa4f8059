#include "regularizers/multiquadratics.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// A deterministic twin (Wu et al., ACL 2020): a code c without noise is decoded beside z, and z is drawn to c,
///   extra loss = twin mean_B -ln p(x|c) + match mean_B -sum_s C_s / (C_s + |z - c|^2),   C_s = 2 d s,
/// c held fixed in the second term, whose inverse multiquadratics and scales s are those of the public code (`match`:
/// euclidean gives their other choice, |z - c|^2). Theirs shares the encoder's body and has a second decoder; what is
/// matched there is the decoder's first input, an MLP of z. Here the decoder is shared, its input is z itself, and
/// c = W (mu, ln sigma^2) + b with W, b trained. The published weights are 1 and 0.1 for Yelp, PTB and Yahoo.
class CoupledVae : public Regularizer {
 public:
  CoupledVae(const Options& options, const ModelFacts& model)
      : twin_(options.real("twin")),
        match_(options.real("match")),
        euclidean_(options.text("distance") == "euclidean") {
    code_ = register_module("code", torch::nn::Linear(2 * model.latent_dim, model.latent_dim));
  }

  torch::Tensor model_loss(const LossTerms& terms, BatchModel& model, const Progress& /*progress*/) override {
    const auto& q = terms.posterior.for_decoder();
    const auto code = code_->forward(torch::cat({q.mu, q.log_var}, 1));
    const auto square = (terms.z - code.detach()).square().sum(1);
    const auto distance = euclidean_ ? square : -inverse_multiquadratics(square, terms.z.size(1));
    return twin_ * model.rec(code).mean() + match_ * distance.mean();
  }

 private:
  double twin_, match_;
  bool euclidean_;
  torch::nn::Linear code_{nullptr};
};

KLBENCH_REGULARIZER(
    CoupledVae,
    {.key = "coupled_vae",
     .summary = "a deterministic code is decoded too, and z is drawn to it",
     .paper = "Wu et al., ACL 2020",
     .options = {{.name = "twin",
                  .default_value = 1.0,
                  .help = "weight of the code's reconstruction",
                  .min = 0,
                  .min_open = true},
                 {.name = "match", .default_value = 0.1, .help = "weight of the distance of z from the code", .min = 0},
                 {.name = "distance",
                  .default_value = "imq",
                  .help = "imq: inverse multiquadratics; euclidean: the squared distance",
                  .choices = {"imq", "euclidean"}}}});

}  // namespace

}  // namespace klbench
