#include <fmt/format.h>

#include "config/figures.h"
#include "plotting/kinds/results_table.h"

namespace klbench {

Table results_table(const Request& request, const std::vector<std::string>& fallback) {
  const auto metrics = request.final_metrics(fallback);
  const auto table_of = request.rows.per_seed ? make_seed_table : make_table;
  Table table =
      table_of(request.study, request.groups, metrics, request.spec.split,
               request.title(fmt::format("{}, {}", request.study.name, request.spec.split)), request.spec.names);
  if (!request.absent.empty()) table.footers.push_back(request.absent_note() + ".");
  table.transposed = request.spec.transpose;
  table.width = request.spec.width;
  return table;
}

namespace {

Table make_results(const Request& request) {
  return results_table(request, default_table_metrics(request.groups, request.spec.split));
}

KLBENCH_FIGURE(make_results, {.spec = {.key = "table", .summary = "final metrics by method as Markdown, CSV and LaTeX"},
                              .takes = {"metric", "split"}});

}  // namespace

}  // namespace klbench
