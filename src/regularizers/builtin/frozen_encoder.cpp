#include "regularizers/registry.h"

namespace klbench {

namespace {

/// The encoder keeps its random initial weights; decoder and the remedies' own parameters are trained. A control: what
/// a remedy reaches with it, with bn_vae above all, is not owed to what the encoder learns.
class FrozenEncoder : public Regularizer {
 public:
  FrozenEncoder(const Options& /*options*/, const ModelFacts& /*model*/) {}
  void on_epoch_begin(TrainContext& context) override { context.freeze(kEncoder, true); }
};

KLBENCH_REGULARIZER(FrozenEncoder, {.key = "frozen_encoder",
                                    .summary = "control: the encoder stays as it was initialised",
                                    .paper = "control; compare Wieting & Kiela, ICLR 2019, on random encoders",
                                    .replaces = {"encoder_training"}});

}  // namespace

}  // namespace klbench
