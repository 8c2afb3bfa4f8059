#pragma once

#include <cstdint>
#include <vector>

#include "metrics/estimate.h"

namespace klbench {

/// Share of the n-grams of all sentences that are distinct (Li et al., NAACL 2016): falls with the number of words, so
/// that only as many sentences of like lengths compare. NaN without any n-gram. The error is the jackknife's, over
/// sentences.
Estimate distinct_ngrams(const std::vector<std::vector<std::int32_t>>& sentences, std::size_t n);

/// Mean over the sentences of BLEU-4 with all others as references (Zhu et al., SIGIR 2018, "Texygen"): 1 where all are
/// the same, of four words or more. Closest reference length; an order without a match counts 0.1 matches (method 1 of
/// Chen and Cherry 2014, as there). NaN for fewer than two sentences. The error is
/// that of the mean, with the others as they are.
Estimate self_bleu(const std::vector<std::vector<std::int32_t>>& sentences);

}  // namespace klbench
