#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/csv.h"
#include "core/error.h"
#include "plotting/figure.h"
#include "plotting/script.h"
#include "plotting/table.h"
#include "plotting/table_text.h"

namespace klbench {

namespace {

/// Text in Markdown: nothing in it is markup.
std::string markdown_escaped(const std::string& text) {
  std::string out;
  for (const char c : one_line(text)) {
    if (std::string_view("\\`*_{}[]#|<>~$&").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// Columns of `text` on a terminal.
std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string space(width - std::min(width, columns_of(text)), ' ');
  return right ? space + text : text + space;
}

}  // namespace

std::string fixed_number(double value, int decimals) {
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-') ? text.substr(1) : text;
}

std::string entry_text(const Table& table, std::size_t row, std::size_t column, const char* plus_minus,
                       const char* nothing) {
  const Table::Row& of = table.rows[row];
  const Summary& summary = of.entries[column].summary;
  if (summary.n == 0) return of.seeds == 0 && of.diverged > 0 ? "diverged" : nothing;
  std::string text = fixed_number(summary.mean, table.decimals[column]);
  if (summary.n > 1) text += fmt::format("{}{:.{}f}", plus_minus, summary.sd, table.decimals[column]);
  return text;
}

std::string marks(const TableEntry& entry, const char* near_best, const char* near_baseline, const char* untested) {
  return fmt::format("{}{}{}", entry.near_best ? near_best : "", entry.near_baseline() ? near_baseline : "",
                     entry.untested() ? untested : "");
}

std::string row_label(const Table& table, const Table::Row& row) {
  return one_line(row.label) + (row.label == table.baseline ? " (baseline)" : "");
}

std::string arrow(const MetricInfo& info, const char* up, const char* down) {
  return !info.has_direction ? "" : info.higher_is_better ? up : down;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

TextGrid grid_of(const Table& table, const std::function<std::string(const std::string&)>& escaped, const char* up,
                 const char* down, const std::function<std::string(std::size_t, std::size_t)>& entry) {
  TextGrid grid = {{"method"}};
  for (std::size_t m = 0; m < table.columns.size(); ++m) {
    grid[0].push_back(escaped(table.heads[m]) + arrow(table.columns[m], up, down));
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    grid.push_back({escaped(row_label(table, table.rows[i]))});
    for (std::size_t m = 0; m < table.columns.size(); ++m) grid.back().push_back(entry(i, m));
  }
  if (!table.transposed) return grid;
  TextGrid turned(grid[0].size());
  for (const auto& line : grid) {
    for (std::size_t j = 0; j < line.size(); ++j) turned[j].push_back(line[j]);
  }
  turned[0][0] = "metric";
  return turned;
}

std::string to_markdown(const Table& table) {
  const auto entry = [&](std::size_t i, std::size_t m) {
    const TableEntry& of = table.rows[i].entries[m];
    const char* bold = of.bold ? "**" : "";
    return fmt::format("{}{}{}{}", bold, entry_text(table, i, m, " ± ", "–"), bold, marks(of, "†", "°", "‡"));
  };
  const TextGrid grid = grid_of(table, markdown_escaped, " ↑", " ↓", entry);
  std::string out = table.title.empty() ? "" : fmt::format("**{}**\n\n", markdown_escaped(table.title));
  for (std::size_t i = 0; i < grid.size(); ++i) {
    out += fmt::format("| {} |\n", fmt::join(grid[i], " | "));
    if (i > 0) continue;
    out += "| --- |";
    for (std::size_t j = 1; j < grid[0].size(); ++j) out += " ---: |";
    out += "\n";
  }
  for (const auto& footer : table.footers)
    out += fmt::format("\n{}\n", markdown_escaped(replaced(footer, "Best:", "Bold:")));
  return out;
}

std::string to_csv(const Table& table) {
  std::string out = "method,seeds,diverged";
  for (const auto& column : table.columns) {
    for (const char* part : {"mean", "std", "n", "best", "near_best", "difference", "low", "high", "p"}) {
      if (std::string_view(part) == "difference" && table.baseline.empty()) break;
      out += fmt::format(",{}", csv_field(column.name + "_" + part));
    }
  }
  out += "\n";
  for (const auto& row : table.rows) {
    out += fmt::format("{},{},{}", csv_field(one_line(row.row)), row.seeds, row.diverged);
    for (const auto& entry : row.entries) {
      const Summary& summary = entry.summary;
      out += fmt::format(",{}", summary.n > 0 ? number(summary.mean) : "");
      out += fmt::format(",{}", summary.n > 1 ? number(summary.sd) : "");
      out += fmt::format(",{},{:d},{:d}", summary.n, entry.bold, entry.near_best);
      if (table.baseline.empty()) continue;
      const auto& to = entry.to_baseline;
      out += !to ? ",,,,"
                 : fmt::format(",{},{},{},{}", number(to->mean), number(to->interval.low), number(to->interval.high),
                               number(to->p_value));
    }
    out += "\n";
  }
  for (const auto& footer : table.footers)
    out += fmt::format("# {}\n", replaced(one_line(footer), "Best:", "best = 1:"));
  return out;
}

std::string to_text(const Table& table) {
  std::vector<std::vector<std::string>> lines = {{"method"}};
  std::vector<std::size_t> widest_mark;
  for (std::size_t m = 0; m < table.columns.size(); ++m) {
    widest_mark.push_back(1);
    for (const auto& row : table.rows) {
      const TableEntry& entry = row.entries[m];
      const std::size_t width = std::size_t{entry.bold} + entry.near_best + entry.near_baseline() + entry.untested();
      widest_mark.back() = std::max(widest_mark.back(), width);
    }
    const MetricInfo& column = table.columns[m];
    lines[0].push_back(column.name + arrow(column, " ↑", " ↓") + std::string(widest_mark.back(), ' '));
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const Table::Row& row = table.rows[i];
    lines.push_back({row_label(table, row)});
    for (std::size_t m = 0; m < row.entries.size(); ++m) {
      const std::string mark =
          fmt::format("{}{}", row.entries[m].bold ? "*" : "", marks(row.entries[m], "†", "°", "‡"));
      lines.back().push_back(entry_text(table, i, m, " ± ", "–") + padded(mark, widest_mark[m], false));
    }
  }
  std::vector<std::size_t> widths(lines[0].size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], columns_of(line[i]));
  }
  std::string out = table.title.empty() ? "" : one_line(table.title) + "\n";
  std::size_t total = 2 * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line;
    for (std::size_t j = 0; j < widths.size(); ++j) line += (j > 0 ? "  " : "") + padded(lines[i][j], widths[j], j > 0);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    if (i == 0) out += std::string(total, '-') + "\n";
  }
  for (const auto& footer : table.footers) {
    for (const auto& line : wrap(replaced(one_line(footer), "Best:", "*:"), std::max<std::size_t>(total, 80)))
      out += line + "\n";
  }
  return out;
}

}  // namespace klbench
