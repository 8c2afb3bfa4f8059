#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "storage/export.h"

namespace klbench {

namespace {

constexpr std::int64_t kUsualNllSamples = 500;

using Table = std::vector<std::vector<std::string>>;

/// Columns padded to their widest entry, two spaces apart; the first `left` are left-aligned.
std::string layout(const Table& table, std::size_t left) {
  std::vector<std::size_t> widths(table.front().size());
  const auto width = [](const std::string& text) {  // characters, not bytes
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  };
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : table) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      line += (i > 0 ? "  " : "") + (i < left ? row[i] + padding : padding + row[i]);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

/// "1.23 ± 0.04"; without the spread for one value.
std::string mean_and_spread(const std::vector<double>& values) {
  if (values.empty()) return "";
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  if (values.size() == 1) return fmt::format("{:.2f}", mean);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return fmt::format("{:.2f} ± {:.2f}", mean, std::sqrt(squares / static_cast<double>(values.size() - 1)));
}

const FinalMetric* find_final(const CellResult& cell, const std::string& split, const std::string& metric) {
  const auto metrics = cell.final.find(split);
  if (metrics == cell.final.end()) return nullptr;
  const auto found = metrics->second.find(metric);
  return found == metrics->second.end() || found->second.values.size() != 1 ? nullptr : &found->second;
}

std::vector<double> final_values(const StudyResult& study, const CellGroup& group, const std::string& split,
                                 const std::string& metric) {
  std::vector<double> values;
  for (const std::size_t i : group.cells) {
    if (const auto* found = find_final(study.cells[i], split, metric)) values.push_back(found->values[0]);
  }
  return values;
}

std::vector<std::string> main_metrics(const StudyResult& study, const std::string& split) {
  std::vector<std::string> present;
  for (const char* metric : {"elbo", "rec", "kl", "nll", "ppl", "mi", "au", "swap_gap", "rate_used"}) {
    const auto has = [&](const CellResult& cell) { return find_final(cell, split, metric) != nullptr; };
    if (std::any_of(study.cells.begin(), study.cells.end(), has)) present.push_back(metric);
  }
  return present;
}

std::string metrics_table(const StudyResult& study, const std::string& split) {
  const std::vector<std::string> options = varying_options(study);
  const std::vector<std::string> metrics = main_metrics(study, split);
  Table table(1, {"regularizer"});
  table[0].insert(table[0].end(), options.begin(), options.end());
  const std::size_t left = table[0].size();
  table[0].push_back("seeds");
  table[0].insert(table[0].end(), metrics.begin(), metrics.end());
  for (const auto& group : group_by_seed(study, options)) {
    std::vector<std::string> row{group.method};
    row.insert(row.end(), group.options.begin(), group.options.end());
    row.push_back(fmt::to_string(group.cells.size()));
    for (const auto& metric : metrics) row.push_back(mean_and_spread(final_values(study, group, split, metric)));
    table.push_back(std::move(row));
  }
  for (auto& row : table) {
    for (auto& entry : row) entry = one_line(entry);
  }
  return layout(table, left);
}

/// A note when nll was estimated with fewer samples than the usual number.
std::string samples_note(const StudyResult& study, const std::string& split) {
  std::int64_t fewest = kUsualNllSamples;
  for (const auto& cell : study.cells) {
    const auto* nll = find_final(cell, split, "nll");
    if (!nll) continue;
    const auto samples = nll->attributes.find("samples");
    if (samples == nll->attributes.end()) continue;
    if (const auto* count = std::get_if<std::int64_t>(&samples->second); count && *count > 0) {
      fewest = std::min(fewest, *count);  // 0: exact, as for a language model
    }
  }
  if (fewest == kUsualNllSamples) return "";
  return fmt::format("nll with {} importance samples instead of {}\n", fewest, kUsualNllSamples);
}

std::string floors_note(const StudyResult& study) {
  std::int64_t violations = 0;
  std::size_t cells = 0;
  for (const auto& cell : study.cells) {
    const auto found = cell.facts.find("floor_violations");
    if (found == cell.facts.end()) continue;
    const auto* count = std::get_if<std::int64_t>(&found->second);
    if (!count) continue;
    ++cells;
    violations += *count;
  }
  if (cells == 0) return "";
  return fmt::format("analytic floors: {} violations in {} cells\n", violations, cells);
}

}  // namespace

std::string show_text(const StudyResult& study) {
  std::map<std::string, std::size_t> statuses;
  for (const auto& cell : study.cells) ++statuses[cell.status];
  if (!study.missing.empty()) statuses["missing"] = study.missing.size();
  std::string out = fmt::format("{}: {} cells", one_line(study.name), study.cells.size() + study.missing.size());
  for (const auto& [status, count] : statuses) out += fmt::format(", {} {}", count, one_line(status));
  out += "\n";
  const auto tested = [](const CellResult& cell) { return cell.final.contains("test"); };
  const std::string split = std::any_of(study.cells.begin(), study.cells.end(), tested) ? "test" : "valid";
  if (!study.cells.empty()) {
    out += fmt::format("\nfinal metrics on {} (mean ± standard deviation over seeds)\n", split);
    out += metrics_table(study, split);
    out += fmt::format("\n{}{}", samples_note(study, split), floors_note(study));
  }
  for (const auto& cell : study.cells) {
    if (cell.status != "done")
      out += fmt::format("{}: {} ({})\n", one_line(cell.status), cell.id, one_line(cell.method));
  }
  if (!study.missing.empty()) out += fmt::format("missing: {}\n", fmt::join(study.missing, ", "));
  return out;
}

}  // namespace klbench
