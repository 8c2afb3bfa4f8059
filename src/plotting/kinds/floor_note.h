#pragma once

#include <map>
#include <optional>
#include <string>

namespace klbench {

/// Collects the values of KL that lie below the floor drawn beside them, for a note that says why this is no violation.
class FloorNote {
 public:
  /// A value of KL of a method or variant, nats, the (nominal) floor drawn for it, if any, and the exact one of its
  /// training batches, if it was measured. Below is below by over 0.1%; where the exact floor is, too, status_notes
  /// says that the nominal one is not in force.
  void see(const std::string& label, double kl, std::optional<double> floor,
           std::optional<double> measured = std::nullopt);

  /// "KL on test lies below its floor in bn_vae (by up to 0.030 nats): ..."; empty where nothing does.
  std::string text(const std::string& split) const;

 private:
  std::map<std::string, double> deepest_;  ///< label -> largest distance below, nats
};

}  // namespace klbench
