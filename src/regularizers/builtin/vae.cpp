#include "regularizers/registry.h"

namespace klbench {

namespace {

/// The plain variational autoencoder, loss = rec + KL (Kingma & Welling, ICLR 2014).
class Vae : public Regularizer {
 public:
  Vae(const Options& /*options*/, const ModelFacts& /*model*/) {}
};

KLBENCH_REGULARIZER(Vae, {.key = "vae", .summary = "plain ELBO", .paper = "Kingma & Welling, ICLR 2014"});

}  // namespace

}  // namespace klbench
