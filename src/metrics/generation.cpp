#include "metrics/generation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "core/rng.h"
#include "core/special_words.h"
#include "metrics/metric.h"
#include "metrics/ngrams.h"
#include "metrics/perplexity.h"
#include "metrics/samples.h"
#include "metrics/to_vector.h"
#include "models/batches.h"
#include "models/decoder.h"
#include "models/seeded_scope.h"

namespace klbench {

namespace {

constexpr std::int64_t kSentences = 1000;
constexpr const char* kOverSentences = "sentences, with these references and language models";

/// The two largest counts of an n-gram in one sentence, and whose the largest is.
struct TopCounts {
  std::int64_t largest = 0, second = 0;
  std::size_t owner = 0;
};

/// The length nearest to `own` among all lengths but one such, the shorter of two that are as near.
std::size_t nearest_other(const std::map<std::size_t, std::size_t>& lengths, std::size_t own) {
  std::size_t best = 0;
  std::size_t distance = std::numeric_limits<std::size_t>::max();
  for (const auto& [length, count] : lengths) {
    if (length == own && count == 1) continue;
    const std::size_t away = length > own ? length - own : own - length;
    if (away < distance) {
      best = length;
      distance = away;
    }
  }
  return best;
}

Sentences split_of(const std::vector<Words>& sentences) {
  Sentences split;
  for (const auto& words : sentences) {
    split.tokens.insert(split.tokens.end(), words.begin(), words.end());
    split.offsets.push_back(static_cast<std::int64_t>(split.tokens.size()));
  }
  return split;
}

/// One LSTM of 64 units, trained on `sentences` for ten epochs.
std::shared_ptr<Decoder> language_model(const Sentences& sentences, std::int64_t vocabulary, std::uint64_t seed) {
  const SeededScope scope(seed);
  const torch::AutoGradMode on(true);
  const auto& entry = DecoderRegistry::instance().find("lstm");
  const Options options(entry.spec, {{"embedding_dim", std::int64_t{32}},
                                     {"hidden_dim", std::int64_t{64}},
                                     {"dropout_in", 0.2},
                                     {"dropout_out", 0.2}});
  auto model = entry.make(options, {{.latent_dim = 0, .vocabulary = vocabulary}});
  torch::optim::Adam optimiser(model->parameters(), torch::optim::AdamOptions(0.01));
  for (std::uint64_t epoch = 0; epoch < 10; ++epoch) {
    const BatchList batches(sentences, 32, Batching::iid, derive_seed(seed, "batches", epoch));
    for (std::int64_t i = 0; i < batches.size(); ++i) {
      const auto batch = make_batch(sentences, batches.rows(i));
      optimiser.zero_grad();
      (model->loss(batch, {}).sum() / batch.lengths.sum()).backward();
      for (auto& parameter : model->parameters()) {
        auto& gradient = parameter.mutable_grad();
        if (gradient.is_sparse()) gradient = gradient.to_dense();  // of embeddings; torch's Adam takes no other
      }
      optimiser.step();
    }
  }
  model->eval();
  return model;
}

Estimate perplexity_of(Decoder& model, const Sentences& sentences) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> nats, words;  // by sentence
  double all_nats = 0, all_words = 0;
  for (const auto& rows : length_batches(sentences, 64)) {
    const auto batch = make_batch(sentences, rows);
    nats.push_back(model.loss(batch, {}));
    words.push_back(batch.lengths);
    all_nats += nats.back().sum().item<double>();
    all_words += words.back().sum().item<double>();
  }
  const auto other_nats = all_nats - torch::cat(nats).to(torch::kFloat64);
  const auto other_words = all_words - torch::cat(words).to(torch::kFloat64);
  return jackknife(std::exp(all_nats / all_words), to_vector((other_nats / other_words).exp()));
}

}  // namespace

Estimate distinct_ngrams(const std::vector<Words>& sentences, std::size_t n) {
  struct Holders {
    std::size_t last = 0, count = 0;  // sentences that have the n-gram
  };
  std::map<Words, Holders> holders;
  std::vector<double> own(sentences.size(), 0.0), total(sentences.size(), 0.0);  // n-grams of no other sentence; all
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    for (const auto& [gram, count] : ngrams(sentences[i], n)) {
      auto& found = holders[gram];
      found = {i, found.count + 1};
      total[i] += static_cast<double>(count);
    }
  }
  for (const auto& [gram, found] : holders) {
    if (found.count == 1) own[found.last] += 1;
  }
  const auto distinct = static_cast<double>(holders.size());
  const double all = std::accumulate(total.begin(), total.end(), 0.0);
  std::vector<double> without_each;
  for (std::size_t i = 0; i < total.size(); ++i) without_each.push_back((distinct - own[i]) / (all - total[i]));
  return jackknife(distinct / all, without_each);
}

