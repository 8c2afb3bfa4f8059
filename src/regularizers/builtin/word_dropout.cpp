#include "core/special_words.h"
#include "regularizers/registry.h"

namespace klbench {

namespace {

/// In training each word that the decoder is fed becomes <unk> with probability `rate`, so that it has to look at z
/// (Bowman et al., CoNLL 2016, whose best model kept 62% of the words). Start symbol and padding stay.
class WordDropout : public Regularizer {
 public:
  WordDropout(const Options& options, const ModelFacts& /*model*/) : rate_(options.real("rate")) {}

  torch::Tensor decoder_input(torch::Tensor tokens, const Progress& progress) override {
    if (!progress.training() || rate_ == 0) return tokens;
    const auto dropped = torch::rand(tokens.sizes(), tokens.device()) < rate_;
    return tokens.masked_fill(dropped & (tokens > kEnd), kUnknown);
  }

 private:
  double rate_;
};

KLBENCH_REGULARIZER(
    WordDropout,
    {.key = "word_dropout",
     .summary = "the decoder's input words become <unk> at random",
     .paper = "Bowman et al., CoNLL 2016",
     .options = {{.name = "rate", .default_value = 0.38, .help = "probability for each word", .min = 0, .max = 1}}});

}  // namespace

}  // namespace klbench
