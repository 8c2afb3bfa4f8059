#pragma once

#include <string>
#include <vector>

#include "config/study.h"

namespace klbench {

/// Figures as a JSON list, without the places where they stand.
std::string figures_json(const std::vector<FigureSpec>& figures);

/// Reads it back; a key that is absent, as in files of earlier versions, has its default. Throws
/// nlohmann::json::exception for other text.
std::vector<FigureSpec> figures_of_json(const std::string& text);

}  // namespace klbench