Estimate self_bleu(const std::vector<Words>& sentences) {
  if (sentences.size() < 2) return {std::nan("")};
  std::map<std::size_t, std::size_t> lengths;
  for (const auto& words : sentences) ++lengths[words.size()];
  std::vector<double> log_bleu(sentences.size(), 0.0);
  for (std::size_t n = 1; n <= 4; ++n) {
    std::vector<std::map<Words, std::int64_t>> counts;
    std::map<Words, TopCounts> top;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      counts.push_back(ngrams(sentences[i], n));
      for (const auto& [gram, count] : counts.back()) {
        TopCounts& found = top[gram];
        if (count > found.largest) {
          found = {count, found.largest, i};
        } else {
          found.second = std::max(found.second, count);
        }
      }
    }
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      double matched = 0, total = 0;
      for (const auto& [gram, count] : counts[i]) {
        const TopCounts& found = top.at(gram);
        total += static_cast<double>(count);
        matched += static_cast<double>(std::min(count, found.owner == i ? found.second : found.largest));
      }
      log_bleu[i] += (std::log(matched > 0 ? matched : 0.1) - std::log(std::max(total, 1.0))) / 4;
    }
  }
  std::vector<double> bleu;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const auto own = static_cast<double>(std::max<std::size_t>(sentences[i].size(), 1));
    const auto reference = static_cast<double>(nearest_other(lengths, sentences[i].size()));
    bleu.push_back(std::exp(std::min(0.0, 1 - reference / own) + log_bleu[i]));
  }
  const double sum = std::accumulate(bleu.begin(), bleu.end(), 0.0);
  return {sum / static_cast<double>(bleu.size()), over_examples(torch::tensor(bleu, torch::kFloat64)).error};
}

namespace {

/// What the model writes of its own accord: 1,000 sentences drawn word by word from draws of the prior (a language
/// model: from nothing), at most twice as long as the longest of the split,
///   distinct_1, distinct_2, self_bleu;
///   forward_ppl   perplexity of the sentences under a language model of as many training sentences: fluency;
///   reverse_ppl   perplexity of the split under a language model of the sentences: fluency and coverage
/// (Zhao et al., ICML 2018; reverse in Semeniuta et al. 2018). Language models are one LSTM of 64 units over words of
/// 32, ten epochs of Adam, the same for all cells of a data set.
FinalMetrics generation(const MetricRequest& request) {
  auto& [model, split, pass, options, draws, data] = request;
  const TextCorpus& text = text_of(*data);
  std::int64_t longest = 0;
  for (std::int64_t row = 0; row < split.size(); ++row) longest = std::max(longest, split.length(row));
  const auto seed = derive_seed(options.seed, "generation");
  const auto z = model->has_latent() ? prior_draws(model, kSentences, seed) : torch::zeros({kSentences, 0});
  const auto samples = decode(model, z, 2 * longest, 1.0, derive_seed(seed, "words"));

  std::vector<Words> train;
  for (const auto row : fixed_subset(text.train.size(), kSentences)) train.push_back(sentence_of(text.train, row));
  const auto vocabulary = static_cast<std::int64_t>(text.words.size());
  const auto fixed_seed = derive_seed(0, "language model");
  const Sentences written = split_of(samples);
  const auto of_train = language_model(split_of(train), vocabulary, fixed_seed);
  const auto of_samples = language_model(written, vocabulary, fixed_seed);

  const auto found = [](const Estimate& value, const std::string& estimator) {
    return scalar(value, {estimator, kSentences, 0, kOverSentences, {{"examples_cap", kSentences}}});
  };
  return {{"distinct_1", found(distinct_ngrams(samples, 1), "distinct words by words of sentences from the prior")},
          {"distinct_2", found(distinct_ngrams(samples, 2), "distinct pairs by pairs of sentences from the prior")},
          {"self_bleu", found(self_bleu(samples), "BLEU-4 of each sentence from the prior with all others")},
          {"forward_ppl", found(perplexity_of(*of_train, written),
                                "sentences from the prior under an LSTM of as many training sentences")},
          {"reverse_ppl", found(perplexity_of(*of_samples, dynamic_cast<const Sentences&>(split)),
                                "test under an LSTM of sentences from the prior")}};
}

ComponentSpec of_sentences(std::string key, std::string summary, std::string better, std::string head, double most) {
  return {.key = std::move(key),
          .summary = std::move(summary),
          .domain = kText,
          .needs = {"eval.generation"},
          .units = "1",
          .better = std::move(better),
          .head = std::move(head),
          .without_latent = true,
          .least = 0,
          .most = most};
}

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

const MetricsRegistrar kOfSentences(
    generation,
    {of_sentences("distinct_1", "distinct words of sentences from the prior", "higher", "Dist-1", 1),
     of_sentences("distinct_2", "distinct pairs of words of sentences from the prior", "higher", "Dist-2", 1),
     of_sentences("self_bleu", "BLEU-4 of sentences from the prior with each other", "lower", "Self-BLEU", 1),
     of_sentences("forward_ppl", "perplexity of sentences from the prior under a model of the data", "lower", "Fwd PPL",
                  kUnbounded),
     of_sentences("reverse_ppl", "perplexity of test under a model of sentences from the prior", "lower", "Rev. PPL",
                  kUnbounded)});

}  // namespace

}  // namespace klbench
