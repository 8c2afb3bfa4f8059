#pragma once

#include <map>
#include <string>
#include <vector>

#include "storage/ragged.h"
#include "storage/records.h"
#include "storage/value_column.h"

namespace klbench {

/// The cells of a study by column, as a study's file has them. n cells, E epoch numbers that occur:
///   cells/id, cells/method, cells/status, cells/yaml      [n]; id is a dimension scale
///   cells/tags                                            [n], between commas; only where some cell has one
///   config/<option>, facts/<fact>                         [n] (ValueColumn)
///   epochs/epoch                                          [E], a dimension scale
///   epochs/step                                           [n, E]; -1 where a cell has no such epoch
///   epochs/<split>/<metric>                               [n, E]
///   diagnostics/<name>                                    [n, E, values]
///   final/<split>/<metric>                                [n], or [n, values] of one by dimension
///   estimates/<split>/<metric>/<attribute>                [n] (ValueColumn), where cells differ in one; one that they
///                                                         share is an attribute of final/<split>/<metric>
///   examples/<split>/<metric>                             [n, examples], 32 bits; NaN where it was not measured
/// The axes of the grid have no place of their own (the grid/ of schema 1): they are the columns of config that vary.
/// What a cell has not is absent() in all of them. Metrics have @units and @long_name.
class StudyTable {
 public:
  /// Cells in the order of the grid.
  void add(const CellResult& cell);
  const std::vector<std::string>& ids() const { return ids_; }
  /// The cell that was added, without its cost.
  CellResult cell(std::size_t row) const;

  void write(hdf5::Group& root) const;
  /// Throws UsageError naming what is missing or malformed.
  static StudyTable read(const hdf5::Group& root);
  /// Only the ids.
  static std::vector<std::string> read_ids(const hdf5::Group& root);

 private:
  struct Final {
    std::vector<std::size_t> rows{};  ///< the cells that have it
    Ragged<double> values{};
    ValueColumns attributes{};
    Ragged<float> examples{};
  };
  template <class T>
  using BySplit = std::map<std::string, std::map<std::string, T>>;

  std::vector<std::int64_t> epoch_numbers() const;
  void write_epochs(hdf5::Group& root, const hdf5::Dataset& cells) const;
  void write_final(hdf5::Group& root, const hdf5::Dataset& cells) const;
  void read_epochs(const hdf5::Group& root);
  void read_final(const hdf5::Group& root);

  std::vector<std::string> ids_, methods_, yamls_;
  std::vector<CellStatus> statuses_;
  std::vector<std::string> tags_;  ///< of each cell, between commas
  ValueColumns config_, facts_;
  Ragged<std::int64_t> epochs_, steps_;                ///< of each cell
  BySplit<Ragged<double>> metrics_;                    ///< a value for each epoch of the cell
  std::map<std::string, Ragged<double>> diagnostics_;  ///< as many for each epoch of the cell
  BySplit<Final> final_;
};

}  // namespace klbench
