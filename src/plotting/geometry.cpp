#include "plotting/geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "plotting/legend_corner.h"

namespace klbench {

namespace {

constexpr std::size_t kLegendRows = 8;  // a longer legend widens the figure,
constexpr double kWidestLegend = 6.9;   // up to these inches
constexpr double kLeastPanel = 0.45;    // inches of a plotting area
constexpr double kLeastHeight = 0.9;    // inches of one that shrinks with its width
constexpr double kEntryRoom = kSample + 0.23;

bool same(const Range& a, const Range& b) { return a.low == b.low && a.high == b.high; }

bool same(const std::vector<Tick>& a, const std::vector<Tick>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Tick& x, const Tick& y) { return x.at == y.at && x.text == y.text; });
}

bool share_x(const Panel& a, const Panel& b) {
  return a.x_label == b.x_label && same(a.x, b.x) && a.log_x == b.log_x && same(a.x_ticks, b.x_ticks);
}

bool share_y(const Panel& a, const Panel& b) {
  return a.y_label == b.y_label && same(a.y, b.y) && a.log_y == b.log_y && same(a.y_ticks, b.y_ticks);
}

double entry_width(const LegendEntry& entry) { return kEntryRoom + text_width(one_line(entry.text), kTextPoints); }

/// Measures a figure with its panels in a number of columns.
class Placement {
 public:
  Placement(const Figure& figure, std::size_t columns, const std::string& legend_at)
      : figure_(figure),
        columns_(std::max<std::size_t>(1, std::min(columns, figure.panels.size()))),
        rows_((figure.panels.size() + columns_ - 1) / columns_),
        legend_at_(figure.legend.empty() ? "none" : legend_at) {
    made_.panel_width = figure.panel_width;
    made_.panel_height = figure.panel_height;
    made_.width = figure.look.width;
    name_axes();
    fix_width();
    fix_height();
    if (figure.look.height == 0) return;
    height_ = made_.panel_height;  // by which labels break
    fix_width();
    fix_height();
  }

  double panel_width() const { return made_.panel_width; }

  Geometry finish() {
    place_panels();
    place_legend();
    return std::move(made_);
  }

 private:
  void name_axes() {
    const auto& panels = figure_.panels;
    for (std::size_t i = 0; i < panels.size(); ++i) {
      PlacedPanel& placed = made_.panels.emplace_back();
      placed.names_y = i % columns_ == 0 || !share_y(panels[i], panels[i - 1]);
      placed.is_titled = i % columns_ == 0 || panels[i].title != panels[i - 1].title;
      placed.names_x = i + columns_ >= panels.size() || !share_x(panels[i], panels[i + columns_]);
    }
    const auto one = [&](const std::string Panel::*label) {
      return std::all_of(panels.begin(), panels.end(),
                         [&](const Panel& panel) { return panel.*label == panels[0].*label; });
    };
    if (columns_ > 1 && one(&Panel::x_label)) x_label_ = kLine * !panels[0].x_label.empty();
    for (std::size_t column = 0; column < columns_; ++column) share_y_label(column);
  }

  /// Where all panels of a column have one y label it stands once, nowhere where the column on the left has it.
  void share_y_label(std::size_t column) {
    const auto& panels = figure_.panels;
    std::string& label = column_labels_.emplace_back(panels.empty() ? "" : panels[column].y_label);
    for (std::size_t i = column; i < panels.size(); i += columns_) {
      if (panels[i].y_label != panels[column].y_label) label.clear();
    }
    for (std::size_t i = column; i < panels.size(); i += columns_) made_.panels[i].labels_y = label.empty();
  }

  /// The lines of a label that stands once; none where there is none.
  std::vector<std::string> column_label(std::size_t column) const {
    const std::string& label = column_labels_[column];
    if (label.empty() || (column > 0 && column_labels_[column - 1] == label)) return {};
    return label_lines(label, static_cast<double>(rows_) * made_.panel_height);
  }

