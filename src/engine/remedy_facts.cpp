#include "engine/remedy_facts.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "core/special_words.h"
#include "regularizers/registry.h"
#include "regularizers/stack.h"

namespace klbench {

RemedyFacts remedy_facts(const CellConfig& config) {
  const auto& known = RegularizerRegistry::instance().entries();
  const auto is_known = [&](const Part& part) { return known.contains(part.key); };
  if (!std::all_of(config.regularizer.begin(), config.regularizer.end(), is_known)) return {};
  const auto latent_dim = config.integer("model.latent_dim");
  const torch::NoGradGuard no_grad;
  RegularizerStack remedy(config.regularizer, {.latent_dim = latent_dim, .vocabulary = kUnknown + 1});
  const auto outputs = torch::zeros({2, latent_dim});
  RemedyFacts facts{remedy.uses_batch_statistics(), !std::isnan(remedy.kl_floor_nominal(latent_dim)),
                    remedy.posterior({outputs, outputs}, {}).decoder.has_value()};
  for (const auto& [name, tensor] : remedy.diagnostics())
    facts.diagnostics[name] = static_cast<std::size_t>(tensor.numel());
  return facts;
}

}  // namespace klbench
