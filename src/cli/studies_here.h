#pragma once

#include <string>
#include <vector>

namespace klbench {

/// YAML files of studies that a user in this folder may mean: those here that have a line `study:`, and
/// experiments/*/study.yaml, quickstart first.
std::vector<std::string> studies_here();

/// "; here are a.yaml, experiments/quickstart/study.yaml, 3 more", or nothing.
std::string studies_text();

}  // namespace klbench
