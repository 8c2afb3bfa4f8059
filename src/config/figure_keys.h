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
  std::string help;                                                                  ///< what it means, on one line
  void (*read)(FigureSpec&, const YamlNode&, const FigureKey&, const OptionNames&);  ///< throws UsageError at the node
  std::vector<std::string> choices{};                                                ///< of a text; empty: any
  double low = 0, high = 0;                                                          ///< ends of a number
};

/// What `width` may be instead of inches.
std::vector<std::string> venues();

/// All of them, in the order of the help.
const std::vector<FigureKey>& figure_keys();

/// Null where there is no such key.
const FigureKey* find_figure_key(const std::string& name);

/// `names:`, of a study or a figure: text by method, option, value, metric or row. Throws UsageError.
std::map<std::string, std::string> parse_names(const YamlNode& node);

}  // namespace klbench
