// Cells trained for what their remedies claim.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "catch.h"
#include "image_cells.h"
#include "storage/cell_file.h"
#include "temporary_folder.h"
#include "training/tensor_file.h"

namespace klbench::test {

/// What a trained cell showed by epoch and at the end.
struct Trained {
  CellResult result;
  std::map<std::string, torch::Tensor> weights;

  double train(const std::string& metric, std::size_t epoch) const {
    return result.epochs.at(epoch - 1).metrics.at("train").at(metric);
  }
  double train(const std::string& metric) const { return train(metric, result.epochs.size()); }
  double valid(const std::string& metric) const { return result.epochs.back().metrics.at("valid").at(metric); }
  double valid_sum(const std::string& metric) const {
    double sum = 0;
    for (const double value : result.epochs.back().diagnostics.at("valid." + metric)) sum += value;
    return sum;
  }
  double diagnostic(const std::string& name) const { return result.epochs.back().diagnostics.at(name).at(0); }
  /// Mean of the last four epochs.
  double settled(const std::string& metric) const {
    const auto n = result.epochs.size();
    return (train(metric, n) + train(metric, n - 1) + train(metric, n - 2) + train(metric, n - 3)) / 4;
  }
  double highest(const std::string& metric) const {
    double high = -INFINITY;
    for (std::size_t epoch = 1; epoch <= result.epochs.size(); ++epoch) high = std::max(high, train(metric, epoch));
    return high;
  }
  double real_fact(const std::string& name) const { return std::get<double>(result.facts.at(name)); }
  std::int64_t count(const std::string& name) const { return std::get<std::int64_t>(result.facts.at(name)); }
};

/// Trains cells of one small configuration, and the plain VAE that all are compared with.
class Lab {
 public:
  static constexpr std::int64_t kEpochs = 12;

  Trained run(const Parts& parts, const Changes& changes = {}) { return run_as(small_cell, parts, changes); }
  /// On pictures, with decoder mlp.
  Trained run_on_images(const Parts& parts) {
    const auto cell = [](const Parts& given, const Changes& changes) { return image_cell(given, "mlp", changes); };
    return run_as(cell, parts, {});
  }
  /// The cell before its training.
  Trained untrained(const Parts& parts) {
    return run(parts, {{"trainer.lr", 0.0}, {"trainer.epochs", std::int64_t{1}}});
  }

  const Trained& vae() const { return vae_; }

 private:
  template <class Make>
  Trained run_as(const Make& make, const Parts& parts, const Changes& changes) {
    Changes all{{"trainer.optimizer", std::string("adam")},
                {"trainer.lr", 0.01},
                {"trainer.max_decays", std::int64_t{0}},
                {"trainer.epochs", kEpochs},
                {"eval.every", std::int64_t{4}},
                {"keep.model", true}};
    for (const auto& [name, value] : changes) all[name] = value;
    const std::string id = "cell" + std::to_string(cells_++);
    train(make(parts, all), scratch_.path(), id);
    const auto model = scratch_ / (id + ".model");
    return {read_cell(scratch_ / (id + ".h5")), parse_tensors(read_file(model), model.string()).tensors};
  }

  FolderWithCache scratch_;
  int cells_ = 0;
  Trained vae_ = run({{"vae", {}}});
};

inline bool nearer(double value, double other, double target, double by) {
  return std::abs(value - target) + by < std::abs(other - target);
}

inline bool same_encoder(const Trained& a, const Trained& b) {
  bool same = true;
  for (const auto& [name, tensor] : a.weights) {
    if (name.rfind("encoder.", 0) == 0) same = same && torch::equal(tensor, b.weights.at(name));
  }
  return same;
}

/// The mean KL of every epoch reaches `floor` (up to rounding), and no batch is below its own.
inline void check_floor(const Trained& cell, double floor) {
  for (std::size_t epoch = 1; epoch <= cell.result.epochs.size(); ++epoch) {
    CHECK(cell.train("kl", epoch) >= floor * (1 - 1e-4));
  }
  CHECK(cell.count("floor_batches") >= Lab::kEpochs * 12);
  CHECK(cell.count("floor_violations") == 0);
}

/// What the loss has beside the ELBO.
inline double beside_elbo(const Trained& cell, std::size_t epoch = Lab::kEpochs) {
  return cell.train("loss", epoch) - cell.train("rec", epoch) - cell.train("kl", epoch);
}

}  // namespace klbench::test