  /// Space that panel `i` needs around its plotting area: a Box of widths.
  Box surroundings(std::size_t i) const {
    const Panel& panel = figure_.panels[i];
    const auto x_ticks = ticks_of(panel, true, made_.panel_width);
    const auto y_ticks = ticks_of(panel, false, made_.panel_height);
    Box space{0.09, std::max(panel.right, scale_width(panel)), 0.1, 0.08};
    if (made_.panels[i].names_y) {
      const auto own =
          made_.panels[i].labels_y ? label_lines(panel.y_label, made_.panel_height) : column_label(i % columns_);
      space.left = widest(y_ticks, longest_tick(figure_)) + 0.16 + kLine * static_cast<double>(own.size());
    }
    space.top += 0.16 * static_cast<double>(fitting_lines(panel.title, made_.panel_width + 0.1).size());
    if (made_.panels[i].names_x) {
      const auto lines = x_label_ > 0 ? 0 : label_lines(panel.x_label, made_.panel_width).size();
      space.bottom = 0.08 + tick_height(panel, x_ticks) + kLine * static_cast<double>(lines);
    }
    return space;
  }

  void measure_spaces() {
    column_space_.assign(columns_, {});
    row_space_.assign(rows_, {});
    for (std::size_t i = 0; i < figure_.panels.size(); ++i) {
      const Box space = surroundings(i);
      Box& column = column_space_[i % columns_];
      Box& row = row_space_[i / columns_];
      column.left = std::max(column.left, space.left);
      column.right = std::max(column.right, space.right);
      row.top = std::max(row.top, space.top);
      row.bottom = std::max(row.bottom, space.bottom);
    }
  }

  double column_spaces() const {
    return std::accumulate(column_space_.begin(), column_space_.end(), kMargin + side_legend(),
                           [](double sum, const Box& space) { return sum + space.left + space.right; });
  }

  /// Inches of a legend on the right.
  double side_legend() const {
    double width = 0;
    for (const auto& entry : figure_.legend) width = std::max(width, entry_width(entry));
    const double most = figure_.look.width > 0 ? 0.45 * figure_.look.width : kWidestLegend;
    return legend_at_ == "right" ? std::min(width, most) + 0.05 : 0;
  }

  void shape_panels() {
    if (height_ > 0) {
      made_.panel_height = height_;
      return;
    }
    const double shape = figure_.panel_height / figure_.panel_width;
    const bool rows_of_text = !figure_.panels.empty() && !figure_.panels[0].y_ticks.empty();
    if (figure_.look.aspect > 0) {
      made_.panel_height = made_.panel_width / figure_.look.aspect;
    } else if (figure_.keeps_shape) {
      made_.panel_height = made_.panel_width * shape;
    } else if (made_.panel_width < figure_.panel_width && !rows_of_text) {
      made_.panel_height = std::max(std::min(kLeastHeight, figure_.panel_height), made_.panel_width * shape);
    } else if (rows_of_text) {
      made_.panel_height = std::max(figure_.panel_height, text_rows());
    }
  }

  /// Inches that broken tick texts of a y axis need.
  double text_rows() const {
    std::size_t most = 1;
    for (const auto& tick : figure_.panels[0].y_ticks) {
      most = std::max(most, fitting_lines(one_line(tick.text), longest_tick(figure_)).size());
    }
    const double rows = figure_.panels[0].y.high - figure_.panels[0].y.low;
    return most > 1 ? rows * (kSmallLine * static_cast<double>(most) + 0.03) : 0;
  }

  /// Widths of panels and figure: each depends on the labels, which depend on the widths.
  void fix_width() {
    made_.note_lines.clear();
    legend_rows_.clear();
    for (int pass = 0; pass < 4; ++pass) {
      shape_panels();
      measure_spaces();
      if (figure_.look.width > 0) {
        made_.panel_width = (figure_.look.width - column_spaces()) / static_cast<double>(columns_);
        made_.panel_width = std::max(made_.panel_width, 0.1);
      }
    }
    if (figure_.look.width == 0) made_.width = column_spaces() + static_cast<double>(columns_) * made_.panel_width;
    if (legend_at_ == "below") measure_legend();
    const double length = made_.width - 2 * kMargin;
    for (const auto& note : figure_.notes) {
      const auto lines = wrap(one_line(note), static_cast<std::size_t>(length / text_width("x", kSmallPoints)));
      made_.note_lines.insert(made_.note_lines.end(), lines.begin(), lines.end());
    }
    if (figure_.title.empty()) return;
    made_.title_lines = wrap(one_line(figure_.title), static_cast<std::size_t>(length / text_width("x", kTitlePoints)));
  }

  double notes_height() const { return kMargin / 2 + kSmallLine * static_cast<double>(made_.note_lines.size()); }
  double title_height() const { return 0.04 + kTitleLine * static_cast<double>(made_.title_lines.size()); }

