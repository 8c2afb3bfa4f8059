#include "plotting/plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "config/figures.h"
#include "core/error.h"
#include "core/files.h"
#include "plotting/figure.h"
#include "plotting/kinds/request.h"
#include "plotting/table.h"
#include "storage/epoch_columns.h"

namespace klbench {

namespace {

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

/// Notes that panels share stand once.
void drop_doubles(std::vector<std::string>& notes) {
  std::vector<std::string> once;
  for (auto& note : notes) {
    if (std::find(once.begin(), once.end(), note) == once.end()) once.push_back(std::move(note));
  }
  notes = std::move(once);
}

/// A figure ready to be drawn, and the notes that stand beside it.
struct Drawn {
  Script script;
  std::vector<std::string> notes_beside;
};

/// A table or a figure of results, after all checks.
std::variant<Table, Drawn> make(const StudyResult& study, const FigureSpec& figure, const RowOrder& rows = {}) {
  check_name(figure);
  const auto& kinds = FigureRegistry::instance().entries();
  const auto kind = kinds.find(figure.kind);
  if (kind == kinds.end()) {
    throw UsageError(
        fmt::format("figure '{}': {}", figure.name, unknown_name("figure kind", figure.kind, figure_kinds())));
  }
  const Request request(study, figure, rows);
  if (kind->second.is_table) return kind->second.make_table(request);
  Figure made = kind->second.make(request);
  drop_doubles(made.notes);
  Drawn drawn;
  if (figure.notes == "file") drawn.notes_beside = std::exchange(made.notes, {});
  try {
    drawn.script = layout(made);
  } catch (const UsageError& error) {
    request.fail(error.what(), figure.height > 0 ? "height" : "width");
  }
  if (figure.dpi > 0) drawn.script.dpi = figure.dpi;
  return drawn;
}

bool any_cell(const StudyResult& study, bool (*has)(const CellResult&)) {
  return std::any_of(study.cells.begin(), study.cells.end(),
                     [&](const CellResult& cell) { return cell.status == CellStatus::done && has(cell); });
}

FigureSpec figure(const std::string& name, const std::string& kind, const std::vector<std::string>& metrics) {
  FigureSpec spec;
  spec.name = name;
  spec.kind = kind;
  spec.metrics = metrics;
  return spec;
}

bool has_final(const CellResult& cell, const char* metric) { return final_scalar(cell, "test", metric).has_value(); }

bool has_epoch_kl(const CellResult& cell) {
  return std::any_of(cell.epochs.begin(), cell.epochs.end(),
                     [](const EpochRecord& record) { return epoch_metric(record, "valid", "kl") != nullptr; });
}

/// Numeric options that have three values or more in one method; of several with one last part the first.
std::vector<std::string> numbers_swept(const StudyResult& study) {
  std::map<std::pair<std::string, std::string>, std::set<double>> values;  // by option and method
  for (const auto& cell : study.cells) {
    for (const auto& [option, value] : cell.config) {
      const auto number = option == "seed" ? std::nullopt : option_number(cell, option);
      if (number && cell.status == CellStatus::done) values[{option, cell.method}].insert(*number);
    }
  }
  std::map<std::string, std::string> swept;  // by last part
  for (const auto& [of, different] : values) {
    if (different.size() >= 3) swept.emplace(last_part(of.first), of.first);
  }
  std::vector<std::string> options;
  for (const auto& [last, option] : swept) options.push_back(option);
  return options;
}

}  // namespace

std::vector<FigureSpec> default_figures(const StudyResult& study) {
  std::vector<FigureSpec> figures = {figure("results", "table", {})};
  if (any_cell(study, [](const CellResult& cell) { return has_final(cell, "kl"); })) {
    figures.push_back(figure("kl", "bars", {"kl"}));
    figures.back().floor = true;
  }
  if (any_cell(study, [](const CellResult& cell) { return has_final(cell, "kl") && has_final(cell, "rec"); })) {
    figures.push_back(figure("rate_distortion", "rate_distortion", {}));
  }
  if (any_cell(study, [](const CellResult& cell) { return has_epoch_kl(cell); })) {
    figures.push_back(figure("kl_by_epoch", "curve", {"kl"}));
    figures.back().split = "valid";
    figures.back().floor = true;
  }
  if (any_cell(study, [](const CellResult& cell) { return final_metric(cell, "test", "kl_dim") != nullptr; })) {
    figures.push_back(figure("kl_by_dimension", "heatmap", {"kl_dim"}));
  }
  if (any_cell(study, [](const CellResult& cell) { return final_metric(cell, "test", "image_grid") != nullptr; })) {
    figures.push_back(figure("pictures", "images", {}));
  }
  for (const auto& option : numbers_swept(study)) {
    figures.push_back(figure("kl_by_" + last_part(option), "sweep", {"kl", "nll"}));
    figures.back().over = option;
    figures.back().floor = true;
    std::erase_if(figures.back().metrics, [&](const std::string& metric) {
      return std::none_of(study.cells.begin(), study.cells.end(),
                          [&](const CellResult& cell) { return has_final(cell, metric.c_str()); });
    });
    if (figures.back().metrics.empty()) figures.pop_back();
  }
  return figures;
}

void check_figure(const StudyResult& study, const FigureSpec& figure) { make(study, figure); }

Drawing draw_figure(const StudyResult& study, const FigureSpec& figure, const DrawOptions& options) {
  check_formats(figure, options.formats);
  const auto made = make(study, figure, options.rows);
  if (const auto* table = std::get_if<Table>(&made)) return write_table(*table, figure.name, options.folder);
  const auto& drawn = std::get<Drawn>(made);
  Drawing drawing = draw_script(drawn.script, options.folder, figure.name, options.formats, options.seconds);
  if (figure.notes == "file") {
    drawing.files.push_back(options.folder / (figure.name + ".txt"));
    write_file_durably(drawing.files.back(), fmt::format("{}\n", fmt::join(drawn.notes_beside, ".\n")));
  }
  return drawing;
}

bool draw_all(const StudyResult& study, const std::vector<FigureSpec>& figures, const DrawOptions& options,
              const std::function<void(const Drawing&)>& report) {
  bool whole = true;
  for (const auto& figure : figures) {
    Drawing drawing;
    try {
      drawing = draw_figure(study, figure, options);
    } catch (const std::exception& error) {
      drawing.problems = {error.what()};
    }
    whole = whole && drawing.problems.empty();
    report(drawing);
  }
  return whole;
}

}  // namespace klbench
