#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "config/figure_json.h"
#include "core/error.h"
#include "storage/cell_file.h"
#include "storage/cell_group.h"
#include "storage/result_file.h"
#include "storage/study_grid.h"

// A study's file:
//   @study, @study_yaml, @figures (JSON), @baseline where the study declares one
//   cells/<id>             as in a cell's file, and provenance@json where it is known, its fields as attributes too
//   grid/cell, grid/epoch  dimension scales: ids in the order of the grid, and every epoch number that occurs
//   grid/<split>/<metric>  [cell, epoch]
//   missing/cell           ids without results; their provenance as attributes named by id

namespace klbench {

namespace {

using nlohmann::json;

std::vector<FigureSpec> parse_figures(const std::string& text, const std::string& place) {
  try {
    return figures_of_json(text);
  } catch (const json::exception& error) {
    throw UsageError(fmt::format("{}@figures: {}", place, one_line(error.what())));
  }
}

/// Numbers and texts of a JSON object as attributes.
void set_fields(hdf5::Group& group, const std::string& object) {
  const json fields = json::parse(object, nullptr, false);
  if (!fields.is_object()) return;
  for (const auto& [key, value] : fields.items()) {
    if (value.is_number()) group.set(key, value.get<double>());
    if (value.is_string()) group.set(key, value.get<std::string>());
  }
}

void write_grid(hdf5::Group& root, const StudyResult& study) {
  std::vector<std::string> ids;
  for (const auto& cell : study.cells) ids.push_back(cell.id);
  const std::vector<std::int64_t> epochs = epoch_numbers(study);
  hdf5::Group grid = root.create_group("grid");
  hdf5::Dataset cell = grid.create("cell", ids);
  hdf5::Dataset epoch = grid.create("epoch", epochs);
  cell.make_scale("cell");
  epoch.make_scale("epoch");
  for (const auto& [split, metrics] : epoch_metrics(study)) {
    hdf5::Group group = grid.create_group(split);
    for (const auto& metric : metrics) {
      hdf5::Dataset dataset =
          group.create(metric, dense_metric(study, epochs, split, metric), {ids.size(), epochs.size()});
      describe_metric(dataset, metric);
      dataset.attach(cell, 0);
      dataset.attach(epoch, 1);
    }
  }
}

void write_missing(hdf5::Group& root, const StudyResult& study) {
  hdf5::Group group = root.create_group("missing");
  group.create("cell", study.missing);
  for (const auto& id : study.missing) {
    const auto known = study.provenance.find(id);
    if (known != study.provenance.end()) group.set(id, known->second);
  }
}

void read_cells(const hdf5::Group& root, StudyResult& study) {
  const hdf5::Group cells = root.group("cells");
  for (const auto& id : root.group("grid").dataset("cell").texts()) {
    study.cells.push_back(read_cell_group(cells, id));
    const hdf5::Group cell = cells.group(id);
    if (!cell.has("provenance")) continue;
    const hdf5::Group provenance = cell.group("provenance");
    study.provenance[id] = provenance.attribute<std::string>("json");
    for (const auto& [key, value] : provenance.attributes()) {
      if (const auto* number = std::get_if<double>(&value)) study.cells.back().cost[key] = *number;
    }
  }
}

}  // namespace

std::string encode_study(const StudyResult& study) {
  hdf5::Writer writer("study " + study.name);
  hdf5::Group& root = writer.root();
  write_head(root, "study");
  root.set("study", study.name);
  root.set("study_yaml", study.study_yaml);
  root.set("figures", figures_json(study.figures));
  if (!study.baseline.empty()) root.set("baseline", study.baseline);
  hdf5::Group cells = root.create_group("cells");
  for (const auto& cell : study.cells) {
    write_cell_group(cells, cell);
    const auto known = study.provenance.find(cell.id);
    if (known != study.provenance.end()) {
      hdf5::Group group = cells.group(cell.id).create_group("provenance");
      group.set("json", known->second);
      set_fields(group, known->second);
    }
  }
  write_grid(root, study);
  write_missing(root, study);
  return writer.image();
}

void write_study(const std::filesystem::path& path, const StudyResult& study) {
  publish_image(path, encode_study(study));
}

StudyResult read_study(const std::filesystem::path& path) {
  const hdf5::Reader reader(read_existing(path), path.string());
  const hdf5::Group root = reader.root();
  check_head(root, "study");
  StudyResult study;
  study.name = root.attribute<std::string>("study");
  study.study_yaml = root.attribute<std::string>("study_yaml");
  study.figures = parse_figures(root.attribute<std::string>("figures"), root.place());
  const auto attributes = root.attributes();
  if (attributes.contains("baseline")) study.baseline = root.attribute<std::string>("baseline");
  read_cells(root, study);
  const hdf5::Group missing = root.group("missing");
  study.missing = missing.dataset("cell").texts();
  for (const auto& [id, text] : missing.attributes()) {
    if (const auto* known = std::get_if<std::string>(&text)) study.provenance[id] = *known;
  }
  return study;
}

}  // namespace klbench
