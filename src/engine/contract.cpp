#include "engine/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <numbers>
#include <utility>

#include "config/offers.h"
#include "core/special_words.h"
#include "data/cache.h"
#include "data/dataset.h"
#include "engine/plugin_api.h"
#include "engine/results_contract.h"
#include "metrics/noise.h"
#include "regularizers/contract.h"

namespace klbench {

namespace {

using torch::Tensor;

constexpr std::int64_t kDim = 6, kWords = 50, kRows = 8, kWordSize = 5, kSide = 12, kDraws = 4000;
constexpr double kErrors = 6;  ///< standard errors that an estimate may be off

bool finite(const Tensor& x) { return torch::isfinite(x).all().item<bool>(); }
bool close(const Tensor& a, const Tensor& b) { return a.sizes() == b.sizes() && torch::allclose(a, b, 1e-4, 1e-4); }

/// The mean over dim 0 of `draws` is `wanted`, but for what chance may do.
bool agree(const Tensor& draws, const Tensor& wanted) {
  const auto error = draws.std(0) / std::sqrt(static_cast<double>(draws.size(0)));
  return ((draws.mean(0) - wanted).abs() <= kErrors * error + 1e-3).all().item<bool>();
}

/// Sentences of 2 to 9 words, or pictures.
Batch batch_for(bool images) {
  const auto rows = torch::arange(kRows);
  if (images) return {torch::rand({kRows, 1, kSide, kSide}).round(), torch::zeros({kRows}, torch::kInt64), rows};
  auto x = torch::randint(kUnknown + 1, kWords, {kRows + 3, kRows}, torch::kInt64);
  x[0].fill_(kStart);
  for (std::int64_t b = 0; b < kRows; ++b) {
    x.select(1, b).slice(0, b + 2).fill_(kPad);
    x[b + 2][b] = kEnd;
  }
  return {x, rows + 2, rows};
}

ModelFacts facts_for(bool images, std::int64_t dim = kDim) {
  if (images) return {.latent_dim = dim, .image = {1, kSide, kSide}};
  return {.latent_dim = dim, .vocabulary = kWords};
}

/// Tries components and notes what they break.
class Contracts {
 public:
  std::vector<std::string> of(const Components& components) {
    for (const auto& [key, spec] : components.regularizers) {
      for (auto& sentence : contract_violations(key)) found_.push_back("regularizer " + std::move(sentence));
    }
    const auto each = [this](const char* what, const ComponentSpecs& specs,
                             void (Contracts::*check)(const ComponentSpec&)) {
      for (const auto& [key, spec] : specs) {
        name_ = fmt::format("{} {}", what, key);
        try {
          torch::manual_seed(3);
          (this->*check)(spec);
        } catch (const std::exception& error) {
          const std::string text = error.what();  // LibTorch's are long
          found_.push_back(fmt::format("{}: {}", name_, text.substr(0, text.find('\n'))));
        }
      }
    };
    each("dataset", components.datasets, &Contracts::dataset);
    each("encoder", components.encoders, &Contracts::encoder);
    each("decoder", components.decoders, &Contracts::decoder);
    each("family", components.families, &Contracts::family);
    each("prior", components.priors, &Contracts::prior);
    for (auto& sentence : broken_metrics(components.metrics)) found_.push_back(std::move(sentence));
    for (auto& sentence : broken_figures(components.figures)) found_.push_back(std::move(sentence));
    return std::move(found_);
  }

 private:
  void expect(bool good, const char* sentence) {
    if (!good) found_.push_back(fmt::format("{}: {}", name_, sentence));
  }

  /// Gradients of the sum of `out` with respect to everything that the module trains.
  void gradients(const torch::nn::Module& module, const Tensor& out) {
    if (out.requires_grad()) out.sum().backward();
    for (const auto& item : module.named_parameters()) {
      auto gradient = item.value().grad();
      if (gradient.defined() && gradient.is_sparse()) gradient = gradient.coalesce().values();
      if (!gradient.defined() || !finite(gradient)) {
        found_.push_back(fmt::format("{}: no finite gradient reaches its parameter {}", name_, item.key()));
      }
    }
  }

  /// `value` of each example alone is its row of `all`.
  void alone(const Batch& batch, const Tensor& all, const std::function<Tensor(const Batch&, std::int64_t)>& value) {
    for (const std::int64_t row : {0L, kRows / 2, kRows - 1}) {
      const auto own = value(batch.select(torch::tensor({row})), row);
      if (close(own, all.slice(0, row, row + 1))) continue;
      return expect(false, "the value of an example depends on the others of its batch, or on padding");
    }
  }

