#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "config/study.h"

namespace klbench {

/// One kind of figure: what it draws and which keys an entry of `figures:` of that kind takes.
struct FigureKind {
  std::string name;
  std::string summary;             ///< one line
  std::vector<std::string> wants;  ///< keys that must be given, beside name and kind
  std::vector<std::string> takes;  ///< keys that may be given, beside title and only
  bool by_epoch = false;           ///< draws what is recorded during training: on valid or train, never on test

  /// wants, takes, title and only.
  std::vector<std::string> keys() const;
  /// What `key` means to this kind, on one line.
  std::string help(const std::string& key) const;
};

/// In the order of figure_kinds().
const std::vector<FigureKind>& figure_kind_table();

/// The entries of `figures:`; `node` may be null. Names are unique safe file stems, kinds are of figure_kinds(), keys
/// are those of the kind, `over` is an option of the schema, `only` names methods. Throws UsageError.
std::vector<FigureSpec> parse_figures(const YamlNode* node, const OptionNames& names);

/// The text of a scalar that becomes part of file names: letters, digits and _.- , not beginning with a dot or dash.
/// Throws UsageError.
const std::string& file_stem(const YamlNode& node, std::string_view what);

}  // namespace klbench
