#include "regularizers/registry.h"

namespace klbench {

namespace {

/// z enters the decoder once more, beside its output and before the softmax (Dieng et al., AISTATS 2019):
/// logits = W [h; z] as in the authors' code for text.
class SkipDecoder : public Regularizer {
 public:
  SkipDecoder(const Options& /*options*/, const ModelFacts& /*model*/) {}
  bool skip_decoder() const override { return true; }
};

KLBENCH_REGULARIZER(SkipDecoder, {.key = "skip_decoder",
                                  .summary = "z enters the decoder again before the softmax",
                                  .paper = "Dieng et al., AISTATS 2019",
                                  .recipe = "zhang2022"});

}  // namespace

}  // namespace klbench
