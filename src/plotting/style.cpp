#include "plotting/style.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>

#include "core/files.h"

namespace klbench {

namespace {

const std::map<std::string, Style>& built_in_styles() {
  static const std::map<std::string, Style> styles = {
      {"lstm_lm", {"#555555", 2, "(3,3)"}},
      {"pixelcnn_lm", {"#555555", 2, "(3,3)"}},
      {"transformer_lm", {"#555555", 8, "(6,3)"}},
      {"dilated_cnn_lm", {"#555555", 6, "(9,3,2,3)"}},
      {"vae", {"#000000", 7, "solid"}},
      {"kl_annealing", {"#E69F00", 5, "(12,4)"}},
      {"free_bits", {"#56B4E9", 9, "(9,3,2,3)"}},
      {"bn_vae", {"#0072B2", 13, "solid"}},
      {"sym_bn_vae", {"#D55E00", 11, "solid"}},
      {"ln_vae", {"#009E73", 15, "(6,3)"}},
      {"aggressive", {"#CC79A7", 4, "solid"}},
      {"beta_vae", {"#882255", 6, "(10,4)"}},
      {"capacity", {"#332288", 8, "(3,3)"}},
      {"control_vae", {"#999933", 10, "(9,3,2,3)"}},
      {"delta_vae", {"#44AA99", 12, "(6,3)"}},
      {"du_vae", {"#AA4499", 14, "solid"}},
      {"frozen_encoder", {"#AABB22", 6, "(3,3)"}},
      {"geco", {"#661100", 1, "(10,4)"}},
      {"info_vae", {"#6699CC", 4, "(10,4)"}},
      {"mu_forcing", {"#888888", 10, "solid"}},
      {"pooling_encoder", {"#DDAA33", 12, "(9,3,2,3)"}},
      {"pretrain_fb", {"#117733", 14, "(6,3)"}},
      {"skip_decoder", {"#CC6677", 1, "solid"}},
      {"soft_free_bits", {"#225555", 8, "(10,4)"}},
      {"word_dropout", {"#AA7744", 2, "(6,3)"}},
  };
  return styles;
}

constexpr std::array kOtherColours = {"#CC79A7", "#882255", "#332288", "#999933", "#44AA99", "#AA4499",
                                      "#117733", "#DDAA33", "#661100", "#6699CC", "#888888"};
constexpr std::array kOtherPoints = {4, 6, 8, 10, 12, 14, 1};
constexpr std::array kDashes = {"solid", "(10,4)", "(3,3)", "(9,3,2,3)", "(6,3)"};

/// Combination `index` of colour and point, modulo their number, with the dash of that point.
Style other_style(std::size_t index) {
  const std::size_t point = index / kOtherColours.size() % kOtherPoints.size();
  return {kOtherColours[index % kOtherColours.size()], kOtherPoints[point], kDashes[point % kDashes.size()]};
}

}  // namespace

std::string Style::line(double width) const { return fmt::format("lc rgb '{}' lw {} dt {}", colour, width, dash); }
std::string Style::marker(double size) const { return fmt::format("pt {} ps {} lc rgb '{}'", point, size, colour); }

std::map<std::string, Style> method_styles(const std::vector<std::string>& methods) {
  std::map<std::string, Style> styles;
  std::set<std::pair<std::string, int>> taken;
  for (const auto& [name, style] : built_in_styles()) taken.emplace(style.colour, style.point);
  for (const auto& name : std::set<std::string>(methods.begin(), methods.end())) {
    if (const auto found = built_in_styles().find(name); found != built_in_styles().end()) {
      styles[name] = found->second;
      continue;
    }
    std::size_t index = std::stoul(content_hash(name).substr(0, 8), nullptr, 16);
    for (std::size_t tries = 0; tries < kOtherColours.size() * kOtherPoints.size(); ++tries, ++index) {
      const Style style = other_style(index);
      if (taken.emplace(style.colour, style.point).second) break;
    }
    styles[name] = other_style(index);
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
