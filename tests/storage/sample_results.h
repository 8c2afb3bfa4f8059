#pragma once

#include <limits>
#include <string>

#include "known_metrics.h"
#include "storage/records.h"

/// Hand-made results for the tests of storage.
namespace klbench::testing {

inline EpochRecord sample_epoch(std::int64_t number) {
  EpochRecord epoch;
  const double n = static_cast<double>(number);
  epoch.epoch = number;
  epoch.step = 100 * number;
  epoch.metrics["train"]["loss"] = 100.0 / (3.0 + n);
  epoch.metrics["valid"]["kl"] = 0.1 * n;
  epoch.metrics["valid"]["elbo"] = -80.0 - 1.0 / (1.0 + n);
  epoch.diagnostics["bn_vae.gamma"] = {0.6, 0.1 + 0.2, n};
  return epoch;
}

/// Two epochs with doubles that text would spoil, every kind of option, a metric by dimension.
inline CellResult sample_cell(const std::string& id = "c0ffee", std::int64_t seed = 0) {
  CellResult cell;
  cell.id = id;
  cell.method = "bn_vae";
  cell.config_yaml = "model.latent_dim: 32\nseed: " + std::to_string(seed) + "\n";
  cell.config = {{"seed", seed}, {"model.latent_dim", std::int64_t{32}}, {"trainer.lr", 0.1}, {"keep.model", false}};
  cell.status = CellStatus::done;
  cell.epochs = {sample_epoch(1), sample_epoch(2)};
  cell.epochs[1].metrics["valid"]["mi"] = std::numeric_limits<double>::quiet_NaN();
  cell.epochs[1].metrics["train"]["loss"] = std::numeric_limits<double>::infinity();
  cell.epochs[1].metrics["train"]["lr"] = -0.0;
  cell.epochs[1].diagnostics["bn_vae.b"] = {std::numeric_limits<double>::denorm_min()};
  const double shift = static_cast<double>(seed);
  cell.final["test"]["kl"] = {{11.25 + shift}, {}};
  cell.final["test"]["nll"] = {
      {85.0 + 2 * shift}, {{"estimator", std::string("importance-weighted bound")}, {"samples", std::int64_t{100}}}};
  cell.final["test"]["kl_dim"] = {{5.0, 6.25}, {{"cap", 1.5}, {"exact", true}}};
  cell.final["test"]["nll"].examples = {85.5F, std::numeric_limits<float>::quiet_NaN(), -0.0F, 1e-30F};
  cell.final["valid"]["elbo_last"] = {{-90.5}, {}};
  cell.facts = {
      {"selected_epoch", std::int64_t{2}}, {"floor_violations", std::int64_t{0}}, {"valid_test_unk_share", 0.03125}};
  return cell;
}

inline StudyResult sample_study() {
  StudyResult study;
  study.name = "tau sweep";
  study.study_yaml = "study: tau_sweep\n# \xc3\xbc\n";
  FigureSpec& figure = study.figures.emplace_back();
  figure.name = "kl";
  figure.kind = "sweep";
  figure.metrics = {"kl", "mi"};
  figure.over = "regularizer.bn_vae.gamma";
  figure.floor = true;
  figure.only = {"bn_vae"};
  study.cells = {sample_cell("bbb", 0), sample_cell("aaa", 1)};
  study.cells[1].epochs.pop_back();
  study.cells[1].final["test"]["nll"].examples.clear();
  study.baseline = "bn_vae gamma=.6";
  study.missing = {"ccc"};
  study.provenance = {{"bbb", R"({"host":"h1","train_seconds":2.5})"}, {"ccc", R"({"reason":"killed"})"}};
  return study;
}

}  // namespace klbench::testing
