#include "metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "core/special_words.h"
#include "metrics/metric.h"
#include "metrics/ngrams.h"
#include "metrics/samples.h"

namespace klbench {

namespace {

bool has_unknown(const Words& words) { return std::find(words.begin(), words.end(), kUnknown) != words.end(); }

/// ln of the clipped n-gram precision over the corpus.
double log_precision(const std::vector<Words>& hypotheses, const std::vector<Words>& references, std::size_t n) {
  std::int64_t matched = 0, total = 0;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    const auto in_reference = ngrams(references[i], n);
    for (const auto& [gram, count] : ngrams(hypotheses[i], n)) {
      total += count;
      const auto found = in_reference.find(gram);
      if (found != in_reference.end() && !has_unknown(gram)) matched += std::min(count, found->second);
    }
  }
  return std::log(static_cast<double>(matched)) - std::log(static_cast<double>(std::max<std::int64_t>(total, 1)));
}

double total_length(const std::vector<Words>& sentences) {
  double sum = 0;
  for (const auto& words : sentences) sum += static_cast<double>(words.size());
  return sum;
}

}  // namespace

double corpus_bleu(const std::vector<Words>& hypotheses, const std::vector<Words>& references) {
  if (hypotheses.size() != references.size()) throw Error("BLEU wants one reference a hypothesis");
  double mean_log = 0;
  for (std::size_t n = 1; n <= 4; ++n) mean_log += log_precision(hypotheses, references, n) / 4;
  const double brevity = std::min(0.0, 1 - total_length(references) / std::max(total_length(hypotheses), 1.0));
  return std::exp(brevity + mean_log);
}

namespace {

constexpr std::int64_t kExamples = 1000;

/// Of what the decoder makes of mu, word by word the likeliest, beside the sentences themselves.
FinalMetric reconstruction_bleu(const MetricRequest& request) {
  auto& [model, split, pass, options, draws] = request;
  std::vector<Words> found, wanted;
  const auto rows = fixed_subset(split.size(), kExamples);
  for (const auto& part : length_batches(split, rows, options.batch_size)) {
    const auto mu = pass.mu.index_select(0, torch::tensor(part));
    const auto limit = 2 * split.length(part.back()) + 10;  // the longest of the batch stands last
    for (auto& words : decode(model, mu, limit, 0, options.seed)) found.push_back(std::move(words));
    for (const auto row : part) wanted.push_back(sentence_of(split, row));
  }
  return exact(corpus_bleu(found, wanted), {"corpus BLEU-4 of greedy reconstructions from mu, <unk> matching nothing",
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