  void fix_height() {
    double rest = notes_height() + kMargin / 2 + legend_height_ + title_height() + x_label_;
    for (const auto& space : row_space_) rest += space.top + space.bottom;
    const auto rows = static_cast<double>(std::max<std::size_t>(1, rows_));
    if (figure_.look.height > 0) made_.panel_height = (figure_.look.height - rest) / rows;
    const bool is_free = figure_.look.height == 0 && figure_.look.aspect == 0 && !figure_.keeps_shape;
    if (legend_at_ == "right" && is_free) {  // as high as the legend
      made_.panel_height = std::max(made_.panel_height, std::min(side_height() / rows, 1.5 * made_.panel_width));
    }
    made_.height = rest + made_.panel_height * static_cast<double>(rows_);
    if (legend_at_ == "right") made_.height = std::max(made_.height, rest + side_height());
    if (figure_.panels.empty() || (made_.panel_height >= kLeastPanel && made_.panel_width >= kLeastPanel)) return;
    if (figure_.look.height > 0 && made_.panel_height < kLeastPanel) {
      throw UsageError(fmt::format("a height of {:.3g} in leaves {:.2g} in for each panel; {:.2f} in would do",
                                   figure_.look.height, std::max(0.0, made_.panel_height), rest + rows * kLeastPanel));
    }
    if (made_.panel_width >= kLeastPanel) return;
    throw UsageError(fmt::format(
        "a width of {:.3g} in leaves {:.2g} in for each panel beside the labels; shorten them (names: ...), "
        "choose fewer rows (only: ...) or a larger width",
        figure_.look.width, std::max(0.0, made_.panel_width)));
  }

  /// Columns of a legend below; without a width of its own the figure grows with it.
  void measure_legend() {
    const std::size_t count = figure_.legend.size();
    const bool fixed = figure_.look.width > 0;
    const auto width = [&](std::size_t columns) {
      const auto widths = legend_widths(columns);
      return std::accumulate(widths.begin(), widths.end(), 2 * kMargin);
    };
    std::size_t columns = count;
    while (columns > 1 && width(columns) > made_.width) --columns;
    while (!fixed && columns * kLegendRows < count && width(columns + 1) <= kWidestLegend) ++columns;
    const std::size_t rows = (count + columns - 1) / columns;
    columns = (count + rows - 1) / rows;  // rows of even length
    legend_columns_ = legend_widths(columns);
    if (!fixed) {
      made_.panel_width += std::max(0.0, width(columns) - made_.width) / static_cast<double>(columns_);
      made_.width = std::max(made_.width, width(columns));
    } else if (columns == 1) {
      legend_columns_[0] = std::min(legend_columns_[0], made_.width - 2 * kMargin);
    }
    for (std::size_t i = 0; i < count; i += columns) {
      std::size_t most = 1;
      for (std::size_t j = i; j < std::min(i + columns, count); ++j) most = std::max(most, entry_lines(j).size());
      legend_rows_.push_back(kLine * static_cast<double>(most));
    }
    legend_height_ = std::accumulate(legend_rows_.begin(), legend_rows_.end(), 0.07);
  }

  /// Width of every legend column when the entries stand in rows of `columns`.
  std::vector<double> legend_widths(std::size_t columns) const {
    std::vector<double> widths(columns, 0.0);
    for (std::size_t i = 0; i < figure_.legend.size(); ++i) {
      widths[i % columns] = std::max(widths[i % columns], entry_width(figure_.legend[i]));
    }
    return widths;
  }

  std::vector<std::string> entry_lines(std::size_t i) const {
    const double room = legend_at_ == "below" ? legend_columns_[i % legend_columns_.size()] : side_legend();
    return fitting_lines(one_line(figure_.legend[i].text), room - kEntryRoom + 0.1);
  }

  double side_height() const {
    double height = 0;
    for (std::size_t i = 0; i < figure_.legend.size(); ++i) {
      height += kLine * static_cast<double>(entry_lines(i).size());
    }
    return height;
  }

  void place_panels() {
    double top = made_.height - title_height();
    for (std::size_t row = 0; row < rows_; ++row) {
      top -= row_space_[row].top;
      double left = kMargin / 2;
      for (std::size_t column = 0; column < columns_; ++column) {
        left += column_space_[column].left;
        if (row * columns_ + column < figure_.panels.size()) {
          made_.panels[row * columns_ + column].box = {left, left + made_.panel_width, top - made_.panel_height, top};
        }
        left += made_.panel_width + column_space_[column].right;
      }
      top -= made_.panel_height + row_space_[row].bottom;
    }
    if (x_label_ > 0) made_.x_label_at = top - x_label_ / 2;
    for (std::size_t column = 0; column < columns_; ++column) place_y_label(column);
  }

