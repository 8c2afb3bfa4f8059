#pragma once

#include <string>
#include <vector>

namespace klbench {

/// The characters of `text` (UTF-8) beyond ASCII that no font of this machine has, each once, as fontconfig's fc-list
/// tells; none where that cannot be asked.
std::vector<std::string> missing_glyphs(const std::string& text);

}  // namespace klbench
