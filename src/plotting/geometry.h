#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plotting/axis_texts.h"

namespace klbench {

struct Box {
  double left = 0, right = 0, bottom = 0, top = 0;  // inches from the lower left corner of the figure
};

struct PlacedPanel {
  Box box;                ///< the plotting area
  bool names_x = true;    ///< false: the panel below has the same tick texts and label
  bool names_y = true;    ///< false: the panel on the left has them
  bool is_titled = true;  ///< false: the panel on the left has the same title
  bool labels_y = true;   ///< has its own y label, where it names_y
};

/// The y label of a column of panels.
struct PlacedLabel {
  double left = 0, middle = 0;  ///< of its first line, between its ends
  std::vector<std::string> lines;
};

struct PlacedEntry {
  double left = 0, middle = 0;  ///< of its sample, in the middle of its first line
  std::vector<std::string> lines;
};

/// Where everything of a figure stands, inches.
struct Geometry {
  double width = 0, height = 0;
  double panel_width = 0, panel_height = 0;
  std::vector<PlacedPanel> panels;
  std::optional<double> x_label_at;  ///< height of the one x label of all panels, else each that names_x has its own
  std::vector<PlacedLabel> y_labels;
  std::vector<std::string> title_lines;
  std::vector<std::string> note_lines;
  std::vector<PlacedEntry> legend;   ///< of figure.legend; empty: none
  std::optional<Box> legend_ground;  ///< of a legend inside the first panel
  std::string warning;               ///< what was asked for and is not so; empty: nothing
};

/// Throws UsageError as layout().
Geometry place_figure(const Figure& figure);

}  // namespace klbench
