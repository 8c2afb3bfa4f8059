#include "config/cell_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"

namespace klbench {

namespace {

constexpr std::array<const char*, 8> kNames = {"missing",     "running", "done",        "diverged",
                                               "unconfirmed", "failed",  "interrupted", "stale"};

}  // namespace

std::string to_string(CellStatus status) { return kNames.at(static_cast<std::size_t>(status)); }

std::optional<CellStatus> cell_status(const std::string& name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<CellStatus>(found - kNames.begin());
}

CellStatus published_status(const std::string& name, const std::string& place) {
  const auto status = cell_status(name);
  if (status && finished(*status)) return *status;
  throw UsageError(fmt::format("{}: unknown status '{}'; done and diverged are known", place, one_line(name)));
}

}  // namespace klbench
