#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/option_spec.h"

namespace klbench {

namespace hdf5 {
class Dataset;
class Group;
}  // namespace hdf5

/// A NaN whose low word is 1954, which R shows as NA and everything else as NaN: nothing was measured here.
/// A metric that was measured and is NaN has another NaN, so both read back as they were.
double absent();
bool is_absent(double value);
float absent_single();
bool is_absent(float value);

/// At most one Value a row: an option, a fact or an attribute of many cells. Equal values are held once.
class ValueColumn {
 public:
  ValueColumn() = default;
  ValueColumn(ValueColumn&&) = default;
  ValueColumn& operator=(ValueColumn&&) = default;
  void set(std::size_t row, const Value& value);
  /// Null where the row has none.
  const Value* at(std::size_t row) const;
  /// The one value that all of `rows` have; null where they differ or one has none.
  const Value* shared_by(const std::vector<std::size_t>& rows) const;

  /// A dataset of `rows` values that reads back exactly. @values says how: "reals" (none: absent()), "integers",
  /// "integers or NaN", "booleans" (0, 1; none: absent()), "texts", "texts or empty" (none: empty), or "tagged texts"
  /// where types mix (r1.5, i3, btrue, tname; none: empty).
  void write(hdf5::Group& group, const std::string& name, std::size_t rows) const;
  /// Throws UsageError where the dataset is none of those.
  static ValueColumn read(const hdf5::Dataset& dataset);

 private:
  struct Order {
    bool operator()(const Value& a, const Value& b) const;
  };
  std::map<Value, std::uint32_t, Order> known_;
  std::vector<const Value*> values_;  ///< keys of known_ in the order of their numbers, from 1
  std::vector<std::uint32_t> rows_;   ///< 0: none
};

/// Columns by name.
using ValueColumns = std::map<std::string, ValueColumn>;

}  // namespace klbench
