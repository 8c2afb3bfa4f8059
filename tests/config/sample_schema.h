// A schema made by hand: config cannot see the registries. It knows every option that the repository's configs and
// studies name.
#pragma once

#include "config/offers.h"
#include "config/schema.h"

namespace klbench {

inline OptionSpec integer_option(std::string name, std::int64_t value, double min = 0) {
  return {.name = std::move(name), .default_value = value, .help = "an integer", .min = min};
}

inline OptionSpec real_option(std::string name, double value) {
  return {.name = std::move(name), .default_value = value, .help = "a real", .min = 0};
}

inline Schema sample_schema() {
  Schema schema{{}, core_options()};
  const auto add = [](ComponentSpecs& to, ComponentSpec spec) { to.emplace(spec.key, spec); };
  add(schema.datasets,
      {.key = "synthetic",
       .options = {integer_option("train_size", 16000, 1), integer_option("valid_size", 2000, 1),
                   integer_option("test_size", 2000, 1), integer_option("vocabulary_size", 1000, 2),
                   integer_option("min_length", 10), integer_option("max_length", 10),
                   integer_option("latent_dim", 2, 1), integer_option("hidden_dim", 50, 1), integer_option("seed", 0)},
       .domain = kText});
  add(schema.datasets,
      {.key = "wordnet",
       .options = {{.name = "path", .default_value = std::string("/usr/share/wordnet"), .help = "", .is_path = true},
                   integer_option("limit", 0),
                   integer_option("min_count", 3, 1),
                   integer_option("max_length", 0),
                   real_option("valid_share", 0.05),
                   real_option("test_share", 0.05)},
       .domain = kText});
  add(schema.datasets, {.key = "pictures", .options = {integer_option("limit", 0)}, .domain = kImage});
  const OptionSpec init{.name = "init",
                        .default_value = std::string("torch"),
                        .help = "",
                        .choices = {"torch", "uniform", "uniform_0.1"}};
  const OptionSpec words{
      .name = "embedding_dim", .default_value = std::int64_t{128}, .help = "an integer", .min = 1, .max = 65536};
  const OptionSpec hidden{
      .name = "hidden_dim", .default_value = std::int64_t{256}, .help = "an integer", .min = 1, .max = 65536};
  const OptionSpec dropout_in{.name = "dropout_in", .default_value = 0.5, .help = "a real", .min = 0, .max = 0.999};
  OptionSpec dropout_out = dropout_in;
  dropout_out.name = "dropout_out";
  const OptionSpec batch_norm{.name = "batch_norm", .default_value = false, .help = ""};
  add(schema.encoders, {.key = "bag", .domain = kText});
  add(schema.encoders, {.key = "lstm", .options = {words, hidden, init}, .domain = kText, .offers = {kWordVectors}});
  add(schema.encoders, {.key = "mlp", .options = {hidden, batch_norm}, .domain = kImage});
  add(schema.decoders, {.key = "bag", .domain = kText, .needs = {kLatent}});
  add(schema.decoders, {.key = "lstm", .options = {words, hidden, dropout_in, dropout_out, init}, .domain = kText});
  add(schema.decoders, {.key = "mlp", .options = {hidden}, .domain = kImage});
  add(schema.families, {.key = "gaussian", .domain = kSpace});
  add(schema.families, {.key = "flow", .domain = kSpace, .own_draws_only = true});
  add(schema.families, {.key = "vmf", .options = {real_option("kappa", 80)}, .domain = kSphere});
  add(schema.priors, {.key = "standard", .domain = kSpace});
  add(schema.priors, {.key = "sphere", .domain = kSphere});
  add(schema.priors,
      {.key = "vamp", .options = {integer_option("components", 50)}, .of_posteriors = true, .needs = {kWordVectors}});
  add(schema.regularizers, {.key = "vae", .any_latent = true});
  add(schema.regularizers, {.key = "kl_annealing",
                            .options = {{.name = "schedule",
                                         .default_value = std::string("linear"),
                                         .help = "",
                                         .choices = {"linear", "logistic", "cyclical"}},
                                        real_option("warmup_epochs", 10)},
                            .replaces = {"kl_weight"},
                            .any_latent = true});
  add(schema.regularizers, {.key = "free_bits", .options = {real_option("lambda", 0.25)}, .replaces = {"kl_penalty"}});
  const OptionSpec gamma{.name = "gamma", .default_value = 0.6, .help = "", .min = 0, .min_open = true};
  add(schema.regularizers, {.key = "bn_vae",
                            .options = {gamma},
                            .replaces = {"posterior"},
                            .needs_batch_statistics = true,
                            .any_latent = true});
  add(schema.regularizers, {.key = "word_dropout", .domain = kText});
  add(schema.regularizers, {.key = "ln_vae", .options = {gamma}, .replaces = {"posterior"}});
  add(schema.regularizers,
      {.key = "sym_bn_vae",
       .options =
           {{.name = "tau", .default_value = 0.5, .help = "", .min = 0, .max = 1, .max_open = true},
            {.name = "sigma_input", .default_value = std::string("raw"), .help = "", .choices = {"raw", "log_var"}}},
       .replaces = {"posterior"},
       .needs_batch_statistics = true});
  return schema;
}

}  // namespace klbench
