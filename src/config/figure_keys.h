#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/settings.h"
#include "config/study.h"

namespace klbench {

/// A key of an entry of `figures:`, which is also an option of `klbench plot`.
struct FigureKey {
  enum Form { kText, kFlag, kOther, kList };  ///< how the command line gives it; a list without brackets
  std::string name;
  Form form;
  std::string help;                                                ///< what it means, on one line
  void (*read)(FigureSpec&, const YamlNode&, const OptionNames&);  ///< throws UsageError at the node
};

/// All of them, in the order of the help.
const std::vector<FigureKey>& figure_keys();

/// Null where there is no such key.
const FigureKey* find_figure_key(const std::string& name);

/// `names:`, of a study or a figure: text by method, option, value, metric or row. Throws UsageError.
std::map<std::string, std::string> parse_names(const YamlNode& node);

}  // namespace klbench
