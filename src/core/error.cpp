#include "core/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace klbench {

namespace {

constexpr std::size_t kLongList = 10;  // names
constexpr std::size_t kShown = 5;      // of a long list
constexpr std::size_t kFar = 40;       // names that are shown where none is near

std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::size_t edit_distance(std::string_view first, std::string_view second) {
  const std::string a = folded(first);
  const std::string b = folded(second);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string Place::str() const {
  if (line == 0) return file;
  return column == 0 ? fmt::format("{}:{}", file, line) : fmt::format("{}:{}:{}", file, line, column);
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::string::npos;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance && distance * 2 <= std::max(name.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& valid) {
  const std::string near = nearest_name(name, valid);
  return unknown_name(kind, name, valid, near.empty() ? std::vector<std::string>{} : std::vector{near});
}

std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& valid,
                         const std::vector<std::string>& near) {
  std::vector<std::string> shown = valid;
  std::string more;
  if (valid.size() > (near.empty() ? kFar : kLongList)) {
    const auto distance = [&](const std::string& other) {  // names that contain this one come first where none is near
      const bool within = near.empty() && folded(other).find(folded(name)) != std::string::npos;
      return std::pair(!within, edit_distance(name, other));
    };
    std::stable_sort(shown.begin(), shown.end(),
                     [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
    shown.resize(kShown);
    more = fmt::format(" and {} more", valid.size() - kShown);
  }
  return fmt::format("unknown {} '{}'{}; valid: {}{}", kind, one_line(name),
                     near.empty() ? "" : fmt::format(" (did you mean '{}'?)", fmt::join(near, "' or '")),
                     fmt::join(shown, ", "), more);
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (u < 0x20 || u == 0x7f) {
      out += fmt::format("\\x{:02x}", u);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace klbench
