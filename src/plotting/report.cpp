#include "plotting/report.h"

#include <fmt/format.h>

#include "plotting/kinds/request.h"
#include "plotting/table.h"

namespace klbench {

std::string print_table(const StudyResult& study, const std::vector<std::string>& metrics) {
  FigureSpec spec;
  spec.name = "table";
  spec.metrics = metrics;
  const Request request(study, spec);
  const auto columns = request.final_metrics(default_table_metrics(request.groups, spec.split));
  return to_text(make_table(study, request.groups, columns, spec.split, fmt::format("{}, {}", study.name, spec.split)));
}

}  // namespace klbench
