#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/cell_config.h"
#include "config/schema.h"
#include "config/study_files.h"
#include "config/yaml_reader.h"
#include "core/error.h"

namespace klbench {

/// Names of the figure kinds.
std::vector<std::string> figure_kinds();

/// Where one value of a figure stands in a YAML file.
struct FigurePlace {
  std::string key;    ///< "" for the figure itself
  std::string value;  ///< "" for a list as a whole
  Place place;
};

/// One figure or table of a study; text is data and never reaches gnuplot unquoted.
struct FigureSpec {
  std::string name;                  ///< file stem in plots/<study>/
  std::string kind;                  ///< curve, bars, sweep, rate_distortion, table, heatmap, ...
  std::string title;                 ///< empty: made from kind and metrics; "none": none
  std::vector<std::string> metrics;  ///< YAML `metric`: a name or a list
  std::string split = "test";        ///< train, valid or test; YAML's default is valid for curve and dynamics
  std::string over;                  ///< sweep: the option on the x axis, e.g. regularizer.sym_bn_vae.tau
  bool floor = false;                ///< draw the analytic floor, dashed
  bool log_x = false;
  bool log_y = false;
  /// Rows to draw, "bn_vae gamma=0.6 log_var": a method (CellConfig::method) and values of options; empty: all.
  std::vector<std::string> only;
  double width = 0;                ///< inches; 0: as its content asks for. Of a table: the LaTeX column it must fit
  double height = 0;               ///< inches, of the whole figure; 0: as its content asks for
  double aspect = 0;               ///< width of a panel by its height; 0: as its content asks for
  std::string legend{};            ///< below (also ""), right, inside or none
  std::string notes{};             ///< below (also ""), or file: beside the figure, for its caption
  std::vector<double> x_limits{};  ///< low, high; empty: from the values
  std::vector<double> y_limits{};
  int dpi = 0;                                 ///< of the PNG; 0: kDotsPerInch (plotting/script.h)
  bool transpose = false;                      ///< of a table: a row a metric, a column a method
  std::map<std::string, std::string> names{};  ///< how methods, options, values, metrics and rows are displayed
  std::vector<FigurePlace> places;             ///< none where the figure was read from results

  /// Where `value` of `key` stands, else the key's value, else the figure; without a file where it has no places.
  Place place(const std::string& key, const std::string& value = "") const;
};

/// Where an option of `data` is given a value, which of a path is the absolute one.
struct DataPlace {
  std::string option, value;  ///< "data.train", "/home/me/train.txt"
  Place place;
};

/// A study as written: what its YAML says, merged with its includes and --set, before expansion.
struct Study {
  std::string name;
  std::filesystem::path file;
  std::vector<FigureSpec> figures;
  /// YAML `baseline`: the row that tables compare the others with, its method or its label ("bn_vae gamma=.6").
  std::string baseline{};
  Place baseline_place{};
  std::map<std::string, std::string> names{};  ///< YAML `names`, which each of `figures` has, too
  std::map<std::string, Place> name_places{};  ///< of its keys
  std::vector<DataPlace> data_places{};        ///< in files, sweeps and --set
  std::optional<YamlNode> launcher{};  ///< YAML `launcher`, of this file or an include (launch/registry.h reads it)
  std::vector<CellConfig> cells;       ///< the expanded, validated grid, in the order of the axes, without doubles
  std::vector<std::vector<std::string>> tags{};  ///< of each of `cells` (YAML `tags`), sorted
  std::string text;                              ///< the study file's own YAML, for the results
  /// The --set arguments, with absolute paths: they mean the same in another working folder.
  std::vector<std::string> settings;
};

/// Reads `file` with its includes, applies `settings` ("trainer.epochs=3": key=value, on an axis it replaces the axis),
/// expands and validates the whole grid. Throws UsageError with file:line:column, what is wrong and what is valid.
Study load_study(const std::filesystem::path& file, const std::vector<std::string>& settings, const Schema& schema);

/// Only the `plugins:` of the study and its includes (paths made absolute relative to the naming file), so that their
/// specs can be probed before the schema is complete.
std::vector<PluginPath> study_plugins(const std::filesystem::path& file);

/// Reads back CellConfig::canonical(); throws UsageError.
CellConfig parse_cell(const std::string& yaml, const std::string& file_name, const Schema& schema);

}  // namespace klbench
