#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plotting/group.h"
#include "statistics/difference.h"

namespace klbench {

/// Fewest seeds two rows must share to be compared.
inline constexpr std::size_t kSeedsForTest = 3;

/// Two rows' values of a final metric, paired by seed and, where that can be, by example.
struct Pairing {
  std::vector<double> a, b;  ///< the final values of the shared seeds; paired by example: means over `examples`
  /// Examples that all shared cells have a value for; 0: paired by seed alone, because of `by_seed_reason`.
  std::size_t examples = 0;
  std::string by_seed_reason;
  std::optional<Difference> difference;  ///< a - b; nothing because of `no_test_reason`
  std::string no_test_reason;
};

/// A row's values of a final metric by seed, ready to be paired with many others.
class PairableRow {
 public:
  PairableRow(const Group& group, const std::string& split, const std::string& metric);

 private:
  friend Pairing pair_rows(const PairableRow& a, const PairableRow& b);
  struct Cell {
    std::int64_t seed = 0;
    double value = 0;
    std::vector<float> examples{};  ///< empty where they are not kept
    std::size_t data = 0;           ///< tells one set of data from another; 0: the cell does not say
    std::size_t count = 0;          ///< tells one number of examples from another
  };
  std::vector<Cell> cells_;  ///< ascending seeds
};

/// Of some metrics (rec, kl, nll, those of plugins that fill FinalMetric::examples) and of elbo = -(rec + kl) cells
/// keep the value of every example; rows are paired by the examples that all shared cells have a value for. The other
/// metrics are known by seed alone. Not tested are rows that share fewer than kSeedsForTest seeds, rows that were
/// measured on other examples (the fact <split>_sentences, or another number of them), and differences that are the
/// same for all seeds: a t test of no spread would be sure of anything.
Pairing pair_rows(const PairableRow& a, const PairableRow& b);
Pairing pair_rows(const Group& a, const Group& b, const std::string& split, const std::string& metric);

}  // namespace klbench
