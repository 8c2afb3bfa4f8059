#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plotting/figure.h"
#include "plotting/group.h"
#include "plotting/kinds/spread.h"
#include "plotting/names.h"
#include "plotting/selection.h"

namespace klbench {

/// What a figure kind is asked for: a specification and the results it is about.
struct Request {
  const StudyResult& study;
  const FigureSpec& spec;
  std::vector<Group> groups;        ///< cells of `spec.only` as `rows` wants them, labelled by `spec.names`
  std::vector<std::string> absent;  ///< those of `spec.only` without a cell, of a study that misses cells
  const RowOrder rows;

  /// Checks `spec.only` and `spec.names`; throws UsageError when they name nothing of a study that misses no cell, or
  /// no cell is finished.
  Request(const StudyResult& results, const FigureSpec& figure, RowOrder order = {});

  /// Throws UsageError "figure 'name': what" (of a figure without a name, what alone), with the place of the value of
  /// `key` where the figure stands in YAML.
  [[noreturn]] void fail(const std::string& what, const std::string& key = "", const std::string& value = "") const;
  /// fail() for a metric that is not among those that `where` ("on test") has.
  [[noreturn]] void fail_metric(const std::string& metric, const std::string& where,
                                const std::set<std::string>& valid) const;

  /// Throws UsageError unless some cell has `metric` at the end of training, as a scalar (or per dimension when
  /// `vector`).
  void require_final(const std::string& metric, bool vector = false) const;

  /// `spec.metrics`, or `fallback` where it is empty: those of the fallback that the results have. Each is checked.
  std::vector<std::string> final_metrics(const std::vector<std::string>& fallback) const;

  /// The groups when `option` does not separate them, either.
  std::vector<Group> groups_without(const std::string& option) const;

  /// The title asked for, or `otherwise`.
  std::string title(const std::string& otherwise) const;
  /// "KL divergence (nats per example)", by the names of `spec`.
  std::string axis_label(const std::string& metric) const;

  /// The limits asked for, or the range of the data; fails where they hold nothing of it, and where they do not go with
  /// a logarithmic axis.
  Range limits_x(const Range& data) const;
  Range limits_y(const Range& data) const;

  /// "not there yet: lstm_lm"; empty where all of `spec.only` is there.
  std::string absent_note() const;

  /// A figure with its title and the notes on diverged, failed and missing cells.
  Figure figure(const std::string& default_title) const;

 private:
  /// Groups as `rows` wants them, labelled: by the metric on the figure's split, or on test where none has it there.
  std::vector<Group> arranged(std::vector<Group> found) const;
  Range limits(const std::string& key, const std::vector<double>& asked, bool log, const Range& data) const;
};

/// Numbers of finished seeds behind the points of a figure.
using SeedCounts = std::set<std::size_t>;
SeedCounts seed_counts(const std::vector<Group>& groups);

/// "mean of 2 seeds, each <each>"; "one seed each".
std::string seeds_note(const SeedCounts& counts, const std::string& each);
/// The same for figures that draw an interval from kSeedsForBand on: "mean and 95% t interval over 5 seeds".
std::string spread_note(const SeedCounts& counts, const std::string& each);
/// "seeds of bn_vae fall into two groups: drawn singly, without a mean"; empty where there are none.
std::string split_note(const std::set<std::string>& labels);

/// Metrics that an analytic floor of the KL bounds.
bool has_floor(const std::string& metric);

/// The nominal analytic floor of the KL of these cells (mean over seeds); else the measured one; else nothing.
std::optional<double> nominal_floor(const std::vector<const CellResult*>& cells);
std::optional<double> measured_floor(const std::vector<const CellResult*>& cells);

/// The parts of a plot command that draw `data` ("$d0 using 1:2") as a line and, over it, a marker at every `every`-th
/// point; a marker's edge is thinner than the line, so that an open one stays open.
std::vector<std::string> line_with_markers(const std::string& data, const Style& style, double size,
                                           std::size_t every = 1);

/// gnuplot attributes of the line of a floor, and its entry in the legend.
std::string floor_line(const std::string& colour);
LegendEntry floor_legend();

/// Values that a log axis cannot show, as a note; empty where there are none.
std::string log_note(const std::vector<double>& values, bool log, const std::string& metric);

}  // namespace klbench
