#include "plotting/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/files.h"

namespace klbench {

namespace {

const std::map<std::string, Style>& built_in_styles() {
  static const std::map<std::string, Style> styles = {
      {"lstm_lm", {"#555555", 2, "(3,3)"}},
      {"pixelcnn_lm", {"#3A3A3A", 1, "(3,3)"}},
      {"transformer_lm", {"#777777", 8, "(6,3)"}},
      {"dilated_cnn_lm", {"#999999", 6, "(9,3,2,3)"}},
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
      {"info_vae", {"#A596FF", 4, "(10,4)"}},
      {"mu_forcing", {"#69C35A", 10, "solid"}},
      {"pooling_encoder", {"#FF8769", 12, "(9,3,2,3)"}},
      {"pretrain_fb", {"#117733", 14, "(6,3)"}},
      {"skip_decoder", {"#CC6677", 1, "solid"}},
      {"soft_free_bits", {"#5A5A1E", 8, "(10,4)"}},
      {"word_dropout", {"#AA7744", 2, "(6,3)"}},
      {"aae", {"#694B78", 4, "solid"}},
      {"beta_tc", {"#B40F3C", 6, "(10,4)"}},
      {"bn_scale_schedule", {"#F087F0", 8, "(3,3)"}},
      {"bow", {"#0F69D2", 10, "(9,3,2,3)"}},
      {"coupled_vae", {"#96B478", 12, "(6,3)"}},
      {"dg_vae", {"#FF69B4", 14, "solid"}},
      {"dip_vae", {"#1E5A3C", 1, "(10,4)"}},
      {"factor_vae", {"#A5A5E1", 2, "(3,3)"}},
      {"fraternal", {"#783C3C", 7, "(9,3,2,3)"}},
      {"iwae", {"#A52D0F", 5, "(6,3)"}},
      {"latent_reconstruction", {"#A57800", 9, "solid"}},
      {"mdr", {"#4B7800", 11, "(10,4)"}},
      {"mpd", {"#785AB4", 13, "(3,3)"}},
      {"sa_vae", {"#5AA5FF", 15, "(9,3,2,3)"}},
      {"scale_vae", {"#E19687", 4, "(6,3)"}},
      {"wae_mmd", {"#1E8796", 6, "solid"}},
      {"whiten_bn", {"#F0964B", 8, "(10,4)"}},
  };
  return styles;
}

/// As far as can be (Lab distance 20 and more) from those above and from each other.
constexpr std::array kOtherColours = {"#C31E69", "#FF6978", "#964B00", "#00C378", "#D296E1", "#A54B3C", "#2D4B96",
                                      "#5A875A", "#D2A55A", "#782D96", "#965A78", "#6978C3", "#78A54B", "#785A00",
                                      "#00B4C3", "#9678A5", "#87874B", "#2D5A0F", "#784B1E"};
constexpr std::array kOtherPoints = {4, 6, 8, 10, 12, 14, 1};
constexpr std::size_t kOtherStyles = kOtherColours.size() * kOtherPoints.size();
constexpr std::array kDashes = {"solid", "(10,4)", "(3,3)", "(9,3,2,3)", "(6,3)"};
/// The markers of variants, from that of their method on: filled, open, crosses.
constexpr std::array kMarkers = {7, 5, 9, 13, 11, 15, 6, 4, 8, 12, 10, 14, 2, 1, 3};
constexpr double kPalest = 0.5;

/// Combination `index` of colour and point, modulo their number, with the dash of that point.
Style other_style(std::size_t index) {
  const std::size_t point = index / kOtherColours.size() % kOtherPoints.size();
  return {kOtherColours[index % kOtherColours.size()], kOtherPoints[point], kDashes[point % kDashes.size()]};
}

/// CIE Lab under D65 of "#RRGGBB".
std::array<double, 3> lab(const std::string& colour) {
  std::array<double, 3> c{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double share = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    c[i] = share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
  }
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16 / 116.0; };
  const double x = f((0.4124 * c[0] + 0.3576 * c[1] + 0.1805 * c[2]) / 0.95047);
  const double y = f(0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]);
  const double z = f((0.0193 * c[0] + 0.1192 * c[1] + 0.9505 * c[2]) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

/// The same marker in colours that are taken for one another.
bool alike(const Style& a, const Style& b) {
  constexpr double kNear = 28;  // in Lab
  if (a.point != b.point) return false;
  const auto p = lab(a.colour), q = lab(b.colour);
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) < kNear;
}

/// Whether a built-in method is like combination `index`.
bool is_like_built_in(std::size_t index) {
  static const auto like = [] {
    std::vector<bool> found;
    for (std::size_t i = 0; i < kOtherStyles; ++i) {
      found.push_back(std::any_of(built_in_styles().begin(), built_in_styles().end(),
                                  [&](const auto& built_in) { return alike(built_in.second, other_style(i)); }));
    }
    return found;
  }();
  return like[index % kOtherStyles];
}

}  // namespace

std::string Style::line(double width) const { return fmt::format("lc rgb '{}' lw {} dt {}", colour, width, dash); }
std::string Style::marker(double size) const { return fmt::format("pt {} ps {} lc rgb '{}'", point, size, colour); }

std::map<std::string, Style> method_styles(const std::vector<std::string>& methods) {
  std::map<std::string, Style> styles;
  std::set<std::string> colours;  // of the others
  std::set<std::pair<std::string, int>> markers;
  for (const auto& name : std::set<std::string>(methods.begin(), methods.end())) {
    if (const auto found = built_in_styles().find(name); found != built_in_styles().end()) {
      styles[name] = found->second;
      continue;
    }
    const std::size_t hash = std::stoul(content_hash(name).substr(0, 8), nullptr, 16);
    const bool every_colour_taken = colours.size() == kOtherColours.size();
    const auto taken = [&](std::size_t index) {
      const Style style = other_style(index);
      if (is_like_built_in(index)) return true;
      if (every_colour_taken) return markers.contains({style.colour, style.point});
      const auto is_like = [&](const auto& other) { return alike(other.second, style); };
      return colours.contains(style.colour) || std::any_of(styles.begin(), styles.end(), is_like);
    };
    std::size_t index = hash;
    for (std::size_t tries = 1; tries < kOtherStyles && taken(index); ++tries) {
      // First the colour's other points, then the next colour.
      index = hash + tries / kOtherPoints.size() + tries % kOtherPoints.size() * kOtherColours.size();
    }
    const Style style = styles[name] = other_style(index);
    colours.insert(style.colour);
    markers.emplace(style.colour, style.point);
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
  if (count < 2 || index == 0) return style;
  Style changed = style;
  changed.colour = lighten(style.colour, kPalest * static_cast<double>(index) / static_cast<double>(count - 1));
  const auto own = std::find(kMarkers.begin(), kMarkers.end(), style.point) - kMarkers.begin();
  changed.point = kMarkers[(static_cast<std::size_t>(own) + index) % kMarkers.size()];
  changed.dash = kDashes[index % kDashes.size()];
  return changed;
}

}  // namespace klbench
