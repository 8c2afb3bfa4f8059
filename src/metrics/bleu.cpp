#include "metrics/bleu.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"
#include "core/special_words.h"
#include "metrics/metric.h"
#include "metrics/ngrams.h"
#include "metrics/samples.h"

namespace klbench {

namespace {

bool has_unknown(const Words& words) { return std::find(words.begin(), words.end(), kUnknown) != words.end(); }

constexpr std::size_t kLongest = 4;  // words of an n-gram

/// What BLEU is computed from, of one pair of sentences or of several.
struct Counts {
  std::array<std::int64_t, kLongest> matched{}, total{};  ///< n-grams of the hypothesis, n = 1, ..., 4
  std::int64_t hypothesis = 0, reference = 0;             ///< words

  void add(const Counts& other, std::int64_t sign = 1) {
    for (std::size_t n = 0; n < kLongest; ++n) {
      matched[n] += sign * other.matched[n];
      total[n] += sign * other.total[n];
    }
    hypothesis += sign * other.hypothesis;
    reference += sign * other.reference;
  }

  double bleu() const {
    double mean_log = 0;
    for (std::size_t n = 0; n < kLongest; ++n) {
      const auto most = static_cast<double>(std::max<std::int64_t>(total[n], 1));
      mean_log += (std::log(static_cast<double>(matched[n])) - std::log(most)) / kLongest;
    }
    const auto written = static_cast<double>(std::max<std::int64_t>(hypothesis, 1));
    return std::exp(std::min(0.0, 1 - static_cast<double>(reference) / written) + mean_log);
  }
};

Counts counts_of(const Words& hypothesis, const Words& reference) {
  Counts counts{.hypothesis = static_cast<std::int64_t>(hypothesis.size()),
                .reference = static_cast<std::int64_t>(reference.size())};
  for (std::size_t n = 0; n < kLongest; ++n) {
    const auto in_reference = ngrams(reference, n + 1);
    for (const auto& [gram, count] : ngrams(hypothesis, n + 1)) {
      counts.total[n] += count;
      const auto found = in_reference.find(gram);
      if (found != in_reference.end() && !has_unknown(gram)) counts.matched[n] += std::min(count, found->second);
    }
  }
  return counts;
}

}  // namespace

Estimate corpus_bleu(const std::vector<Words>& hypotheses, const std::vector<Words>& references) {
  if (hypotheses.size() != references.size()) throw Error("BLEU wants one reference a hypothesis");
  std::vector<Counts> pairs;
  Counts all;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    pairs.push_back(counts_of(hypotheses[i], references[i]));
    all.add(pairs.back());
  }
  std::vector<double> without_each;
  for (const auto& pair : pairs) {
    Counts others = all;
    others.add(pair, -1);
    without_each.push_back(others.bleu());
  }
  return jackknife(all.bleu(), without_each);
}

namespace {

constexpr std::int64_t kExamples = 1000;

/// Of what the decoder makes of mu, word by word the likeliest, beside the sentences themselves.
FinalMetric reconstruction_bleu(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  std::vector<Words> found, wanted;
  const auto rows = fixed_subset(split.size(), kExamples);
  for (const auto& part : length_batches(split, rows, options.batch_size)) {
    const auto mu = pass.mu.index_select(0, torch::tensor(part));
    const auto limit = 2 * split.length(part.back()) + 10;  // the longest of the batch stands last
    for (auto& words : decode(model, mu, limit, 0, options.seed)) found.push_back(std::move(words));
    for (const auto row : part) wanted.push_back(sentence_of(split, row));
  }
  return scalar(corpus_bleu(found, wanted), {"corpus BLEU-4 of greedy reconstructions from mu, <unk> matching nothing",
                                             static_cast<std::int64_t>(rows.size()),
                                             0,
                                             kOverExamples,
                                             {{"examples_cap", kExamples}}});
}

KLBENCH_METRIC(reconstruction_bleu, {.key = "bleu",
                                     .summary = "BLEU-4 of greedy reconstructions",
                                     .paper = "Papineni et al., ACL 2002",
                                     .domain = kText,
                                     .units = "1",
                                     .better = "higher",
                                     .head = "BLEU",
                                     .least = 0,
                                     .most = 1});

}  // namespace

}  // namespace klbench
