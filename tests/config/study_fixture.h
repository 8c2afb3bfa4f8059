// Studies written by a test and loaded with the sample schema.
#pragma once

#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "config/study.h"
#include "sample_schema.h"
#include "temporary_folder.h"

namespace klbench {

/// A folder whose study.yaml is loaded; error messages come without the folder's path.
class StudyFixture {
 public:
  std::string write(const std::string& name, const std::string& text) const { return folder_.write(name, text); }

  Study load(const std::string& text, const std::vector<std::string>& settings = {}) const {
    return load_study(write("study.yaml", text), settings, schema_);
  }
  std::vector<CellConfig> cells(const std::string& text, const std::vector<std::string>& settings = {}) const {
    return load("study: s\n" + text, settings).cells;
  }
  /// The message of loading "study: s" followed by `text`: the first line of `text` is line 2.
  std::string error(const std::string& text, const std::vector<std::string>& settings = {}) const {
    return raw_error("study: s\n" + text, settings);
  }
  std::string raw_error(const std::string& text, const std::vector<std::string>& settings = {}) const {
    std::string message = usage_error([&] { load(text, settings); });
    const std::string folder = folder_.path().string() + "/";
    for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder)) {
      message.erase(at, folder.size());
    }
    return message;
  }
  const TemporaryFolder& folder() const { return folder_; }
  const Schema& schema() const { return schema_; }

 private:
  TemporaryFolder folder_;
  Schema schema_ = sample_schema();
};

/// One text a cell: the values of `names`, joined by spaces; "method" stands for CellConfig::method().
inline std::vector<std::string> rows(const std::vector<CellConfig>& cells, const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& cell : cells) {
    const auto flat = cell.flat();
    std::vector<std::string> row;
    for (const auto& name : names) {
      const auto found = flat.find(name);
      row.push_back(name == "method" ? cell.method() : found == flat.end() ? "-" : to_string(found->second));
    }
    out.push_back(fmt::format("{}", fmt::join(row, " ")));
  }
  return out;
}

using Rows = std::vector<std::string>;

}  // namespace klbench
