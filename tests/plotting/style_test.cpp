#include "plotting/style.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <set>

#include "catch.h"

using namespace klbench;

namespace {

/// CIE Lab, for the distance that an eye sees.
std::array<double, 3> lab(const std::string& colour) {
  std::array<double, 3> rgb{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    rgb[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16 / 116.0; };
  const double x = f((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.95047);
  const double y = f(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
  const double z = f((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double distance(const std::string& a, const std::string& b) {
  const auto p = lab(a), q = lab(b);
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

}  // namespace

TEST_CASE("no two remedies look alike, alone or composed") {
  std::vector<std::string> methods = {"lstm_lm", "free_bits+kl_annealing", "bn_vae+frozen_encoder",
                                      "bn_vae+kl_annealing"};
  const auto folder = std::filesystem::path(KLBENCH_SOURCE_DIR) / "src/regularizers/builtin";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".cpp") methods.push_back(file.path().stem());
  }
  REQUIRE(methods.size() > 30);
  const auto styles = method_styles(methods);
  for (const auto& a : methods) {
    for (const auto& b : methods) {
      INFO(a << " " << styles.at(a).colour << ", " << b << " " << styles.at(b).colour);
      if (a >= b) continue;
      CHECK(distance(styles.at(a).colour, styles.at(b).colour) > 15);
      if (styles.at(a).point == styles.at(b).point) CHECK(distance(styles.at(a).colour, styles.at(b).colour) > 25);
    }
  }
}

TEST_CASE("variants keep the hue of their remedy, the first the strongest, each with a marker of its own") {
  const Style bn = method_styles({"bn_vae"}).at("bn_vae");
  std::set<int> points;
  double before = -1;
  for (std::size_t i = 0; i < 4; ++i) {
    const Style style = variant(bn, i, 4);
    CHECK(lab(style.colour)[0] > before);
    before = lab(style.colour)[0];
    points.insert(style.point);
  }
  CHECK(variant(bn, 0, 4).colour == bn.colour);
  CHECK(points.size() == 4);
  CHECK(before < 80);  // still seen on white
}