  void place_y_label(std::size_t column) {
    const auto lines = column_label(column);
    if (lines.empty()) return;
    const Box& first = made_.panels[column].box;
    std::size_t last = column;
    while (last + columns_ < made_.panels.size()) last += columns_;
    made_.y_labels.push_back({first.left - column_space_[column].left + 0.02 + kLine / 2,
                              (first.top + made_.panels[last].box.bottom) / 2, lines});
  }

  void place_legend() {
    if (legend_at_ == "below") place_below();
    if (legend_at_ == "right") {
      const double top = made_.height - title_height() - (row_space_.empty() ? 0 : row_space_[0].top);
      place_list(made_.width - side_legend() + 0.02, top);
    }
    if (legend_at_ == "inside") place_inside();
  }

  void place_below() {
    const double total = std::accumulate(legend_columns_.begin(), legend_columns_.end(), 0.0);
    double top = notes_height() + legend_height_;
    double x = 0;
    for (std::size_t i = 0; i < figure_.legend.size(); ++i) {
      const std::size_t column = i % legend_columns_.size();
      if (column == 0) x = std::max(kMargin, (made_.width - total) / 2 + 0.08);
      made_.legend.push_back({x, top - kLine / 2, entry_lines(i)});
      x += legend_columns_[column];
      if (column + 1 == legend_columns_.size()) top -= legend_rows_[i / legend_columns_.size()];
    }
  }

  void place_list(double left, double top) {
    for (std::size_t i = 0; i < figure_.legend.size(); ++i) {
      made_.legend.push_back({left, top - kLine / 2, entry_lines(i)});
      top -= kLine * static_cast<double>(made_.legend.back().lines.size());
    }
  }

  /// In a corner of the first panel where no data is drawn; nowhere where there is none.
  void place_inside() {
    double width = 0;
    for (const auto& entry : figure_.legend) width = std::max(width, entry_width(entry) - 0.04);
    const double height = kLine * static_cast<double>(figure_.legend.size()) + 0.04;
    const Box& panel = made_.panels.at(0).box;
    if (width > made_.panel_width || height > made_.panel_height) {
      throw UsageError(
          fmt::format("a legend of {:.2f} x {:.2f} in does not go inside a panel of {:.2f} x {:.2f} in; "
                      "choose another place (legend: below, right)",
                      width, height, made_.panel_width, made_.panel_height));
    }
    made_.legend_ground = empty_corner(figure_, panel, width, height);
    if (!made_.legend_ground) return;
    double top = made_.legend_ground->top - 0.02;
    for (const auto& entry : figure_.legend) {
      made_.legend.push_back({made_.legend_ground->left + 0.06, top - kLine / 2, {one_line(entry.text)}});
      top -= kLine;
    }
  }

  const Figure& figure_;
  std::size_t columns_, rows_;
  std::string legend_at_;
  Geometry made_;
  std::vector<Box> column_space_, row_space_;
  std::vector<double> legend_columns_;      // widths
  std::vector<double> legend_rows_;         // heights
  double legend_height_ = 0;                // of a legend below
  double height_ = 0;                       // of a panel, where that of the figure has fixed it
  double x_label_ = 0;                      // inches of a label that all panels share
  std::vector<std::string> column_labels_;  // y labels that all panels of a column share
};

Geometry place_columns(const Figure& figure, const std::string& legend_at) {
  for (auto columns = static_cast<std::size_t>(std::max(1, figure.columns));; --columns) {
    // A trial may be too narrow for its labels where fewer columns are not.
    try {
      Placement placement(figure, columns, legend_at);
      if (columns == 1 || figure.look.width == 0 || placement.panel_width() >= figure.narrowest)
        return placement.finish();
    } catch (const UsageError&) {
      if (columns == 1 || figure.look.width == 0) throw;
    }
  }
}

}  // namespace

Geometry place_figure(const Figure& figure) {
  Geometry made = place_columns(figure, figure.look.legend.empty() ? "below" : figure.look.legend);
  if (figure.look.legend != "inside" || figure.legend.empty() || made.legend_ground) return made;
  made = place_columns(figure, "below");
  made.warning = "a legend inside would hide data wherever it stands; it stands below";
  return made;
}

}  // namespace klbench
