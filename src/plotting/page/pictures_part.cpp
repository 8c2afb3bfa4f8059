#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "plotting/names.h"
#include "plotting/page/encode.h"
#include "plotting/page/parts.h"
#include "plotting/png.h"

namespace klbench::page {

namespace {

constexpr std::size_t kPointsOfCell = 400;
constexpr std::size_t kPointCells = 100;
constexpr std::size_t kPictureBytes = 600000;
constexpr std::size_t kTextBytes = 300000;
constexpr std::size_t kLinesOfSection = 12;

/// "Latents of 100 of 300 cells are here, the first seeds of all rows first."
void note_limit(Sources& sources, const char* what, std::size_t shown, std::size_t all) {
  if (shown == all) return;
  sources.limits.push_back(
      fmt::format("{} of {} of {} cells are here, the first seed of every row first.", what, shown, all));
}

std::int64_t whole(const FinalMetric& metric, const std::string& name) {
  const auto found = metric.attributes.find(name);
  const auto* value = found == metric.attributes.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return value ? *value : -1;
}

Json points_json(const FinalMetric& metric) {
  std::vector<double> x, y;
  Json labels = Json::array();
  const std::size_t count = metric.values.size() / 3, step = std::max<std::size_t>(1, count / kPointsOfCell);
  for (std::size_t i = 0; i < count; i += step) {
    x.push_back(metric.values[3 * i]);
    y.push_back(metric.values[3 * i + 1]);
    labels.push_back(std::lround(metric.values[3 * i + 2]));
  }
  return {
      {"a", whole(metric, "dim_a")}, {"b", whole(metric, "dim_b")}, {"of", count}, {"x", packed(x)}, {"y", packed(y)},
      {"labels", std::move(labels)}};
}

/// The pictures of a grid side by side, a pixel of grey between them, as PNG; empty where its attributes do not fit.
std::string grid_png(const FinalMetric& metric, std::size_t& width, std::size_t& height) {
  const auto attribute = [&](const char* name) {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, whole(metric, name)));
  };
  const std::size_t grid_rows = attribute("rows"), grid_columns = attribute("columns"),
                    channels = attribute("channels"), h = attribute("height"), w = attribute("width");
  if (metric.values.empty() || grid_rows * grid_columns * channels * h * w != metric.values.size()) return "";
  const std::size_t out_channels = channels == 3 ? 3 : 1;
  width = grid_columns * (w + 1) - 1;
  height = grid_rows * (h + 1) - 1;
  std::string pixels(width * height * out_channels, '\x90');
  for (std::size_t picture = 0; picture < grid_rows * grid_columns; ++picture) {
    for (std::size_t place = 0; place < h * w; ++place) {
      const std::size_t y = picture / grid_columns * (h + 1) + place / w,
                        x = picture % grid_columns * (w + 1) + place % w;
      for (std::size_t channel = 0; channel < out_channels; ++channel) {
        const double value = metric.values[(picture * channels + channel) * h * w + place];
        pixels[(y * width + x) * out_channels + channel] =
            static_cast<char>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
      }
    }
  }
  return png(width, height, out_channels, pixels);
}

/// The lines of one section of samples.txt, the first of them; an empty one is between two interpolations.
Json section(const std::string& text, const std::string& head) {
  Json lines = Json::array();
  std::istringstream stream(text);
  bool inside = false;
  for (std::string line; std::getline(stream, line) && lines.size() < 2 * kLinesOfSection;) {
    if (line.starts_with("# ")) {
      inside = line.starts_with("# " + head);
    } else if (inside && (!line.empty() || (head == "interpolations" && !lines.empty()))) {
      lines.push_back(line.starts_with("  ") ? line.substr(2) : line);
    }
  }
  return lines;
}

}  // namespace

Json latents(Sources& sources) {
  Json all = Json::array(), names = Json::array();
  std::map<std::vector<std::string>, std::size_t> places;
  std::size_t count = 0;
  for (const std::size_t c : sources.by_turn) {
    const CellResult& cell = sources.study.cells[c];
    const FinalMetric* metric = final_metric(cell, "test", "latent_points");
    if (!metric || metric->values.size() % 3 != 0) continue;
    if (++count > kPointCells) continue;
    all.push_back(points_json(*metric));
    all.back()["cell"] = c;
    const auto known = label_names(*metric);
    if (known.empty()) continue;
    const auto [place, is_new] = places.try_emplace(known, names.size());
    if (is_new) names.push_back(known);
    all.back()["names"] = place->second;
  }
  note_limit(sources, "Latents", all.size(), count);
  return {{"cells", std::move(all)}, {"names", std::move(names)}};
}

Json pictures(Sources& sources) {
  Json all = Json::array();
  std::size_t count = 0, bytes = 0;
  for (const std::size_t c : sources.by_turn) {
    const FinalMetric* metric = final_metric(sources.study.cells[c], "test", "image_grid");
    if (!metric) continue;
    ++count;
    if (bytes > kPictureBytes) continue;
    std::size_t width = 0, height = 0;
    const std::string picture = base64(grid_png(*metric, width, height));
    if (picture.empty() || (bytes += picture.size()) > kPictureBytes) continue;
    all.push_back(
        {{"cell", c}, {"rows", whole(*metric, "rows")}, {"width", width}, {"height", height}, {"png", picture}});
  }
  note_limit(sources, "Pictures", all.size(), count);
  return all;
}

Json texts(Sources& sources) {
  Json all = Json::array();
  std::size_t count = 0, bytes = 0;
  for (const std::size_t c : sources.by_turn) {
    const auto found = sources.extras.samples.find(sources.study.cells[c].id);
    if (found == sources.extras.samples.end()) continue;
    ++count;
    Json one = {{"cell", c},
                {"reconstructions", section(found->second, "reconstructions")},
                {"samples", section(found->second, "samples")},
                {"interpolations", section(found->second, "interpolations")}};
    bytes += one.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    if (bytes <= kTextBytes) all.push_back(std::move(one));
  }
  note_limit(sources, "Samples", all.size(), count);
  return all;
}

}  // namespace klbench::page
