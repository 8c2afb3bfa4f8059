// Sentences from a random LSTM that is driven by a latent from four Gaussians, as in He et al., "Lagging Inference
// Networks and Posterior Collapse in Variational Autoencoders", ICLR 2019 (section 4.1), with a generator that is
// small.
//
// The corpus is the same on every platform: weights, states and the latent are multiples of small powers of two and
// bounded, so that every product and sum below is exact in float whatever the order or instruction set; non-linear
// functions are tables rounded to such multiples, and words are drawn with integer weights.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "core/error.h"
#include "core/rng.h"
#include "data/dataset.h"
#include "data/text/vocabulary.h"

namespace klbench {

namespace {

constexpr double kStateStep = 1.0 / 128;   // grid of states and gates
constexpr double kWeightStep = 1.0 / 256;  // grid of recurrent and embedding weights
constexpr double kOutputStep = 1.0 / 64;   // grid of output weights and of the latent
constexpr double kMean = 2.0;              // components at (+-2, +-2), unit variance
constexpr double kMaxLatent = 6.0;
constexpr int kComponents = 4;

double on_grid(double x, double step) { return std::round(x / step) * step; }

/// A function of [-8, 8] at steps of 1/64, with values on the grid of states; constant beyond.
class Table {
 public:
  explicit Table(double (*function)(double)) {
    for (int i = 0; i < kSize; ++i) {
      values_[static_cast<std::size_t>(i)] = static_cast<float>(on_grid(function((i - kSize / 2) / 64.0), kStateStep));
    }
  }
  float operator()(float x) const {
    const float position = std::clamp(x * 64.0F + kSize / 2.0F, 0.0F, kSize - 1.0F);
    return values_[static_cast<std::size_t>(position)];
  }

 private:
  static constexpr int kSize = 1024;
  std::array<float, kSize> values_{};
};

using Vector = std::vector<float>;

/// y += x M, with the rows of M back to back; four rows at once, since y goes through memory each time.
void add_product(const Vector& x, const Vector& rows, Vector& y) {
  const std::size_t n = y.size();
  std::size_t k = 0;
  for (; k + 4 <= x.size(); k += 4) {
    const float* row = &rows[k * n];
    for (std::size_t i = 0; i < n; ++i) {
      y[i] += x[k] * row[i] + x[k + 1] * row[n + i] + x[k + 2] * row[2 * n + i] + x[k + 3] * row[3 * n + i];
    }
  }
  for (; k < x.size(); ++k) {
    for (std::size_t i = 0; i < n; ++i) y[i] += x[k] * rows[k * n + i];
  }
}

Vector random_weights(std::size_t count, double bound, double step, Rng& rng) {
  Vector weights(count);
  for (float& weight : weights) weight = static_cast<float>(on_grid((2 * uniform_real(rng) - 1) * bound, step));
  return weights;
}

struct Sizes {
  std::size_t words, hidden, latent;
};

/// p(w_t | w_<t, z): an LSTM cell on [w_{t-1}, z], and a softmax over [h_t, z].
class Generator {
 public:
  Generator(const Sizes& sizes, std::uint64_t seed) : sizes_(sizes) {
    Rng rng(derive_seed(seed, "generator"));
    const std::size_t gates = 4 * sizes.hidden;
    word_to_gates_ = random_weights((sizes.words + 1) * gates, 1, kWeightStep, rng);
    hidden_to_gates_ = random_weights(sizes.hidden * gates, 1, kWeightStep, rng);
    latent_to_gates_ = random_weights(sizes.latent * gates, 1, kWeightStep, rng);
    hidden_to_word_ = random_weights(sizes.hidden * sizes.words, kHiddenBound, kOutputStep, rng);
    latent_to_word_ = random_weights(sizes.latent * sizes.words, kLatentBound, kOutputStep, rng);
    // Weights of words that are i/64 nats less likely than the likeliest; the last is 0, so none is beyond 16 nats.
    for (int i = 0; i + 1 < kWeights; ++i) {
      weights_[static_cast<std::size_t>(i)] =
          static_cast<std::uint32_t>(std::lround(std::ldexp(std::exp(-i / 64.0), 24)));
    }
  }

  /// Appends `length` words (0 .. words - 1) drawn from p(. | z).
  void sentence(const Vector& z, std::int64_t length, Rng& rng, std::vector<std::int32_t>& out) {
    Vector gates_of_z(4 * sizes_.hidden, 0.0F);
    Vector logits_of_z(sizes_.words, 0.0F);
    add_product(z, latent_to_gates_, gates_of_z);
    add_product(z, latent_to_word_, logits_of_z);
    hidden_.assign(sizes_.hidden, 0.0F);
    cell_.assign(sizes_.hidden, 0.0F);
    std::size_t word = sizes_.words;  // the start symbol
    for (std::int64_t t = 0; t < length; ++t) {
      step(word, gates_of_z);
      logits_ = logits_of_z;
      add_product(hidden_, hidden_to_word_, logits_);
      word = draw(rng);
      out.push_back(static_cast<std::int32_t>(word));
    }
  }

