#pragma once

#include <cstdint>
#include <vector>

#include "metrics/estimate.h"

namespace klbench {

/// Corpus BLEU-4 in [0, 1] (Papineni et al. 2002), one reference a hypothesis: BP exp(1/4 sum_n ln p_n), p_n the
/// clipped n-gram precision over the corpus, BP = min(1, exp(1 - reference length / hypothesis length)). No smoothing:
/// 0 where some p_n is 0. <unk> stands for many words: an n-gram with kUnknown counts among the hypothesis' n-grams and
/// matches none. The error is the jackknife's, over pairs of sentences. Throws Error when the two lists differ in size.
Estimate corpus_bleu(const std::vector<std::vector<std::int32_t>>& hypotheses,
                     const std::vector<std::vector<std::int32_t>>& references);

}  // namespace klbench
