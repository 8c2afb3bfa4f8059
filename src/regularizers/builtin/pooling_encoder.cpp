#include "regularizers/registry.h"

namespace klbench {

namespace {

/// The posterior comes from the mean or the maximum over all states of the encoder instead of the last one
/// (Long et al., 2019), which spreads the posteriors of different sentences apart.
class PoolingEncoder : public Regularizer {
 public:
  PoolingEncoder(const Options& options, const ModelFacts& /*model*/) : pooling_(options.text("pooling")) {}
  std::string encoder_pooling() const override { return pooling_; }

 private:
  std::string pooling_;
};

KLBENCH_REGULARIZER(PoolingEncoder, {.key = "pooling_encoder",
                                     .summary = "posterior from pooled encoder states",
                                     .paper = "Long et al., arXiv 1911.03976",
                                     .options = {{.name = "pooling",
                                                  .default_value = "max",
                                                  .help = "over the encoder's states",
                                                  .choices = {"max", "mean"}}}});

}  // namespace

}  // namespace klbench
