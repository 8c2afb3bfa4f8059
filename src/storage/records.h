#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "config/cell_status.h"
#include "config/components.h"
#include "config/metric.h"
#include "config/option_spec.h"
#include "config/study.h"

namespace klbench {

/// A cell whose fact floor_r (Regularizer::normalised_moment at the first steps) is below this has no floor in force.
inline constexpr double kFloorInForce = 0.9;

/// What one evaluation during training found. `metrics[split][name]`; train values are means over the epoch's batches.
struct EpochRecord {
  std::int64_t epoch = 0;  ///< 1-based number of the epoch just finished (0: before training)
  std::int64_t step = 0;   ///< optimiser steps so far
  std::map<std::string, std::map<std::string, double>> metrics;
  /// Named tensors, flattened: of the regularizer, and "<split>.<metric>"; kept to single precision.
  std::map<std::string, std::vector<double>> diagnostics;
};

/// Everything a finished cell publishes. Nothing in it depends on time, host or speed.
struct CellResult {
  std::string id;
  std::string method;                       ///< CellConfig::method()
  std::string config_yaml;                  ///< CellConfig::of_result().canonical()
  std::map<std::string, Value> config;      ///< CellConfig::of_result().flat()
  CellStatus status = CellStatus::missing;  ///< done or diverged
  std::vector<EpochRecord> epochs;
  /// final[split][metric], of the selected weights; metrics of the last epoch's weights carry the suffix "_last",
  /// those with running batch statistics "_running".
  std::map<std::string, FinalMetrics> final;
  std::map<std::string, Value>
      facts;  ///< selected_epoch, vocabulary, valid_test_unk_share, test_sentences (their hash), floor_violations, ...
  /// The numbers of the cell's run.json where a study's file has them: train_seconds, peak_rss_mb, ... They depend on
  /// the machine and are no part of the cell's own file.
  std::map<std::string, double> cost;
  std::vector<std::string> tags{};  ///< as the study's YAML says; of a study's file, no part of the cell's own
};

/// What a study's file says beside its cells.
struct StudyHead {
  std::string name;
  std::string study_yaml;
  std::vector<FigureSpec> figures;
  std::vector<std::string> missing;  ///< ids of grid cells without a published file
  /// provenance[id]: the cell's run.json as JSON text (times, host, library versions, cost, files kept beside the
  /// result); of a missing cell its outcome.json (state, reason); absent where unknown.
  std::map<std::string, std::string> provenance;
  std::string baseline;  ///< Study::baseline
};

/// The results of a study, its cells in the order of the grid.
struct StudyResult : StudyHead {
  std::vector<CellResult> cells;
};

/// Units and meaning of a metric, for HDF5 attributes, axes and tables.
struct MetricInfo {
  std::string name;
  std::string long_name;  ///< "KL divergence"
  std::string units;      ///< "nats per example", "1", ...
  bool higher_is_better = false;
  bool has_direction = true;                                ///< false: neither high nor low is better (kl, rate)
  std::string head{};                                       ///< of a column: "KL", "NLL (last)", "Swap gap"
  double least = -std::numeric_limits<double>::infinity();  ///< what it can be at least ...
  double most = std::numeric_limits<double>::infinity();    ///< ... and at most
};

/// Info of a metric; for "<name>_last" and "<name>_running" the info of the base with the long name extended;
/// for an unknown name one made from the name.
MetricInfo metric_info(const std::string& name);
/// Whether klbench may measure a metric of this name.
bool is_known_metric(const std::string& name);
/// Every metric known by name: those of the trainer, those of `cost`, and the registered ones.
const std::vector<MetricInfo>& known_metrics();
/// Registered metrics, so that names, units and directions are known; those known already are passed over. Plugins'
/// are told of in files, for readers without the plugin.
void know_metrics(const ComponentSpecs& metrics);
void know_metrics_of_plugin(const ComponentSpecs& metrics);
/// All of them, and those of plugins.
const ComponentSpecs& registered_metrics();
const ComponentSpecs& metrics_of_plugins();

}  // namespace klbench
