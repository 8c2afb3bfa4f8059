// Metrics of the evaluation by name, for tests of what reads results: the program has them from src/metrics, which
// these tests are not linked with.
#pragma once

#include "storage/records.h"

namespace klbench::testing {

inline const bool kMetricsAreKnown = [] {
  ComponentSpecs specs;
  const auto add = [&](const char* key, const char* name, const char* better = "", const char* head = "",
                       const char* units = kNats, double least = 0) {
    specs[key] = {.key = key, .summary = name, .units = units, .better = better, .head = head, .least = least};
  };
  constexpr double kAny = -std::numeric_limits<double>::infinity();
  add("elbo", "evidence lower bound", "higher", "ELBO", kNats, kAny);
  add("rec", "reconstruction loss", "lower", "Rec.", kNats, kAny);
  add("kl", "KL divergence", "", "KL");
  add("kl_dim", "KL divergence by dimension", "", "", kNatsByDimension);
  add("nll", "importance-weighted negative log-likelihood", "lower", "NLL", kNats, kAny);
  add("ppl", "perplexity", "lower", "PPL", "1");
  add("bpd", "negative log-likelihood per pixel", "lower", "bits/dim", "bits per dimension", kAny);
  add("mi", "mutual information", "higher", "MI");
  add("mi_batch", "mutual information per minibatch", "higher", "MI (batch)");
  add("marginal_kl_gaussian", "marginal KL of the aggregated moments", "lower");
  add("marginal_kl_gap", "marginal KL as kl - mi", "lower", "KL − MI", kNats, kAny);
  add("au", "active units", "higher", "AU", "dimensions");
  add("decoder_au", "dimensions the decoder uses", "higher", "AU (dec.)", "dimensions");
  add("swap_gap", "loss of reconstruction with a swapped z", "higher", "", kNats, kAny);
  add("rate_used", "used part of the KL divergence, at most", "", "", kNats, kAny);
  add("mu_mean", "mean of the posterior means by dimension", "", "", "1", kAny);
  add("mu_var", "variance of the posterior means by dimension", "", "", "1");
  add("sigma2_mean", "mean posterior variance by dimension", "", "", "1");
  for (const char* key : {"probe_accuracy", "probe_accuracy_z", "probe_accuracy_majority", "probe_accuracy_length"})
    add(key, "accuracy of a linear probe", "higher", "", "1");
  for (const char* key : {"kl_dim", "mu_mean", "mu_var", "sigma2_mean"}) specs[key].by_dimension = true;
  specs["kl_dim"].needs = {kStandardLatent};
  specs["mi"].needs = {kScoredLatent};
  know_metrics(specs);
  return true;
}();

}  // namespace klbench::testing
