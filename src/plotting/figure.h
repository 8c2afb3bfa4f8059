#pragma once

#include <string>
#include <vector>

#include "plotting/script.h"

namespace klbench {

struct Range {
  double low = 0;
  double high = 1;
};

/// A tick; without text gnuplot writes the number.
struct Tick {
  double at = 0;
  std::string text{};
};

/// Text inside a panel, at data coordinates.
struct PanelText {
  double x = 0;
  double y = 0;
  std::string text;
  char align = 'l';  ///< l, c or r
  int rotate = 0;    ///< degrees
};

/// Colours from 0 to `largest`, on the right of a panel.
struct ColourScale {
  double largest = 0;  ///< 0: there is none
  std::vector<Tick> ticks{};
  std::string unit{};
};

/// One coordinate system.
struct Panel {
  std::string title;
  std::string x_label;
  std::string y_label;
  Range x;
  Range y;
  bool log_x = false;
  bool log_y = false;
  bool whole_x = false;               ///< x counts something: its ticks are whole numbers
  std::vector<Tick> x_ticks;          ///< empty: chosen from the range
  std::vector<Tick> y_ticks;          ///< empty: chosen from the range
  std::vector<std::string> settings;  ///< gnuplot commands before the plot
  std::vector<std::string> plots;     ///< the comma-separated parts of its plot command
  std::size_t helping = 0;            ///< so many of them, the first, are no data: a legend inside may lie over them
  std::vector<PanelText> texts;
  ColourScale scale;
  double right = 0.14;            ///< inches kept free beside the plotting area
  bool diagonal_x_ticks = false;  ///< tick texts too long to stand side by side
};

/// A sample line and/or point with its text.
struct LegendEntry {
  std::string text;
  std::string line;   ///< gnuplot line attributes; empty: none
  std::string point;  ///< gnuplot point attributes; empty: none
};

/// How a figure is asked to look (FigureSpec); 0 and "": as its content asks for.
struct Look {
  double width = 0;      ///< inches, of the whole figure
  double height = 0;     ///< inches, of the whole figure
  double aspect = 0;     ///< width of a panel by its height
  std::string legend{};  ///< below, right, inside or none
};

/// What a figure kind makes of results; everything is placed in inches by `layout`, so that nothing overlaps. Labels
/// and tick texts that panels side by side, or one above the other, share with the same range stand once.
struct Figure {
  std::string title;
  std::vector<Panel> panels;
  int columns = 1;           ///< at most
  double panel_width = 3.3;  ///< inches, the plotting area
  double panel_height = 2.1;
  double narrowest = 1.05;   ///< inches of a panel; where a given width leaves less there are fewer columns
  bool keeps_shape = false;  ///< panels keep panel_width by panel_height whatever the figure's width
  std::vector<LegendEntry> legend;
  std::vector<std::string> notes;
  std::vector<DataBlock> data;
  Look look{};

  /// Adds a data block and returns its name, "$d0".
  std::string add(std::string comment, Rows rows);
  /// Adds an entry to the legend unless it stands there.
  void explain(LegendEntry entry);
};

/// Smallest range around `values` with some room; `from_zero` includes 0. Values a log axis cannot show are left out.
Range range_of(const std::vector<double>& values, bool log, bool from_zero = false);

/// Places of at least two round ticks in a range: about `count` multiples of 1, 2 or 5 times a power of ten; on a log
/// axis decades, or 1, 2, 5 times decades where there are few, or multiples where there are few of these, too. `whole`:
/// whole numbers only, of which the range may hold one.
std::vector<double> nice_ticks(const Range& range, bool log, int count, bool whole = false);

/// `text` in lines of at most `width` characters, broken at spaces, in words that are longer after _ + or /.
std::vector<std::string> wrap(const std::string& text, std::size_t width);

/// Width in inches of `text` at `points` in DejaVu Sans, estimated for characters beyond ASCII.
double text_width(const std::string& text, double points);

/// The commands that draw the figure: panels in rows, legend and notes below, title above. Throws UsageError where the
/// width or height asked for leaves no room for the panels.
Script layout(const Figure& figure);

}  // namespace klbench