  void dataset(const ComponentSpec& spec) {
    for (const auto& option : spec.options) {
      if (!option.is_path) continue;
      const auto& path = std::get<std::string>(option.default_value);
      if (path.empty() || !std::filesystem::exists(path)) return;  // where data lies only its user knows
    }
    const auto& entry = DatasetRegistry::instance().find(spec.key);
    const auto bytes = dataset_bytes(*entry.load(Options(spec, {})));
    const auto data = parse_dataset(bytes);
    expect(data != nullptr, "a word without an entry in words, a label without a name, or splits that do not fit");
    expect(bytes == dataset_bytes(*entry.load(Options(spec, {}))), "read again it is other data");
    if (!data) return;
    for (const char* split : {"train", "valid", "test"}) expect(data->split(split).size() > 0, "an empty split");
  }

  void encoder(const ComponentSpec& spec) {
    const bool images = spec.domain == kImage;
    const auto batch = batch_for(images);
    const auto module = EncoderRegistry::instance().find(spec.key).make(Options(spec, {}), {facts_for(images), "last"});
    const auto both = [&](const Batch& some) {
      const auto raw = module->forward(some);
      return torch::cat({raw.mu, raw.scale}, 1);
    };
    module->train();
    gradients(*module, both(batch));
    module->eval();
    const torch::NoGradGuard no_grad;
    const auto out = both(batch);
    expect(out.sizes() == torch::IntArrayRef({kRows, 2 * kDim}), "outputs are not [B, d] each");
    expect(finite(out), "outputs are not finite");
    alone(batch, out, [&](const Batch& one, std::int64_t) { return both(one); });
    if (!has(spec.offers, kPooledStates)) return;
    const auto pooled = [&](const char* how) {
      torch::manual_seed(4);
      return EncoderRegistry::instance().find(spec.key).make(Options(spec, {}), {facts_for(images), how});
    };
    const auto last = pooled("last");
    for (const char* how : {"mean", "max"}) {
      const auto other = pooled(how);
      last->eval();
      other->eval();
      expect(!close(other->forward(batch).mu, last->forward(batch).mu), "it offers to pool its states and does not");
    }
  }

  bool does_without_z(const DecoderEntry& entry, const Batch& batch, bool images) try {
    const auto loss = entry.make(Options(entry.spec, {}), {facts_for(images, 0)})->loss(batch, {});
    return loss.sizes() == torch::IntArrayRef({kRows}) && finite(loss);
  } catch (const std::exception&) {
    return false;
  }

  void decoder(const ComponentSpec& spec) {
    const bool images = spec.domain == kImage;
    const auto batch = batch_for(images);
    const auto& entry = DecoderRegistry::instance().find(spec.key);
    expect(has(spec.needs, kLatent) || does_without_z(entry, batch, images),
           "without z the loss is not [B] finite numbers: it has to say .needs = {kLatent}");
    const auto module = entry.make(Options(spec, {}), {facts_for(images)});
    const auto z = torch::randn({kRows, kDim}).requires_grad_();
    module->train();
    gradients(*module, module->loss(batch, z));
    expect(z.grad().defined() && z.grad().abs().sum().item<double>() > 0, "no gradient reaches z");
    module->eval();
    const torch::NoGradGuard no_grad;
    const auto loss = module->loss(batch, z);
    expect(loss.sizes() == torch::IntArrayRef({kRows}) && finite(loss), "the loss is not [B] finite numbers");
    expect(close(module->score(batch, torch::stack({z, z}))[1], loss), "score is not what loss says");
    alone(batch, loss, [&](const Batch& one, std::int64_t row) { return module->loss(one, z.slice(0, row, row + 1)); });
    if (has(spec.offers, kSkipConnection)) {
      const auto made = [&](bool skip) {
        torch::manual_seed(4);
        const auto other = entry.make(Options(spec, {}), {facts_for(images), skip});
        other->eval();
        return other->loss(batch, z);
      };
      expect(!close(made(true), made(false)), "it offers z beside its output and does not put it there");
    }
    const auto generator = [] { return cpu_generator(5); };
    if (auto* text = dynamic_cast<TextDecoder*>(module.get())) {
      const auto words = text->generate(z, 12, 1.0, generator());
      expect(words == text->generate(z, 12, 1.0, generator()), "generate is not a function of its generator");
      for (const auto& sentence : words) {
        for (const auto word : sentence) expect(word > kEnd && word < kWords, "generate makes words that do not exist");
      }
    } else if (auto* image = dynamic_cast<ImageDecoder*>(module.get())) {
      const auto pictures = image->generate(z, generator());
      expect(pictures.sizes() == batch.x.sizes() && pictures.min().item<double>() >= 0 &&
                 pictures.max().item<double>() <= 1,
             "generate makes no pictures of the right shape in [0, 1]");
      expect(pictures.equal(image->generate(z, generator())), "generate is not a function of its generator");
    } else {
      expect(false, "it is neither a TextDecoder nor an ImageDecoder");
    }
  }

