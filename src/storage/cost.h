#pragma once

#include <map>
#include <string>

namespace klbench {

/// The numbers of a run.json, given as its text: CellResult::cost. None where it is no JSON object.
std::map<std::string, double> cost_of(const std::string& provenance);

}  // namespace klbench
