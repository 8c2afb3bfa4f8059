#pragma once

#include <string>

#include "storage/records.h"

namespace klbench {

/// What an export is about: every metric, or what final metrics are the means of. That has the column `example` (order
/// of the data, from 0) in the place of `epoch`, and no row for what was not measured.
enum class ExportRows { metrics, examples };

/// Long form, one row a number: cell,regularizer,seed,<options that vary>,split,metric,epoch,value. What is measured
/// stands under its split, diagnostics, facts and cost (CellResult) under these words; histograms and scattered points,
/// which have axes of their own, are left to HDF5.
/// The epoch is empty for final values; values by dimension are metric[0], metric[1], ...; doubles are the shortest
/// text that reads back as the same number (nan, inf, -inf); RFC 4180 quoting, lines end with \n.
std::string export_csv(const StudyResult& study, ExportRows rows = ExportRows::metrics);

/// The same rows as a JSON array of objects; epoch null for final values, value null for NaN and "inf" or "-inf" for
/// the infinities, which JSON lacks.
std::string export_json(const StudyResult& study, ExportRows rows = ExportRows::metrics);

}  // namespace klbench
