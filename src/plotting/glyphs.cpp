#include "plotting/glyphs.h"

#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "core/error.h"
#include "core/process.h"

namespace klbench {

namespace {

/// The ranges of code points that fonts have: lines of "20-7e a0 ...".
using Ranges = std::set<std::pair<std::uint32_t, std::uint32_t>>;

Ranges ranges_in(const std::string& charsets) {
  Ranges ranges;
  std::istringstream stream(charsets);
  for (std::string range; stream >> range;) {
    unsigned low = 0, high = 0;
    const int read = std::sscanf(range.c_str(), "%x-%x", &low, &high);
    if (read > 0) ranges.emplace(low, read == 2 ? high : low);
  }
  return ranges;
}

/// Asked once; again where it could not be.
const Ranges& covered() {
  static Ranges ranges;
  if (!ranges.empty()) return ranges;
  try {
    const auto result = run_process({"fc-list", "--format", "%{charset}\n"}, {.timeout_seconds = 20});
    if (result.ok()) ranges = ranges_in(result.out);
  } catch (const Error&) {
    // no fontconfig: nothing is known
  }
  return ranges;
}

/// Code points of the characters beyond ASCII, with their bytes.
std::map<std::uint32_t, std::string> characters_of(const std::string& text) {
  std::map<std::uint32_t, std::string> characters;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0xC0) continue;
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (i + more >= text.size()) break;
    std::uint32_t code = lead & (0x3FU >> more);
    for (std::size_t j = 1; j <= more; ++j) code = code << 6 | (static_cast<unsigned char>(text[i + j]) & 0x3FU);
    characters.emplace(code, text.substr(i, more + 1));
  }
  return characters;
}

}  // namespace

std::vector<std::string> missing_glyphs(const std::string& text) {
  std::vector<std::string> missing;
  const auto characters = characters_of(text);
  if (characters.empty() || covered().empty()) return missing;
  for (const auto& [code, bytes] : characters) {
    bool has = false;
    for (const auto& [low, high] : covered()) has = has || (code >= low && code <= high);
    if (!has) missing.push_back(bytes);
  }
  return missing;
}

}  // namespace klbench
