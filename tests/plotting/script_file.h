#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "core/files.h"
#include "plotting/script.h"

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

}  // namespace klbench::testing
