#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/registry.h"
#include "config/settings.h"
#include "config/study.h"

namespace klbench {

struct Figure;   // plotting/figure.h
struct Table;    // plotting/table.h
struct Request;  // plotting/kinds/request.h

/// One kind of figure: what it draws, and which keys an entry of `figures:` of that kind takes.
struct FigureKind {
  ComponentSpec spec;                ///< key and summary
  std::vector<std::string> wants{};  ///< keys that must be given, beside name and kind
  std::vector<std::string> takes{};  ///< keys that may be given, beside those that all figures or all tables take
  bool by_epoch = false;             ///< draws what is recorded during training: on valid or train, never on test
  bool is_table = false;             ///< written as text
  std::string metric_help{};         ///< what `metric` means to a kind that takes one metric only; empty: several
  bool names_labels = false;         ///< shows the names of the data's labels
  Figure (*make)(const Request&) = nullptr;       ///< throws UsageError naming what the results lack, and how to get it
  Table (*make_table)(const Request&) = nullptr;  ///< the same of a table

  /// wants, takes, and those of every figure or table: title, only, names, width, ...
  std::vector<std::string> keys() const;
  /// What `key` means to this kind, on one line.
  std::string help(const std::string& key) const;
};

/// The figure kinds by key; each kind's file registers one.
class FigureRegistry : public Registry<FigureKind> {
 public:
  FigureRegistry() : Registry("figure kind") {}
  static FigureRegistry& instance();
};

struct FigureRegistrar {
  FigureRegistrar(FigureKind kind, Figure (*make)(const Request&)) noexcept {
    kind.make = make;
    FigureRegistry::instance().add(std::move(kind));
  }
  FigureRegistrar(FigureKind kind, Table (*make_table)(const Request&)) noexcept {
    kind.is_table = true;
    kind.make_table = make_table;
    FigureRegistry::instance().add(std::move(kind));
  }
};

/// KLBENCH_FIGURE(make_bars, {.spec = {.key = "bars", .summary = "..."}, .wants = {"metric"}}): the kind that
/// Figure make_bars(const Request&) draws, or Table make_bars(const Request&) writes.
#define KLBENCH_FIGURE(make, ...) \
  static const ::klbench::FigureRegistrar k_##make##_registrar(::klbench::FigureKind __VA_ARGS__, make)

/// The entries of `figures:`; `node` may be null. Names are unique safe file stems, kinds are of figure_kinds(), keys
/// are those of the kind, `over` is an option of the schema, `only` names methods; `displayed` are the study's `names`,
/// which go below a figure's own. Throws UsageError.
std::vector<FigureSpec> parse_figures(const YamlNode* node, const OptionNames& names,
                                      const std::map<std::string, std::string>& displayed = {});

/// Puts the keys of a map (see figure_keys.h) over `figure`, which may have a kind already. Throws UsageError as
/// parse_figures does.
void read_figure(FigureSpec& figure, const YamlNode& map, const OptionNames& names);

/// The `names` of a study's YAML text; none where it cannot be read.
std::map<std::string, std::string> names_in(const std::string& study_yaml);

/// The text of a scalar that becomes part of file names: letters, digits and _.- , not beginning with a dot or dash.
/// Throws UsageError.
const std::string& file_stem(const YamlNode& node, std::string_view what);

}  // namespace klbench
