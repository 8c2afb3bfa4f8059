#include "regularizers/registry.h"

namespace klbench {

namespace {

/// Fraternal dropout on the decoder (Petit and Corro, 2021, arXiv 2110.14945; Zolna et al., ICLR 2018): what the
/// softmax layer reads must not depend on which inputs were dropped, so that it has to come from z,
///   extra loss = kappa N / B mean_{n,j} (s_nj - s'_nj)^2,
/// s and s' the states [N, h] of the N words predicted of B sentences under two draws of dropout (and of word_dropout,
/// where it is composed). Of Petit and Corro's text only the abstract could be read for this file: the squared distance
/// is Zolna et al.'s, whose kappa is 0.1 to 0.15, taken of the states as here or of the logits; they also average the
/// losses of both passes, here the loss is that of a third draw. Without dropout there is nothing to compare.
class Fraternal : public Regularizer {
 public:
  Fraternal(const Options& options, const ModelFacts& /*model*/) : kappa_(options.real("kappa")) {}

  torch::Tensor model_loss(const LossTerms& terms, BatchModel& model, const Progress& /*progress*/) override {
    const auto difference = model.states(terms.z) - model.states(terms.z);
    // Theirs is a mean beside a loss per word, here the loss is per sentence.
    const auto words_each = static_cast<double>(difference.size(0)) / static_cast<double>(terms.z.size(0));
    return kappa_ * words_each * difference.square().mean();
  }

 private:
  double kappa_;
};

KLBENCH_REGULARIZER(
    Fraternal,
    {.key = "fraternal",
     .summary = "distance of the decoder's states under two draws of dropout",
     .paper = "Petit and Corro, arXiv 2110.14945, 2021; Zolna et al., ICLR 2018",
     .options = {{.name = "kappa", .default_value = 0.1, .help = "weight of the distance", .min = 0, .min_open = true}},
     .domain = kText,
     .any_latent = true,
     .needs = {kWordStates}});

}  // namespace

}  // namespace klbench
