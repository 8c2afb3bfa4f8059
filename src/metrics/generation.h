#pragma once

#include <cstdint>
#include <vector>

#include "config/metric.h"
#include "data/dataset.h"
#include "metrics/estimate.h"
#include "metrics/split_pass.h"

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

/// What the model writes of its own accord, of text: 1,000 sentences drawn word by word from draws of the prior (a
/// language model: from nothing), at most twice as long as the longest of test,
///   distinct_1, distinct_2, self_bleu;
///   forward_ppl   perplexity of the sentences under a language model of as many training sentences: fluency;
///   reverse_ppl   perplexity of test under a language model of the sentences: fluency and coverage
/// (Zhao et al., ICML 2018; reverse in Semeniuta et al. 2018). Language models are one LSTM of 64 units over words of
/// 32, ten epochs of Adam, the same for all cells of a data set. Empty for images.
FinalMetrics evaluate_generation(Vae& model, const Dataset& data, const EvaluationOptions& options);

}  // namespace klbench
