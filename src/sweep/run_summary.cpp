#include "sweep/run_summary.h"

#include <fmt/format.h>

namespace klbench {

int RunSummary::exit_code() const {
  if (signal != 0) return 128 + signal;
  return incomplete && !left_running ? 1 : 0;
}

std::string summary_text(const std::string& study, const RunSummary& summary) {
  std::string text = fmt::format("{}: {} cells, {} done ({} new)", study, summary.total, summary.done, summary.trained);
  if (summary.diverged > 0) text += fmt::format(", {} diverged", summary.diverged);
  if (summary.failed > 0) text += fmt::format(", {} failed", summary.failed);
  if (summary.unfinished > 0) text += fmt::format(", {} unfinished", summary.unfinished);
  return text;
}

}  // namespace klbench
