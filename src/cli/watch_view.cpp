#include "cli/watch_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plotting/text_chart.h"
#include "sweep/progress_view.h"

namespace klbench {

namespace {

constexpr std::size_t kShortestChart = 7;
constexpr std::size_t kChart = 16;  // where lines are without number
constexpr std::size_t kNarrowestChart = 20;
constexpr std::size_t kShortestLabel = 12;

/// The mean of what is known; NaN where nothing is.
class Mean {
 public:
  void see(double value) {
    if (!std::isfinite(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ == 0 ? std::nan("") : sum_ / static_cast<double>(count_); }

 private:
  double sum_ = 0;
  std::size_t count_ = 0;
};

/// Cells that differ in their seed alone.
struct WatchRow {
  std::string label;
  TextCurve curve;  ///< the mean over its cells
  std::map<std::string, std::size_t> counts;
  std::size_t cells = 0;
  Mean running_epochs, kl, valid_elbo;
  double epochs_done = 0, epochs = 0;
  double rest = 0;  ///< seconds until its running cells end; 0: none runs, or it is not known
  std::map<double, Mean> by_epoch;

  std::size_t count(const std::string& state) const {
    const auto found = counts.find(state);
    return found == counts.end() ? 0 : found->second;
  }

  void add(const LiveCell& cell) {
    ++cells;
    ++counts[cell.state];
    kl.see(cell.kl);
    valid_elbo.see(cell.valid_elbo);
    for (const auto& [epoch, value] : cell.curve) by_epoch[epoch].see(value);
    epochs = std::max(epochs, cell.epochs);
    epochs_done = std::max(epochs_done, cell.epochs_done);
    if (cell.state != "running") return;
    running_epochs.see(cell.epochs_done);
    if (cell.seconds > 0 && cell.epochs_done > 0) {
      rest = std::max(rest, cell.seconds / cell.epochs_done * (cell.epochs - cell.epochs_done));
    }
  }
};

/// In the order of the grid, with colours and markers as figures have them.
std::vector<WatchRow> rows_of(const LiveStudy& study, const WatchPaper& paper) {
  std::vector<WatchRow> rows;
  std::map<std::string, std::size_t> places;
  for (const auto& cell : study.cells()) {
    const auto [place, is_new] = places.try_emplace(cell.row, rows.size());
    if (is_new) rows.emplace_back().label = cell.row;
    rows[place->second].add(cell);
  }
  std::map<std::string, std::vector<std::size_t>> by_method;
  std::vector<std::string> methods;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    methods.push_back(rows[i].label.substr(0, rows[i].label.find(' ')));
    by_method[methods.back()].push_back(i);
  }
  const auto styles = method_styles(methods);
  for (const auto& [method, same] : by_method) {
    for (std::size_t k = 0; k < same.size(); ++k) {
      WatchRow& row = rows[same[k]];
      const Style style = variant(styles.at(method), k, same.size());
      row.curve.marker = text_marker(style, same[k], paper.utf8);
      if (paper.colours) row.curve.colour = terminal_colour(style.colour, paper.true_colour);
      for (const auto& [epoch, mean] : row.by_epoch) row.curve.points.emplace_back(epoch, mean.value());
    }
  }
  return rows;
}

struct Column {
  int rank;  ///< of columns that do not fit, the highest goes first
  std::string title;
  std::vector<std::string> cells;
  std::size_t width() const {
    std::size_t width = title.size();
    for (const auto& cell : cells) width = std::max(width, cell.size());
    return width;
  }
};

std::string epochs_text(const WatchRow& row) {
  const double running = row.running_epochs.value();
  const double done = std::isnan(running) ? row.epochs_done : running;
  if (done <= 0 && row.epochs <= 0) return "";
  const std::string text = done == std::floor(done) ? fmt::format("{:.0f}", done) : fmt::format("{:.1f}", done);
  return row.epochs > 0 ? fmt::format("{}/{:.0f}", text, row.epochs) : text;
}

std::string others_text(const WatchRow& row) {
  std::vector<std::string> parts;
  for (const auto& [state, count] : row.counts) {
    if (state != "done") parts.push_back(fmt::format("{} {}", count, state));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// The columns right of the labels that fit beside labels of at least kShortestLabel characters.
std::vector<Column> columns_of(const std::vector<const WatchRow*>& rows, std::size_t width) {
  std::vector<Column> columns = {{1, "done", {}},     {5, "others", {}},     {0, "epoch", {}},
                                 {2, "valid KL", {}}, {3, "valid ELBO", {}}, {4, "ETA", {}}};
  for (const WatchRow* row : rows) {
    const std::array<std::string, 6> cells = {fmt::format("{}/{}", row->count("done"), row->cells),
                                              others_text(*row),
                                              epochs_text(*row),
                                              progress_number(row->kl.value()),
                                              progress_number(row->valid_elbo.value()),
                                              row->rest > 0 ? duration_text(row->rest) : ""};
    for (std::size_t i = 0; i < cells.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  std::erase_if(columns, [](const Column& column) {
    return std::all_of(column.cells.begin(), column.cells.end(), [](const auto& cell) { return cell.empty(); });
  });
  const auto total = [&] {
    std::size_t sum = 2 + kShortestLabel;
    for (const auto& column : columns) sum += 2 + column.width();
    return sum;
  };
  while (!columns.empty() && total() > width) {
    columns.erase(std::max_element(columns.begin(), columns.end(), [](auto& a, auto& b) { return a.rank < b.rank; }));
  }
  return columns;
}

std::vector<std::string> table_lines(const std::vector<const WatchRow*>& rows, std::size_t width) {
  const auto columns = columns_of(rows, width);
  std::size_t room = width - std::min<std::size_t>(width, 2);
  std::string head = "  ";
  for (const auto& column : columns) room -= 2 + column.width();
  std::size_t label_width = 0;
  for (const WatchRow* row : rows) label_width = std::max(label_width, row->label.size());
  label_width = std::min(label_width, room);
  head += std::string(label_width, ' ');
  for (const auto& column : columns) head += fmt::format("  {:>{}}", column.title, column.width());
  std::vector<std::string> lines = {head};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const WatchRow& row = *rows[i];
    std::string line = in_colour(row.curve.colour, row.curve.marker) + " ";
    line += fmt::format("{:<{}}", shorten(row.label, label_width), label_width);
    for (const auto& column : columns) line += fmt::format("  {:>{}}", column.cells[i], column.width());
    lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  return lines;
}

std::string head_line(const LiveStudy& study, std::size_t width) {
  const double rest = study.remaining();
  const std::string time = rest >= 0 ? ", ETA " + duration_text(rest) : "";
  std::string text = fmt::format("{}: {} cells", study.name(), study.cells().size());
  for (const auto& [state, count] : study.counts()) text += fmt::format(", {} {}", count, state);
  text += time;
  if (!study.is_running() && !study.is_over()) text += ", no run is going on";
  return text.substr(0, width);
}

std::string chart_title(const LiveStudy& study) {
  const MetricInfo info = metric_info(study.metric());
  return fmt::format("{}, {}{}, mean over seeds", info.long_name, study.split(),
                     info.units == "1" ? "" : " (" + info.units + ")");
}

/// Why there are no curves.
std::string no_curves(const LiveStudy& study) {
  if (study.recorded().empty()) return "no epoch is recorded yet on " + study.split();
  return fmt::format("no {} on {}; recorded: {}", study.metric(), study.split(), fmt::join(study.recorded(), ", "));
}

/// At most `count`, those with running cells before others, in the order of the grid.
std::vector<const WatchRow*> chosen(const std::vector<WatchRow>& rows, std::size_t count) {
  std::vector<const WatchRow*> all;
  for (const auto& row : rows) all.push_back(&row);
  std::stable_partition(all.begin(), all.end(), [](const WatchRow* row) { return row->count("running") > 0; });
  all.resize(std::min(all.size(), count));
  std::sort(all.begin(), all.end());  // they stand in one vector
  return all;
}

}  // namespace

std::vector<std::string> watch_lines(const LiveStudy& study, const WatchPaper& paper) {
  const auto rows = rows_of(study, paper);
  const bool drawn = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return !row.curve.points.empty(); });
  const std::size_t fixed = 3;  // head, head of the table, title of the chart
  const std::size_t height = paper.rows > 0 ? paper.rows : fixed + rows.size() + kChart;
  const bool has_chart = height >= fixed + 2 + kShortestChart && paper.columns >= kNarrowestChart;
  const std::size_t room = has_chart ? height - fixed - kShortestChart : height > 3 ? height - 2 : 1;
  const auto shown = chosen(rows, rows.size() > room ? room - 1 : room);
  std::vector<std::string> lines = {head_line(study, paper.columns)};
  for (auto& line : table_lines(shown, paper.columns)) lines.push_back(std::move(line));
  if (shown.size() < rows.size()) {
    lines.push_back(fmt::format("  and {} rows more", rows.size() - shown.size()).substr(0, paper.columns));
  }
  if (!has_chart) {
    lines.resize(std::min(lines.size(), height));
    return lines;
  }
  lines.push_back((drawn ? chart_title(study) : no_curves(study)).substr(0, paper.columns));
  if (!drawn) return lines;
  std::vector<TextCurve> curves;
  double last = 0;
  for (const auto& row : rows) {
    curves.push_back(row.curve);
    last = std::max(last, row.epochs);
  }
  for (auto& line : text_chart(curves, last, paper.columns, height - lines.size(), paper.utf8)) {
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace klbench
