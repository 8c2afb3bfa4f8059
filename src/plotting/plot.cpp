#include "plotting/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <variant>

#include "config/figures.h"
#include "core/error.h"
#include "core/files.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"
#include "plotting/table.h"

namespace klbench {

namespace {

constexpr const char* kTable = "table";

const FigureRegistrar kTableRegistrar({.spec = {.key = kTable,
                                                .summary = "final metrics by method as Markdown, CSV and LaTeX"},
                                       .takes = {"metric", "split"}},
                                      nullptr);

constexpr const char* kSurgery = "surgery";

/// kl = mi + total_correlation + dimension_kl, of which the last two are the marginal KL.
const FigureRegistrar kSurgeryRegistrar({.spec = {.key = kSurgery,
                                                  .summary = "a table of the parts of the KL: information, total "
                                                             "correlation, dimension-wise KL",
                                                  .paper = "Hoffman and Johnson 2016; Chen et al., NeurIPS 2018"},
                                         .takes = {"split"}},
                                        nullptr);

/// A figure's name is a file name that gnuplot and the shell leave alone.
void check_name(const FigureSpec& figure) {
  const bool plain = std::all_of(figure.name.begin(), figure.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
  if (figure.name.empty() || !plain || figure.name[0] == '.' || figure.name[0] == '-') {
    throw UsageError(fmt::format("figure '{}': its name becomes a file name; use letters, digits, _, - and .",
                                 one_line(figure.name)));
  }
}

void check_formats(const FigureSpec& figure, const std::vector<std::string>& formats) {
  const std::vector<std::string> valid = {"png", "svg", "pdf"};
  for (const auto& format : formats) {
    if (std::find(valid.begin(), valid.end(), format) == valid.end()) {
      throw UsageError(fmt::format("figure '{}': {}", figure.name, unknown_name("format", format, valid)));
    }
  }
}

Table make_results_table(const Request& request) {
  const auto metrics =
      request.final_metrics(request.spec.kind == kSurgery ? std::vector<std::string>{"kl", "mi", "total_correlation",
                                                                                     "dimension_kl", "marginal_kl_gap"}
                                                          : default_table_metrics(request.groups, request.spec.split));
  return make_table(request.study, request.groups, metrics, request.spec.split,
                    request.title(fmt::format("{}, {}", request.study.name, request.spec.split)));
}

Drawing write_table(const Table& table, const std::string& name, const std::filesystem::path& folder) {
  Drawing drawing;
  const auto write = [&](const char* extension, const std::string& text) {
    drawing.files.push_back(folder / (name + extension));
    write_file_durably(drawing.files.back(), text);
  };
  write(".md", to_markdown(table));
  write(".csv", to_csv(table));
  write(".tex", to_latex(table));
  return drawing;
}

/// A table or a figure of results, after all checks.
std::variant<Table, Figure> make(const StudyResult& study, const FigureSpec& figure) {
  check_name(figure);
  const auto& kinds = FigureRegistry::instance().entries();
  const auto kind = kinds.find(figure.kind);
  if (kind == kinds.end()) {
    throw UsageError(
        fmt::format("figure '{}': {}", figure.name, unknown_name("figure kind", figure.kind, figure_kinds())));
  }
  const Request request(study, figure);
  if (figure.kind == kTable || figure.kind == kSurgery) return make_results_table(request);
  return kind->second.make(request);
}

bool any_cell(const StudyResult& study, bool (*has)(const CellResult&)) {
  return std::any_of(study.cells.begin(), study.cells.end(),
                     [&](const CellResult& cell) { return cell.status == "done" && has(cell); });
}

FigureSpec figure(const std::string& name, const std::string& kind, const std::vector<std::string>& metrics) {
  FigureSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.metrics = metrics;
  return spec;
}

bool has_final(const CellResult& cell, const char* metric) { return final_scalar(cell, "test", metric).has_value(); }

}  // namespace

std::vector<FigureSpec> default_figures(const StudyResult& study) {
  std::vector<FigureSpec> figures = {figure("results", kTable, {})};
  if (any_cell(study, [](const CellResult& cell) { return has_final(cell, "kl"); })) {
    figures.push_back(figure("kl", "bars", {"kl"}));
    figures.back().floor = true;
  }
  if (any_cell(study, [](const CellResult& cell) { return has_final(cell, "kl") && has_final(cell, "rec"); })) {
    figures.push_back(figure("rate_distortion", "rate_distortion", {}));
  }
  const bool by_epoch = any_cell(study, [](const CellResult& cell) {
    return std::any_of(cell.epochs.begin(), cell.epochs.end(), [](const EpochRecord& record) {
      const auto valid = record.metrics.find("valid");
      return valid != record.metrics.end() && valid->second.count("kl") > 0;
    });
  });
  if (by_epoch) figures.push_back(figure("kl_by_epoch", "curve", {"kl"}));
  return figures;
}

void check_figure(const StudyResult& study, const FigureSpec& figure) { make(study, figure); }

Drawing draw_figure(const StudyResult& study, const FigureSpec& figure, const DrawOptions& options) {
  check_formats(figure, options.formats);
  const auto made = make(study, figure);
  if (const auto* table = std::get_if<Table>(&made)) return write_table(*table, figure.name, options.folder);
  return draw_script(layout(std::get<Figure>(made)), options.folder, figure.name, options.formats, options.seconds);
}

bool draw_all(const StudyResult& study, const std::vector<FigureSpec>& figures, const DrawOptions& options,
              const std::function<void(const Drawing&)>& report) {
  bool whole = true;
  for (const auto& figure : figures) {
    Drawing drawing;
    try {
      drawing = draw_figure(study, figure, options);
    } catch (const Error& error) {
      drawing.problems = {error.what()};
    }
    whole = whole && drawing.problems.empty();
    report(drawing);
  }
  return whole;
}

}  // namespace klbench
