#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "config/figure_json.h"
#include "core/error.h"
#include "storage/cell_file.h"
#include "storage/cost.h"
#include "storage/result_file.h"

// A study's file:
//   @study, @study_yaml, @figures (JSON), @baseline where the study declares one
//   the columns of its cells (study_table.h)
//   provenance/json       [n], where it is known; provenance/<field> of its numbers and texts (ValueColumn)
//   missing/id, missing/json   ids without results and, where it is known, how they ended

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

constexpr const char* kJson = "json";

/// Numbers and texts of a JSON object, each in its column.
void set_fields(ValueColumns& columns, std::size_t row, const std::string& object) {
  const json fields = json::parse(object, nullptr, false);
  if (!fields.is_object()) return;
  for (const auto& [key, value] : fields.items()) {
    if (value.is_number()) columns[key].set(row, value.get<double>());
    if (value.is_string()) columns[key].set(row, value.get<std::string>());
  }
}

/// `provenance` of `ids`; with_fields: also what is in it.
void write_provenance(hdf5::Group& group, const StudyHead& study, const std::vector<std::string>& ids,
                      bool with_fields) {
  ValueColumns columns;
  columns[kJson];
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const auto known = study.provenance.find(ids[row]);
    if (known == study.provenance.end()) continue;
    if (with_fields) set_fields(columns, row, known->second);
    columns[kJson].set(row, known->second);
  }
  for (const auto& [name, column] : columns) column.write(group, name, ids.size());
}

std::map<std::string, std::string> read_provenance(const hdf5::Group& group, const std::vector<std::string>& ids) {
  std::map<std::string, std::string> provenance;
  const ValueColumn column = ValueColumn::read(group.dataset(kJson));
  for (std::size_t row = 0; row < ids.size(); ++row) {
    if (const Value* text = column.at(row)) provenance[ids[row]] = std::get<std::string>(*text);
  }
  return provenance;
}

/// Opens a study's file and gives its root to `use`.
template <class Use>
auto with_study(const std::filesystem::path& path, const Use& use) {
  const hdf5::Reader reader(read_existing(path), path.string());
  const hdf5::Group root = reader.root();
  check_head(root, "study");
  return use(root);
}

StoredCells read_cells(const hdf5::Group& root) {
  StoredCells cells{StudyTable::read(root), {}};
  cells.provenance = read_provenance(root.group("provenance"), cells.table.ids());
  return cells;
}

}  // namespace

std::string encode_study(const StudyHead& study, const StudyTable& cells) {
  hdf5::Writer writer("study " + study.name);
  hdf5::Group& root = writer.root();
  write_head(root, "study");
  root.set("study", study.name);
  root.set("study_yaml", study.study_yaml);
  root.set("figures", figures_json(study.figures));
  if (!study.baseline.empty()) root.set("baseline", study.baseline);
  cells.write(root);
  hdf5::Group provenance = root.create_group("provenance");
  write_provenance(provenance, study, cells.ids(), true);
  hdf5::Group missing = root.create_group("missing");
  missing.create("id", study.missing);
  write_provenance(missing, study, study.missing, false);
  return writer.image();
}

std::string encode_study(const StudyResult& study) {
  StudyTable cells;
  for (const auto& cell : study.cells) cells.add(cell);
  return encode_study(study, cells);
}

void write_study(const std::filesystem::path& path, const StudyHead& study, const StudyTable& cells) {
  publish_image(path, encode_study(study, cells));
}

void write_study(const std::filesystem::path& path, const StudyResult& study) {
  publish_image(path, encode_study(study));
}

StoredCells read_study_cells(const std::filesystem::path& path) { return with_study(path, read_cells); }

std::vector<std::string> read_study_ids(const std::filesystem::path& path) {
  return with_study(path, StudyTable::read_ids);
}

std::map<std::string, std::string> read_study_provenance(const std::filesystem::path& path) {
  return with_study(path, [](const hdf5::Group& root) {
    const auto ids = StudyTable::read_ids(root);
    auto provenance = read_provenance(root.group("provenance"), ids);
    for (const auto& id : ids) provenance.try_emplace(id);
    return provenance;
  });
}

StudyResult read_study(const std::filesystem::path& path) {
  return with_study(path, [](const hdf5::Group& root) {
    StudyResult study;
    study.name = root.attribute<std::string>("study");
    study.study_yaml = root.attribute<std::string>("study_yaml");
    study.figures = parse_figures(root.attribute<std::string>("figures"), root.place());
    const auto attributes = root.attributes();
    if (attributes.contains("baseline")) study.baseline = root.attribute<std::string>("baseline");
    auto [table, provenance] = read_cells(root);
    for (std::size_t row = 0; row < table.ids().size(); ++row) {
      study.cells.push_back(table.cell(row));
      const auto known = provenance.find(table.ids()[row]);
      if (known != provenance.end()) study.cells.back().cost = cost_of(known->second);
    }
    study.provenance = std::move(provenance);
    const hdf5::Group missing = root.group("missing");
    study.missing = missing.dataset("id").texts();
    study.provenance.merge(read_provenance(missing, study.missing));
    return study;
  });
}

}  // namespace klbench
