#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace klbench {

/// Features and labels of one split.
struct Labelled {
  torch::Tensor features;  ///< [N, d]
  torch::Tensor labels;    ///< [N] int64
};

/// The best linear classifier found for one feature set.
struct ProbeFit {
  double accuracy = 0;        ///< on test
  double valid_accuracy = 0;  ///< of the chosen strength
  double strength = 0;        ///< chosen lambda
};

/// Multinomial logistic regression, mean cross-entropy + lambda/2 |W|^2 by L-BFGS, on features standardised by train;
/// lambda out of 1, .1, ..., 1e-5 by accuracy on valid (ties: the stronger).
ProbeFit fit_probe(const Labelled& train, const Labelled& valid, const Labelled& test);

/// Share of test labels that are the most frequent label of train.
double majority_accuracy(const torch::Tensor& train_labels, const torch::Tensor& test_labels);

/// What a linear probe reads out of the latents with so many labels.
struct ProbeResult {
  std::int64_t labels = 0;              ///< training labels used
  bool all = false;                     ///< all of the split
  ProbeFit mu;                          ///< on mu
  ProbeFit z;                           ///< on one sample of q(z|x) per x, what a decoder gets
  std::optional<ProbeFit> length_only;  ///< the same classifier on (length, ln length)
  double majority = 0;
};

/// Latents, labels and, of text, lengths (in tokens, [N]; of images undefined) of one split.
struct ProbeSplit {
  torch::Tensor mu;
  torch::Tensor z;
  torch::Tensor labels;
  torch::Tensor lengths;
};

/// Probes with probe_label_counts training labels; the smaller sets lie in the larger. Latents are standardised
/// over the whole training split, which needs no labels.
std::vector<ProbeResult> probe_accuracy(const ProbeSplit& train, const ProbeSplit& valid, const ProbeSplit& test);

}  // namespace klbench
