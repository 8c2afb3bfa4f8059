// A plugin whose key a built-in has.
#include "engine/plugin_api.h"

KLBENCH_PLUGIN

namespace {

class Another : public klbench::Regularizer {
 public:
  Another(const klbench::Options& /*options*/, const klbench::ModelFacts& /*model*/) {}
};

KLBENCH_REGULARIZER(Another, {.key = "bn_vae", .summary = "a key that is taken", .paper = "none"});

}  // namespace
