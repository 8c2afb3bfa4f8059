#include "latent/family.h"

namespace klbench {

namespace {

/// The diagonal Gaussian N(mu, exp(log_var)), of which posterior.cpp has the formulas.
const FamilyRegistrar kGaussianRegistrar({{.key = "gaussian",
                                           .summary = "diagonal Gaussian, mean and log variance from the encoder",
                                           .paper = "Kingma and Welling, ICLR 2014",
                                           .domain = kSpace},
                                          [](const Options&, const ModelFacts&) { return nullptr; }});

}  // namespace

}  // namespace klbench
