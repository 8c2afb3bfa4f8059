#include "plotting/style.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>

namespace klbench {

namespace {

const std::vector<std::pair<std::string, Style>>& built_in_styles() {
  static const std::vector<std::pair<std::string, Style>> styles = {
      {"lstm_lm", {"#555555", 2, "(3,3)"}},       {"vae", {"#000000", 7, "solid"}},
      {"kl_annealing", {"#E69F00", 5, "(12,4)"}}, {"free_bits", {"#56B4E9", 9, "(9,3,2,3)"}},
      {"bn_vae", {"#0072B2", 13, "solid"}},       {"sym_bn_vae", {"#D55E00", 11, "solid"}},
      {"ln_vae", {"#009E73", 15, "(6,3)"}},
  };
  return styles;
}

constexpr std::array kOtherColours = {"#CC79A7", "#882255", "#332288", "#999933", "#44AA99", "#AA4499",
                                      "#117733", "#DDAA33", "#661100", "#6699CC", "#888888"};
constexpr std::array kOtherPoints = {4, 6, 8, 10, 12, 14, 1};
constexpr std::array kDashes = {"solid", "(10,4)", "(3,3)", "(9,3,2,3)", "(6,3)"};

}  // namespace

std::string Style::line(double width) const { return fmt::format("lc rgb '{}' lw {} dt {}", colour, width, dash); }
std::string Style::marker(double size) const { return fmt::format("pt {} ps {} lc rgb '{}'", point, size, colour); }

std::map<std::string, Style> method_styles(const std::vector<std::string>& methods) {
  std::map<std::string, Style> styles;
  std::set<std::string> others(methods.begin(), methods.end());
  for (const auto& [name, style] : built_in_styles()) {
    if (others.erase(name) > 0) styles[name] = style;
  }
  std::size_t i = 0;
  for (const auto& name : others) {
    styles[name] = {kOtherColours[i % kOtherColours.size()], kOtherPoints[i % kOtherPoints.size()],
                    kDashes[i % kDashes.size()]};
    ++i;
  }
  return styles;
}

std::string lighten(const std::string& colour, double white) {
  std::string mixed = "#";
  for (std::size_t i = 1; i < 7; i += 2) {
    const int channel = std::stoi(colour.substr(i, 2), nullptr, 16);
    mixed += fmt::format("{:02X}", static_cast<int>(std::lround(channel + white * (255 - channel))));
  }
  return mixed;
}

Style variant(const Style& style, std::size_t index, std::size_t count) {
  if (count < 2) return style;
  Style changed = style;
  changed.colour = lighten(style.colour, 0.6 * (1 - static_cast<double>(index) / static_cast<double>(count - 1)));
  changed.dash = kDashes[index % kDashes.size()];
  return changed;
}

}  // namespace klbench
