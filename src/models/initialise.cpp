#include "models/initialise.h"

#include "models/seeded_scope.h"

namespace klbench {

OptionSpec init_option() {
  return {.name = "init",
          .default_value = std::string("torch"),
          .help =
              "torch: LibTorch's defaults; uniform: +-0.01, embeddings +-0.1, as the public code of He et al. 2019; "
              "uniform_0.1: all +-0.1, as that of Kim et al. 2018 and Fu et al. 2019",
          .choices = {"torch", "uniform", "uniform_0.1"}};
}

void initialise(torch::nn::Module& module, const std::string& init, std::uint64_t seed) {
  if (init == "torch") return;
  const SeededScope scope(seed);  // a larger output layer leaves the others alone
  const torch::NoGradGuard no_grad;
  for (auto& parameter : module.named_parameters()) {
    const double bound = parameter.key() == "embedding.weight" || init == "uniform_0.1" ? 0.1 : 0.01;
    parameter.value().uniform_(-bound, bound);
  }
}

}  // namespace klbench
