#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/error.h"

namespace klbench {

/// A number of the training became NaN or infinite.
class Diverged : public Error {
 public:
  /// `step`: optimisation steps done before; `quantity`: "loss", "gradient norm", "valid ELBO".
  Diverged(std::int64_t step, std::string quantity, double value);

  std::int64_t step() const { return step_; }
  const std::string& quantity() const { return quantity_; }
  bool same_as(const Diverged& other) const { return step_ == other.step_ && quantity_ == other.quantity_; }

 private:
  std::int64_t step_;
  std::string quantity_;
};

/// <id>.divergence: a divergence that is not confirmed yet. Training is a function of seed and step, so a true one
/// comes again at the same step when a fresh process goes on from the last checkpoint; one that does not was a fault of
/// the machine, and no result.
class DivergenceClaim {
 public:
  explicit DivergenceClaim(std::filesystem::path path);

  const std::optional<Diverged>& earlier() const { return earlier_; }
  /// Writes it durably in place of an earlier one.
  void make(const Diverged& diverged);
  void remove();

 private:
  std::filesystem::path path_;
  std::optional<Diverged> earlier_;
};

}  // namespace klbench
