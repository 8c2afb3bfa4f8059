#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "known_metrics.h"
#include "storage/records.h"

namespace klbench::testing {

/// A finished cell; more options and metrics are added by hand.
inline CellResult make_cell(const std::string& method, std::int64_t seed,
                            const std::map<std::string, double>& final_test = {}) {
  CellResult cell;
  cell.id = method + "-" + std::to_string(seed);
  cell.method = method;
  cell.status = CellStatus::done;
  cell.config["seed"] = seed;
  cell.config["eval.nll_samples"] = std::int64_t{500};
  for (const auto& [name, value] : final_test) cell.final["test"][name].values = {value};
  return cell;
}

inline FigureSpec make_spec(const std::string& kind, const std::vector<std::string>& metrics = {}) {
  FigureSpec spec;
  spec.name = "figure";
  spec.kind = kind;
  spec.metrics = metrics;
  return spec;
}

/// A number in [-1, 1] that looks random and depends on its arguments only.
inline double wobble(double a, double b = 0) { return std::sin(12.9898 * a + 78.233 * b + 1); }

/// What a short study of one method leaves: 12 epochs on valid, finals on test, arrays for every figure kind.
/// `level` is the KL it settles at, nats; d = 8.
inline CellResult full_cell(const std::string& method, std::int64_t seed, double level) {
  constexpr int kDims = 8;
  const auto noise = static_cast<double>(seed);
  const double jitter = 0.15 * wobble(noise, level);
  const double kl = std::max(0.001, level + jitter);
  const bool language_model = method.ends_with("_lm");
  const double rec = 104 - 0.5 * kl + 0.4 * wobble(level, noise);
  CellResult cell = make_cell(method, seed);
  cell.config["eval.nll_samples"] = std::int64_t{100};
  auto& final = cell.final["test"];
  final["rec"].values = {rec};
  final["nll"].values = {rec + 0.7 * kl};
  final["ppl"].values = {std::exp((rec + 0.7 * kl) / 21)};
  auto& pictures = final["image_grid"];
  const std::int64_t picture_rows = language_model ? 2 : 5;
  for (int i = 0; i < picture_rows * 8 * 4 * 3; ++i) pictures.values.push_back(0.5 + 0.5 * wobble(i, level));
  pictures.attributes = {{"rows", picture_rows},
                         {"columns", std::int64_t{8}},
                         {"channels", std::int64_t{1}},
                         {"height", std::int64_t{4}},
                         {"width", std::int64_t{3}}};
  if (language_model) return cell;
  final["kl"].values = {kl};
  final["mi"].values = {0.8 * kl};
  final["total_correlation"].values = {0.15 * kl};
  final["dimension_kl"].values = {0.05 * kl};
  final["au"].values = {level > 1 ? 8.0 : 0.0};
  for (int j = 0; j < kDims; ++j) {
    const double share = std::exp(-0.4 * j) * kl / 3;
    final["kl_dim"].values.push_back(share);
    final["mu_mean"].values.push_back(0.1 * wobble(j, level));
    final["mu_var"].values.push_back(kl / (2 + kl) * (1 + 0.1 * wobble(j)));
    final["sigma2_mean"].values.push_back(2 / (2 + kl) * (1 + 0.1 * wobble(j, 2)));
    for (int b = 0; b < 40; ++b) {
      const double z = -4.9 + 0.25 * b;
      const double width = 1 + 0.2 * wobble(j, level);
      final["posterior_histogram"].values.push_back(std::exp(-z * z / 2 / width / width) / (2.5066 * width));
    }
  }
  final["posterior_histogram"].attributes = {
      {"dims", std::int64_t{kDims}}, {"bins", std::int64_t{40}}, {"low", -5.0}, {"high", 5.0}};
  for (int i = 0; i < 200; ++i) {
    const int label = i % 4;
    const double pull = kl / (1 + kl);
    final["latent_points"].values.insert(
        final["latent_points"].values.end(),
        {pull * ((label & 1 ? 1.2 : -1.2) + 0.5 * wobble(i, noise)),
         pull * ((label & 2 ? 1.2 : -1.2) + 0.5 * wobble(i, noise + 9)), static_cast<double>(label)});
  }
  final["latent_points"].attributes = {{"dim_a", std::int64_t{3}}, {"dim_b", std::int64_t{0}}};
  for (int epoch = 1; epoch <= 12; ++epoch) {
    EpochRecord record;
    record.epoch = epoch;
    record.step = 100 * epoch;
    const double rise = 1 - std::exp(-epoch / 3.0);
    record.metrics["valid"]["kl"] = kl * rise + 0.05 * wobble(epoch, noise);
    record.metrics["valid"]["mi"] = 0.8 * kl * rise;
    record.metrics["valid"]["marginal_kl_gaussian"] = 0.1 * kl * rise + 0.01;
    for (int j = 0; j < kDims; ++j) record.diagnostics["valid.kl_dim"].push_back(rise * final["kl_dim"].values[j]);
    for (int i = 0; i < 100; ++i) {
      record.diagnostics["valid.mean_space"].push_back(2 * rise * wobble(i));
      record.diagnostics["valid.mean_space"].push_back(rise * rise * wobble(i) + 0.1 * wobble(i, epoch));
    }
    cell.epochs.push_back(std::move(record));
  }
  return cell;
}

/// The built-in methods with `seeds` seeds each, sym_bn_vae at four values of tau, and one diverged and one missing
/// cell.
inline StudyResult full_study(std::int64_t seeds) {
  StudyResult study;
  study.name = "by_hand";
  const std::vector<std::pair<std::string, double>> methods = {
      {"lstm_lm", 0}, {"vae", 0.02}, {"kl_annealing", 0.9}, {"free_bits", 3.4}, {"bn_vae", 6.1}, {"ln_vae", 5.9}};
  for (const auto& [method, level] : methods) {
    for (std::int64_t seed = 0; seed < seeds; ++seed) {
      CellResult cell = full_cell(method, seed, level);
      if (method == "bn_vae") {
        cell.config["regularizer.bn_vae.gamma"] = 0.6;
        cell.facts["kl_floor_nominal"] = 5.76;
        cell.facts["kl_floor_measured"] = 5.9;
      }
      study.cells.push_back(std::move(cell));
    }
  }
  for (const double tau : {0.1, 0.3, 0.5, 0.7}) {
    const double floor = -4 * std::log(1 - tau);
    for (std::int64_t seed = 0; seed < seeds; ++seed) {
      CellResult cell = full_cell("sym_bn_vae", seed, floor + 2);
      cell.config["regularizer.sym_bn_vae.tau"] = tau;
      cell.facts["kl_floor_nominal"] = floor;
      cell.facts["kl_floor_measured"] = floor + 0.8;
      study.cells.push_back(std::move(cell));
    }
  }
  study.cells.push_back(make_cell("free_bits", seeds));
  study.cells.back().config["eval.nll_samples"] = std::int64_t{100};
  study.cells.back().status = CellStatus::diverged;
  study.missing = {"0123"};
  return study;
}

/// full_study has every kind of figure; the specification that draws `kind` of it.
inline FigureSpec spec_for(const std::string& kind) {
  FigureSpec spec = make_spec(kind);
  spec.name = kind;
  spec.floor = true;
  if (kind == "curve") spec.metrics = {"kl"};
  if (kind == "bars") spec.metrics = {"kl", "nll"};
  if (kind == "sweep") {
    spec.metrics = {"kl", "mi", "nll"};
    spec.over = "regularizer.sym_bn_vae.tau";
  }
  if (kind == "mean_space") spec.only = {"vae", "bn_vae"};
  return spec;
}

}  // namespace klbench::testing
