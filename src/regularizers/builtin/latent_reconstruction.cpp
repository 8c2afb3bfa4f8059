#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Latent reconstruction (Song et al., 2025, arXiv 2508.12530): a decoder that can be undone is injective and does not
/// ignore z. The expected image of z is encoded again, and its mean has to find z,
///   extra loss = weight mean_B |z - mu(E[x|z])|^2,
/// mu the mean of the posterior as other parts make it.
/// Of the paper only the abstract could be read for this file: the squared distance of z itself from the mean, its
/// gradient through encoder and decoder, and the weight are choices made here. Images whose pixels are
/// independent given z only (decoder mlp): drawn words and pixels have no gradient.
class LatentReconstruction : public Regularizer {
 public:
  LatentReconstruction(const Options& options, const ModelFacts& /*model*/) : weight_(options.real("weight")) {}

  torch::Tensor model_loss(const LossTerms& terms, BatchModel& model, const Progress& /*progress*/) override {
    return weight_ * (terms.z - model.encode_expected(terms.z).mu).square().sum(1).mean();
  }

 private:
  double weight_;
};

KLBENCH_REGULARIZER(
    LatentReconstruction,
    {.key = "latent_reconstruction",
     .summary = "z has to be found again in the image that the decoder expects of it",
     .paper = "Song et al., arXiv 2508.12530, 2025",
     .options =
         {{.name = "weight", .default_value = 1.0, .help = "of the squared distance", .min = 0, .min_open = true}},
     .domain = kImage,
     .needs = {kExpectedImage}});

}  // namespace

}  // namespace klbench
