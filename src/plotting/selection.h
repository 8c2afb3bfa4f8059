#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/records.h"

namespace klbench {

/// "; 3 of 4 cells have no result", for messages about what the others do not have; empty where all have one.
std::string without_result(const StudyResult& study);

/// Whether two texts name the same composition: "a+b" and "b+a".
bool same_method(const std::string& a, const std::string& b);

/// Which cells "bn_vae gamma=.6,.8 log_var seed=0" means: those of the method, of which an option has one of these
/// values and some text option the value log_var. Every part may be missing. An option is called by its dotted name, by
/// the end of it ("gamma", "bn_vae.gamma"), data, model.decoder and their like for their names, model.<option> for
/// encoder's and decoder's; of several that one name means, those count that vary in the study. Beside them stand
/// `method` (or `regularizer`), `status` and `tag`.
class Selector {
 public:
  Selector(const StudyResult& study, const std::string& text);
  bool selects(const CellResult& cell) const;

 private:
  struct Condition {
    std::vector<std::string> options;  ///< dotted names; empty: any whose value is a text
    std::vector<std::string> values;   ///< any of them
  };
  static bool holds(const Condition& condition, const CellResult& cell);

  std::vector<Condition> conditions_;
};

/// The cells of the study that are selected, in their order.
std::vector<const CellResult*> selected_cells(const StudyResult& study, const std::string& selector);

/// Whether some cell of the study is selected.
bool selects_any(const StudyResult& study, const std::string& selector);

/// The selector that --filter options are: each OPTION=VALUE, of one option any of its values, of several options all.
/// Empty for none. Throws UsageError for options and values that the study lacks, naming those it has, and where no
/// cell is left.
std::string filter_selector(const StudyResult& study, const std::vector<std::string>& filters);

/// Those of `only` (none: all rows) that have cells of `filter`, with its conditions; all of them where none has.
std::vector<std::string> narrowed(const StudyResult& study, const std::vector<std::string>& only,
                                  const std::string& filter);

/// METRIC, or -METRIC: from large to small.
struct SortKey {
  explicit SortKey(const std::string& text);
  /// Throws UsageError unless some cell has the metric as one number on `split` (empty: on any).
  void check(const StudyResult& study, const std::string& split = "") const;
  std::string metric;
  bool descending;
  /// Stable; what has no value stands last. `value_of` an item: optional<double>.
  template <class Item, class ValueOf>
  void sort(std::vector<Item>& items, const ValueOf& value_of) const {
    const double last = std::numeric_limits<double>::infinity();
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::optional<double> value = value_of(items[i]);
      order.emplace_back(!value ? last : descending ? -*value : *value, i);
    }
    std::sort(order.begin(), order.end());
    std::vector<Item> sorted;
    for (const auto& [value, i] : order) sorted.push_back(std::move(items[i]));
    items = std::move(sorted);
  }
};

/// The rows of a table or figure, beside what selects them.
struct RowOrder {
  std::string sort{};     ///< METRIC or -METRIC (SortKey), of the rows' means; empty: the order of the grid
  bool per_seed = false;  ///< a row a seed
};

/// What `export` takes of a study: the selected cells (empty: all), of one split (empty: all), in the order of a final
/// metric on it, else on test (empty: that of the grid). Throws UsageError for a split or a metric that no cell has.
void reduce(StudyResult& study, const std::string& selector, const std::string& split, const std::string& sort);

}  // namespace klbench