  void family(const ComponentSpec& spec) {
    const auto made = FamilyRegistry::instance().find(spec.key).make(Options(spec, {}), facts_for(false));
    const PosteriorFamily& family = made ? *made : gaussian_family();
    const Posterior q{torch::randn({kRows, kDim}).requires_grad_(), torch::randn({kRows, kDim}).requires_grad_(),
                      made.get()};
    const auto first = family.draw(q, torch::randn({kRows, kDim}));
    expect(first.z.sizes() == q.mu.sizes() && first.log_q.sizes() == torch::IntArrayRef({kRows}),
           "draws are not [B, d] with log q [B]");
    gradients(family, first.z.sum(1) + first.log_q);
    expect(q.mu.grad().defined() && finite(q.mu.grad()), "no finite gradient of draws reaches mu");

    const torch::NoGradGuard no_grad;
    const auto [z, log_q] = family.draw(q, torch::randn({kDraws, kRows, kDim}));
    expect(finite(z) && finite(log_q), "draws are not finite");
    expect(family.scores_any_point() != spec.own_draws_only, "own_draws_only is not what scores_any_point says");
    expect(family.on_sphere() == (spec.domain == kSphere), "domain is not what on_sphere says");
    if (family.scores_any_point()) expect(close(family.log_q(q, z), log_q), "log_q of its draws is another");
    if (const auto kl = family.kl(q); kl.defined()) {
      const char* reference = family.on_sphere() ? "sphere" : "standard";
      const auto& prior = PriorRegistry::instance().find(reference);
      const auto log_p = prior.make(Options(prior.spec, {}), {facts_for(false), 0, {}})->log_p(z);
      expect(agree(log_q - log_p, kl.sum(1)), "kl is not the mean of log q - log p over draws");
    }
    const auto mean = family.mean(q), variance = family.variance(q);
    if (mean.defined()) expect(agree(z, mean), "mean is not that of its draws");
    if (mean.defined() && variance.defined())
      expect(agree((z - mean).square(), variance), "variance is not that of its draws");
  }

  void prior(const ComponentSpec& spec) {
    const auto facts = facts_for(false, 2);
    const auto posterior_of = [](const Tensor& inputs) {
      return Posterior{inputs.mean(0).slice(1, 0, 2), torch::zeros({inputs.size(1), 2})};
    };
    const auto made =
        PriorRegistry::instance().find(spec.key).make(Options(spec, {}), {facts, kWordSize, posterior_of});
    const auto drawn = [&] { return made->sample(kDraws, cpu_generator(5)); };
    gradients(*made, made->log_p(drawn()));

    const torch::NoGradGuard no_grad;
    const auto z = drawn();
    expect(z.sizes() == torch::IntArrayRef({kDraws, 2}) && finite(z), "draws are not [count, d] finite numbers");
    expect(z.equal(drawn()), "sample is not a function of its generator");
    const bool circle = spec.domain == kSphere;
    const auto points = circle ? circle_points() : plane_points();
    const auto weight = made->log_p(points).exp() * (circle ? 2 * std::numbers::pi / 10000.0 : 0.05 * 0.05);
    const double mass = weight.sum().item<double>();
    expect(mass > 0.9 && mass < 1.02, "exp(log_p) does not integrate to 1");  // heavy tails lie outside the grid
    for (const int power : {1, 2}) {
      const auto wanted = (points.pow(power) * weight.unsqueeze(1)).sum(0);
      expect(agree(z.pow(power), wanted), "draws are not those of log_p: their moments differ");
    }
  }

  static Tensor circle_points() {
    const auto angle = torch::arange(10000) * (2 * std::numbers::pi / 10000.0);
    return torch::stack({angle.cos(), angle.sin()}, 1);
  }
  static Tensor plane_points() {
    const auto side = torch::arange(-200, 201) * 0.05;
    return torch::cartesian_prod({side, side});
  }

  std::string name_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> broken_contracts(const Components& components) { return Contracts().of(components); }

}  // namespace klbench
