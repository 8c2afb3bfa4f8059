#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "plotting/figure.h"
#include "plotting/table_text.h"

namespace klbench {

namespace {

std::string latex_escaped(const std::string& text) {
  std::string out;
  for (const char c : one_line(text)) {
    switch (c) {
      case '\\':
        out += "\\textbackslash{}";
        break;
      case '~':
        out += "\\textasciitilde{}";
        break;
      case '^':
        out += "\\textasciicircum{}";
        break;
      case '<':
        out += "\\textless{}";
        break;
      case '>':
        out += "\\textgreater{}";
        break;
      case '`':
        out += "\\textasciigrave{}";
        break;
      case '"':
        out += "''";
        break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        out += '\\';
        out += c;
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// What pdfLaTeX does not have as a character of text.
std::string with_mathematics(std::string text) {
  static const std::vector<std::pair<std::string, std::string>> symbols = {
      {"α", "\\alpha"},      {"β", "\\beta"},   {"γ", "\\gamma"}, {"δ", "\\delta"},     {"ε", "\\varepsilon"},
      {"κ", "\\kappa"},      {"λ", "\\lambda"}, {"μ", "\\mu"},    {"σ", "\\sigma"},     {"τ", "\\tau"},
      {"φ", "\\varphi"},     {"θ", "\\theta"},  {"±", "\\pm"},    {"·", "\\cdot"},      {"−", "-"},
      {"≥", "\\geq"},        {"≤", "\\leq"},    {"×", "\\times"}, {"†", "^{\\dagger}"}, {"°", "^{\\circ}"},
      {"‡", "^{\\ddagger}"}, {"→", "\\to"},     {"∞", "\\infty"}};
  static const std::array<const char*, 11> raised = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁻"};
  static const std::array<const char*, 11> lowered = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉", "₋"};
  for (const auto& [symbol, command] : symbols) text = replaced(text, symbol, "$" + command + "$");
  for (std::size_t i = 0; i < raised.size(); ++i) {
    const std::string digit = i < 10 ? fmt::format("{}", i) : "-";
    text = replaced(replaced(text, raised[i], "$^{" + digit + "}$"), lowered[i], "$_{" + digit + "}$");
  }
  text = replaced(replaced(text, "}$$^{", ""), "}$$_{", "");
  return replaced(text, "–", "--");
}

constexpr double kPaperPoints = 8;       // \footnotesize
constexpr double kIndexPoints = 6;       // of deviations
constexpr double kColumnRoom = 5;        // points between columns
constexpr double kSerif = 0.94 * 72.27;  // points of LaTeX's serif type for an inch of DejaVu Sans, no less

constexpr double kMarkRoom = 3.5;  // points of a raised mark

/// Points that an entry or a head takes in the paper's layout.
double paper_width(const std::string& main, const std::string& index, double marks) {
  return kSerif * (text_width(main, kPaperPoints) + text_width(index, kIndexPoints)) + marks + 1;
}

/// Raised marks of an entry, with room for those that others of the column have, so that numbers stand in line.
std::string aligned_marks(const Table& table, std::size_t i, std::size_t m) {
  std::string text;
  const auto add = [&](const char* mark, const auto& has) {
    const bool any =
        std::any_of(table.rows.begin(), table.rows.end(), [&](const Table::Row& row) { return has(row.entries[m]); });
    if (any) text += has(table.rows[i].entries[m]) ? mark : fmt::format("\\hphantom{{{}}}", mark);
  };
  add("\\dagger", [](const TableEntry& entry) { return entry.near_best; });
  add("\\circ", [](const TableEntry& entry) { return entry.near_baseline(); });
  add("\\ddagger", [](const TableEntry& entry) { return entry.untested(); });
  return text.empty() ? "" : "{}^{" + text + "}";
}

std::string paper_number(const Table& table, std::size_t i, std::size_t m) {
  const Summary& summary = table.rows[i].entries[m].summary;
  return fixed_number(summary.mean, table.decimals[m]);
}

/// ".56" of a deviation, with its sign in front where it is drawn.
std::string paper_deviation(const Table& table, std::size_t i, std::size_t m) {
  const Summary& summary = table.rows[i].entries[m].summary;
  if (summary.n < 2) return "";
  std::string text = fmt::format("{:.{}f}", summary.sd, table.decimals[m]);
  return text.starts_with("0.") ? text.substr(1) : text;
}

std::string latex_entry(const Table& table, std::size_t i, std::size_t m) {
  const TableEntry& entry = table.rows[i].entries[m];
  const auto bold = [&](const std::string& text) { return entry.bold ? "\\mathbf{" + text + "}" : text; };
  if (entry.summary.n == 0) return entry_text(table, i, m, "", "--");
  if (table.width == 0) {
    const std::string raised = marks(entry, "\\dagger", "\\circ", "\\ddagger");
    const std::string mark = raised.empty() ? "" : "^{" + raised + "}";
    return fmt::format("${}{}$", bold(entry_text(table, i, m, " \\pm ", "--")), mark);
  }
  const std::string deviation = paper_deviation(table, i, m);
  return fmt::format("${}{}{}$", bold(paper_number(table, i, m)), deviation.empty() ? "" : "_{\\pm " + deviation + "}",
                     aligned_marks(table, i, m));
}

std::string tabular(const TextGrid& grid, const std::string& columns, std::size_t first, std::size_t end) {
  std::string out = fmt::format("\\begin{{tabular}}{{{}}}\n\\toprule\n", columns);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    out += grid[i][0];
    for (std::size_t j = first; j < end; ++j) out += " & " + grid[i][j];
    out += i == 0 ? " \\\\\n\\midrule\n" : " \\\\\n";
  }
  return out + "\\bottomrule\n\\end{tabular}";
}

/// Points of every column of the paper's layout.
std::vector<double> paper_widths(const Table& table) {
  TextGrid main = grid_of(table, one_line, " ↑", " ↓", [&](std::size_t i, std::size_t m) {
    return table.rows[i].entries[m].summary.n > 0 ? paper_number(table, i, m) : entry_text(table, i, m, "", "--");
  });
  const TextGrid index = grid_of(
      table, [](const std::string&) { return ""; }, "", "",
      [&](std::size_t i, std::size_t m) { return "±" + paper_deviation(table, i, m); });
  std::vector<double> widths(main[0].size(), 0);
  for (std::size_t i = 0; i < main.size(); ++i) {
    for (std::size_t j = 0; j < widths.size(); ++j) {
      const bool is_entry = i > 0 && j > 0;
      widths[j] =
          std::max(widths[j], paper_width(main[i][j], is_entry ? index[i][j] : "", is_entry ? 2 * kMarkRoom : 0));
    }
  }
  return widths;
}

/// Tabulars below each other, each as wide as fits; labels that take too much of it are broken.
std::string paper_tabulars(const Table& table, const TextGrid& grid) {
  const double width = table.width * 72.27;
  const auto widths = paper_widths(table);
  const double label = std::min(widths[0], 0.45 * width);
  const std::string label_column = label < widths[0] ? fmt::format("@{{}}p{{{:.0f}pt}}", label) : std::string("@{}l");
  std::string out =
      "{\\noindent\\footnotesize\\setlength{\\tabcolsep}{" + fmt::format("{:.1f}", kColumnRoom / 2) + "pt}%\n";
  for (std::size_t first = 1; first < widths.size();) {
    double taken = label + kColumnRoom + widths[first];
    std::size_t end = first + 1;
    for (; end < widths.size() && taken + kColumnRoom + widths[end] <= width; ++end) taken += kColumnRoom + widths[end];
    out += tabular(grid, label_column + std::string(end - first, 'r') + "@{}", first, end);
    first = end;
    out += first < widths.size() ? "\\par\\smallskip\n\\noindent\n" : "\\par\\smallskip}\n";
  }
  return out;
}

}  // namespace

std::string latex_text(const std::string& text) { return with_mathematics(latex_escaped(text)); }

std::string to_latex(const Table& table) {
  const TextGrid grid = grid_of(table, latex_text, " $\\uparrow$", " $\\downarrow$",
                                [&](std::size_t i, std::size_t m) { return latex_entry(table, i, m); });
  std::string out = table.title.empty() ? "" : fmt::format("% {}\n", one_line(table.title));
  out += "% \\usepackage{booktabs}\n";
  out += table.width > 0 ? paper_tabulars(table, grid)
                         : tabular(grid, "l" + std::string(grid[0].size() - 1, 'r'), 1, grid[0].size()) + "\n";
  const char* size = table.width > 0 ? "\\scriptsize" : "\\footnotesize";
  for (const auto& footer : table.footers) {
    out += fmt::format("{{{}\\noindent {}\\par}}\n", size, replaced(latex_text(footer), "Best:", "Bold:"));
  }
  return out;
}

}  // namespace klbench
