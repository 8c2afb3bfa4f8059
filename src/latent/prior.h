#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <utility>

#include "config/registry.h"
#include "latent/model_facts.h"
#include "latent/posterior.h"

namespace klbench {

/// The prior p(z). Parameters it has are trained with the model's.
class Prior : public torch::nn::Module {
 public:
  /// log p(z), nats; [..., d] -> [...].
  virtual torch::Tensor log_p(const torch::Tensor& z) const = 0;
  /// [count, d] draws on the CPU, wherever the prior's parameters are: a function of the generator's state (a CPU
  /// generator).
  virtual torch::Tensor sample(std::int64_t count, torch::Generator generator) const = 0;
  /// It is what the family's closed-form KL is measured from: N(0, I), on the sphere the uniform distribution.
  virtual bool is_reference() const { return false; }
};

/// What a prior is told beside its options.
struct PriorRequest {
  ModelFacts model;
  std::int64_t word_size = 0;  ///< of text: size of a word as the encoder reads it (Encoder::word_size)
  /// Posteriors that the model makes of inputs [T+1, K, word_size] or images [K, C, H, W], with gradients.
  std::function<Posterior(const torch::Tensor& inputs)> posterior_of;
};

struct PriorEntry {
  ComponentSpec spec;
  std::function<std::shared_ptr<Prior>(const Options& options, const PriorRequest& request)> make;
};

/// The priors known to this process, by key.
class PriorRegistry : public Registry<PriorEntry> {
 public:
  PriorRegistry() : Registry("prior") {}
  static PriorRegistry& instance();
};

struct PriorRegistrar {
  explicit PriorRegistrar(PriorEntry entry) noexcept { PriorRegistry::instance().add(std::move(entry)); }
};

/// KLBENCH_PRIOR(MixturePrior, {.key = "mixture", ...}): Class(const Options&, const PriorRequest&) under its spec.
#define KLBENCH_PRIOR(Class, ...)                                                    \
  static const ::klbench::PriorRegistrar k##Class##Registrar(                        \
      {::klbench::ComponentSpec __VA_ARGS__,                                         \
       [](const ::klbench::Options& options, const ::klbench::PriorRequest& request) \
           -> std::shared_ptr<::klbench::Prior> { return std::make_shared<Class>(options, request); }})

}  // namespace klbench
