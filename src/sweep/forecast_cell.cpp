#include "sweep/forecast_cell.h"

#include <algorithm>
#include <string>

#include "config/probe_metrics.h"
#include "sweep/builtin.h"

namespace klbench {

namespace {

/// The numbers of a run.json.
constexpr const char* kCosts[] = {"attempts",           "epochs_trained",    "train_tokens",        "train_seconds",
                                  "evaluation_seconds", "recording_seconds", "diagnostics_seconds", "startup_seconds",
                                  "seconds_per_epoch",  "tokens_per_second", "peak_rss_mb"};

class Forecast {
 public:
  Forecast(const CellConfig& config, const DataFacts& data, bool least)
      : config_(config),
        data_(data),
        latent_(config.has_latent()),
        dims_(static_cast<std::size_t>(config.integer("model.latent_dim"))) {
    if (!latent_) return;
    remedy_ = least ? RemedyFacts{false, false, false} : engine().remedy_facts(config);
    remedy_.floor = remedy_.floor && config.standard_latent();
    const auto family = config.values.find("model.posterior.name");
    if (family == config.values.end()) return;
    const auto known = builtin_components().families.find(std::get<std::string>(family->second));
    if (known == builtin_components().families.end()) return;
    own_draws_only_ = known->second.own_draws_only;
    on_sphere_ = known->second.domain == kSphere;
  }

  CellResult make() {
    result_.method = config_.method();
    result_.config = config_.of_result().flat();
    result_.status = CellStatus::done;
    add_final("_last", false);
    add_final("", true);
    if (latent_ && remedy_.batch_statistics) add_final("_running", false);
    add_extras();
    add_epoch();
    if (latent_ && remedy_.floor) result_.facts = {{"kl_floor_nominal", 1.0}, {"kl_floor_measured", 1.0}};
    for (const char* cost : kCosts) result_.cost[cost] = 1;
    return std::move(result_);
  }

 private:
  static FinalMetric numbers(std::size_t count) { return {std::vector<double>(count, 1.0), {}}; }

  /// As evaluate().
  FinalMetrics evaluation(std::int64_t examples, bool with_nll) const {
    FinalMetrics metrics;
    const bool images = data_.image.pixels() > 0;
    for (const auto& [key, spec] : registered_metrics()) {
      const auto met = [&](const std::string& need) { return meets(need, examples); };
      const bool domain = spec.domain.empty() || (spec.domain == kImage) == images;
      if (domain && (spec.every_epoch || with_nll) && (spec.without_latent || latent_) &&
          std::all_of(spec.needs.begin(), spec.needs.end(), met))
        metrics[key] = numbers(spec.by_dimension ? dims_ : 1);
    }
    if (!with_nll) return metrics;
    if (images) metrics["image_grid"] = pictures(latent_ ? 5 : 2);
    if (!latent_) return metrics;
    constexpr std::size_t kBins = 80;
    metrics["posterior_histogram"] = {
        std::vector<double>(dims_ * kBins, 1.0),
        {{"dims", static_cast<std::int64_t>(dims_)}, {"bins", std::int64_t{kBins}}, {"low", -5.0}, {"high", 5.0}}};
    metrics["latent_points"] = numbers(3);
    return metrics;
  }

  bool meets(const std::string& need, std::int64_t examples) const {
    if (need == kStandardLatent) return config_.standard_latent();
    if (need == kNormalPrior) return config_.normal_prior();
    if (need == kFlatLatent) return !on_sphere_;
    if (need == kScoredLatent) return !own_draws_only_;
    if (need == kTwoPosteriors) return remedy_.pair;
    if (need == kTwoExamples) return examples > 1;
    if (need == kLabels) return data_.labelled;
    return config_.boolean(need);
  }

  FinalMetric pictures(std::int64_t rows) const {
    constexpr std::int64_t kColumns = 8;
    const auto& [channels, height, width] = data_.image;
    return {std::vector<double>(static_cast<std::size_t>(rows * kColumns * data_.image.pixels()), 1.0),
            {{"rows", rows}, {"columns", kColumns}, {"channels", channels}, {"height", height}, {"width", width}}};
  }

  void add_final(const std::string& suffix, bool with_nll) {
    for (auto& [name, metric] : evaluation(data_.valid, false)) result_.final["valid"][name + suffix] = metric;
    for (auto& [name, metric] : evaluation(data_.test, with_nll)) result_.final["test"][name + suffix] = metric;
  }

  void add_extras() {
    auto& test = result_.final["test"];
    if (latent_ && config_.boolean("eval.probe") && data_.labelled) {
      for (const auto& name : probe_metrics(data_.train, data_.image.pixels() == 0)) test[name] = numbers(1);
    }
    if (config_.integer("eval.nll_check_examples") == 0) return;
    for (const char* name : {"nll_50", "nll_500", "nll_5000"}) test[name] = numbers(1);
  }

  void add_epoch() {
    EpochRecord record;
    record.epoch = 1;
    record.step = 1;
    auto& train = record.metrics["train"];
    for (const char* name : {"loss", "rec", "grad_norm", "lr"}) train[name] = 1;
    if (latent_) {
      for (const char* name : {"kl", "elbo", "kl_weight"}) train[name] = 1;
      if (remedy_.floor) train["floor"] = 1;
      if (remedy_.pair) train["kl_penalised"] = 1;
      if (!own_draws_only_) {
        for (const char* name : {"batch_mu_mean", "batch_second_moment"})
          record.diagnostics[name] = std::vector<double>(dims_, 1.0);
      }
      for (const auto& [name, size] : remedy_.diagnostics) record.diagnostics[name] = std::vector<double>(size, 1.0);
      if (config_.boolean("eval.mean_space")) record.diagnostics["mean_space"] = {1, 1};
    }
    for (const auto& [name, metric] : evaluation(data_.valid, false)) {
      if (metric.values.size() == 1) {
        record.metrics["valid"][name] = 1;
      } else {
        record.diagnostics["valid." + name] = metric.values;
      }
    }
    result_.epochs.push_back(std::move(record));
  }

  const CellConfig& config_;
  const DataFacts& data_;
  bool latent_;
  std::size_t dims_;
  bool own_draws_only_ = false, on_sphere_ = false;  // its posterior
  RemedyFacts remedy_;
  CellResult result_;
};

}  // namespace

DataFacts data_facts(const Dataset& data) {
  const auto* images = dynamic_cast<const ImageCorpus*>(&data);
  return {data.split("train").size(), data.split("valid").size(), data.split("test").size(),
          !data.split("train").labels.empty(), images ? images->shape : ImageShape{}};
}

CellResult forecast_cell(const CellConfig& config, const DataFacts& data, bool least) {
  return Forecast(config, data, least).make();
}

}  // namespace klbench
