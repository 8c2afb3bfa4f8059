#include <algorithm>
#include <cmath>

#include "regularizers/registry.h"
#include "regularizers/state.h"

namespace klbench {

namespace {

/// Minimises the KL under a constraint on the reconstruction (Rezende & Viola, 2018): loss = lambda rec + KL with the
/// multiplier lambda moved every step by the moving average C of the violation,
///   C <- alpha C + (1 - alpha) (mean_B rec - target),   lambda <- clip(lambda exp(rate C), 1/max_lambda, max_lambda).
/// from lambda = 1. No numbers are published for text: alpha is that of later public code for images; target, rate and
/// max_lambda are our choice. What `target` can be reached depends on the data: look at the reconstruction of a plain
/// autoencoder.
class Geco : public Regularizer {
 public:
  Geco(const Options& options, const ModelFacts& /*model*/)
      : target_(options.real("target")),
        alpha_(options.real("alpha")),
        rate_(options.real("rate")),
        max_lambda_(options.real("max_lambda")) {}

  double rec_weight(const Progress& /*progress*/, const Metrics& last) override {
    const auto rec = last.find("batch/rec");
    if (rec == last.end()) return lambda_;
    const double violation = rec->second - target_;
    average_ = started_ ? alpha_ * average_ + (1 - alpha_) * violation : violation;
    started_ = true;
    lambda_ = std::clamp(lambda_ * std::exp(rate_ * average_), 1 / max_lambda_, max_lambda_);
    return lambda_;
  }

  std::map<std::string, torch::Tensor> diagnostics() override {
    return {{"lambda", torch::tensor({lambda_})}, {"violation", torch::tensor({average_})}};
  }
  void save_state(torch::serialize::OutputArchive& archive) const override {
    save_number(archive, "started", started_ ? 1 : 0);
    save_number(archive, "average", average_);
    save_number(archive, "lambda", lambda_);
  }
  void load_state(torch::serialize::InputArchive& archive) override {
    started_ = load_number(archive, "started") != 0;
    average_ = load_number(archive, "average");
    lambda_ = load_number(archive, "lambda");
  }

 private:
  double target_, alpha_, rate_, max_lambda_;
  bool started_ = false;
  double average_ = 0, lambda_ = 1;
};

KLBENCH_REGULARIZER(
    Geco,
    {.key = "geco",
     .summary = "constraint on the reconstruction with a moving multiplier",
     .paper = "Rezende & Viola, arXiv 1810.00597",
     .options =
         {{.name = "target",
           .default_value = 40.0,
           .help = "wanted reconstruction error, nats per example; depends on the data, our choice"},
          {.name = "alpha",
           .default_value = 0.99,
           .help = "factor of the moving average",
           .min = 0,
           .max = 1,
           .max_open = true},
          {.name = "rate", .default_value = 0.001, .help = "rate of ln lambda, per nat and step; our choice", .min = 0},
          {.name = "max_lambda",
           .default_value = 100.0,
           .help = "lambda stays within this and its inverse; our choice",
           .min = 1}},
     .replaces = {"kl_weight", "kl_scale"}});

}  // namespace

}  // namespace klbench
