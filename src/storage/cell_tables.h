#pragma once

#include "storage/hdf5.h"
#include "storage/records.h"

namespace klbench {

/// A cell's own file: small, and read at once. Six datasets below the root:
///   about        JSON, in one text: id, method, status, yaml, config, facts, and the columns and attributes of the
///   others
///                  (epochs: {split: [metric]}, diagnostics: {name: values}, final: {split: {metric: {values, examples,
///                  attributes}}})
///   steps        [E, 2]: epoch, step
///   epochs       [E, columns]: the metrics of epochs in the order of `about`; absent() where an epoch lacks one
///   diagnostics  [values]: of each diagnostic in the order of `about` E rows
///   final        [values]: of each final metric in the order of `about`
///   examples     [values], 32 bits: likewise; NaN where a value was not measured
void write_cell_tables(hdf5::Group& root, const CellResult& cell);

/// Reads it back; throws UsageError naming what is missing or malformed.
CellResult read_cell_tables(const hdf5::Group& root);

}  // namespace klbench
