#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "core/files.h"
#include "plotting/plot.h"
#include "temporary_folder.h"

namespace klbench::testing {

/// Rows of the data block of a gnuplot script whose comment contains `what`; fails the test where there is none.
inline Rows data_block(const std::filesystem::path& script, const std::string& what) {
  std::istringstream lines(read_file(script));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.rfind("# ", 0) == 0 && line.find(what) != std::string::npos) break;
  }
  INFO("data block of " << what);
  REQUIRE(std::getline(lines, line));  // $dN << EOD
  Rows rows;
  while (std::getline(lines, line) && line != "EOD") {
    std::istringstream numbers(line);
    rows.emplace_back();
    for (std::string number; numbers >> number;) rows.back().push_back(std::stod(number));
  }
  return rows;
}

inline void check_rows(const Rows& rows, const Rows& expected) {
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(rows[i].size() == expected[i].size());
    for (std::size_t j = 0; j < rows[i].size(); ++j) CHECK(rows[i][j] == Approx(expected[i][j]));
  }
}

/// Draws a figure and gives the path of its script.
class Drawn {
 public:
  explicit Drawn(const StudyResult& study, const FigureSpec& spec, const std::string& format = "svg") {
    draw_figure(study, spec, {folder_.path(), {format}});
    script_ = folder_.path() / (spec.name + ".gp");
  }
  Rows block(const std::string& what) const { return data_block(script_, what); }
  std::string text() const { return read_file(script_); }

 private:
  TemporaryFolder folder_;
  std::filesystem::path script_;
};

}  // namespace klbench::testing