 private:
  void step(std::size_t word, const Vector& gates_of_z) {
    const std::size_t n = sizes_.hidden;
    gates_ = gates_of_z;
    for (std::size_t i = 0; i < gates_.size(); ++i) gates_[i] += word_to_gates_[word * gates_.size() + i];
    add_product(hidden_, hidden_to_gates_, gates_);
    for (std::size_t k = 0; k < n; ++k) {
      const float in = sigmoid_(gates_[k]);
      const float forget = sigmoid_(gates_[n + k]);
      const float candidate = tanh_(gates_[2 * n + k]);
      const float out = sigmoid_(gates_[3 * n + k]);
      cell_[k] = rounded(forget * cell_[k] + in * candidate);
      hidden_[k] = rounded(out * tanh_(cell_[k]));
    }
  }

  static float rounded(float x) { return std::nearbyint(x * 128.0F) / 128.0F; }

  std::size_t draw(Rng& rng) {
    const float top = *std::max_element(logits_.begin(), logits_.end());
    cumulative_.resize(logits_.size());
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < logits_.size(); ++i) {
      const float below = std::min((top - logits_[i]) * 64.0F, kWeights - 1.0F);
      total += weights_[static_cast<std::size_t>(below)];
      cumulative_[i] = total;
    }
    const std::uint64_t u = uniform_below(rng, total);
    return static_cast<std::size_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), u) - cumulative_.begin());
  }

  // How much the next word hangs on the state and directly on z: sharp enough that z is worth several nats.
  static constexpr double kHiddenBound = 2.0;
  static constexpr double kLatentBound = 2.0;
  static constexpr int kWeights = 16 * 64 + 1;

  Sizes sizes_;
  Vector word_to_gates_, hidden_to_gates_, latent_to_gates_, hidden_to_word_, latent_to_word_;
  std::array<std::uint32_t, kWeights> weights_{};
  Table sigmoid_{[](double x) { return 1 / (1 + std::exp(-x)); }};
  Table tanh_{[](double x) { return std::tanh(x); }};
  Vector hidden_, cell_, gates_, logits_;
  std::vector<std::uint64_t> cumulative_;
};

/// z ~ N(mean of the component, I): the means are (+-2, +-2), 0 in further dimensions.
Vector draw_latent(std::uint64_t component, std::size_t dimensions, Rng& rng) {
  Vector z;
  for (std::size_t j = 0; j < dimensions; ++j) {
    const double mean = j >= 2 ? 0.0 : (component >> j & 1U) != 0 ? kMean : -kMean;
    z.push_back(
        static_cast<float>(on_grid(std::clamp(mean + standard_normal(rng), -kMaxLatent, kMaxLatent), kOutputStep)));
  }
  return z;
}

TextCorpus load(const Options& options) {
  const std::int64_t min_length = options.integer("min_length");
  const std::int64_t max_length = options.integer("max_length");
  if (min_length > max_length) throw UsageError("dataset synthetic: min_length must not be above max_length");
  const auto seed = static_cast<std::uint64_t>(options.integer("seed"));
  const Sizes sizes{static_cast<std::size_t>(options.integer("vocabulary_size")),
                    static_cast<std::size_t>(options.integer("hidden_dim")),
                    static_cast<std::size_t>(options.integer("latent_dim"))};
  Generator generator(sizes, seed);
  TextCorpus corpus;
  corpus.words.assign(std::begin(kSpecialWords), std::end(kSpecialWords));
  for (std::size_t i = 0; i < sizes.words; ++i) corpus.words.push_back(fmt::format("w{}", i));
  corpus.label_names = {"component_0", "component_1", "component_2", "component_3"};
  const auto fill = [&](const std::string& name, Sentences& split) {
    for (std::int64_t i = 0; i < options.integer(name + "_size"); ++i) {
      Rng rng(derive_seed(seed, name, static_cast<std::uint64_t>(i)));
      const std::uint64_t component = uniform_below(rng, kComponents);
      const auto spread = static_cast<std::uint64_t>(max_length - min_length + 1);
      const std::int64_t length = min_length + static_cast<std::int64_t>(uniform_below(rng, spread));
      generator.sentence(draw_latent(component, sizes.latent, rng), length, rng, split.tokens);
      split.offsets.push_back(static_cast<std::int64_t>(split.tokens.size()));
      split.labels.push_back(static_cast<std::int32_t>(component));
    }
    for (std::int32_t& token : split.tokens) token += static_cast<std::int32_t>(std::size(kSpecialWords));
  };
  fill("train", corpus.train);
  fill("valid", corpus.valid);
  fill("test", corpus.test);
  return corpus;
}

OptionSpec count(std::string name, std::int64_t value, std::string help, double min, double max) {
  return {.name = std::move(name), .default_value = value, .help = std::move(help), .min = min, .max = max};
}

const DatasetRegistrar kRegistrar(
    {.key = "synthetic",
     .summary = "sentences from a random LSTM driven by a latent from four Gaussians, the component as label",
     .paper = "He et al., ICLR 2019",
     .options = {count("train_size", 16000, "training sentences; fewer are the first of more", 1, 1e7),
                 count("valid_size", 2000, "validation sentences", 1, 1e7),
                 count("test_size", 2000, "test sentences", 1, 1e7),
                 count("vocabulary_size", 1000, "words, special ones not counted", 2, 1e5),
                 count("min_length", 10, "shortest sentence in words; lengths are uniform", 1, 1000),
                 count("max_length", 10, "longest sentence in words", 1, 1000),
                 count("latent_dim", 2, "dimensions of the generating latent", 2, 32),
                 count("hidden_dim", 50, "state size of the generating LSTM", 1, 200),
                 count("seed", 0, "seed of generator and sentences, independent of the run's", 0, 1e15)}},
    load);

}  // namespace

}  // namespace klbench
