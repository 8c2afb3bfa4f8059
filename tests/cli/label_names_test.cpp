#include "cli/label_names.h"

#include "catch.h"
#include "config/study.h"
#include "core/files.h"
#include "data/dataset.h"
#include "sweep/plan.h"
#include "temporary_folder.h"

using namespace klbench;

TEST_CASE("latents without the names of their labels have those of their data, where it is still the same") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "s.yaml";
  write_file_durably(path, "study: s\ndata: {name: synthetic, train_size: 8, valid_size: 8, test_size: 8}\n");
  const CellConfig config = load_study(path, {}, full_schema()).cells.at(0);
  StudyResult study;
  study.cells.resize(3);
  for (auto& cell : study.cells) {
    cell.config_yaml = config.canonical();
    cell.facts["test_sentences"] = examples_hash(load_dataset(config)->split("test"));
    cell.final["test"]["latent_points"].values = {0, 0, 1};
  }
  study.cells[1].facts["test_sentences"] = std::string("of other data");
  study.cells[2].final["test"]["latent_points"].attributes["label_names"] = std::string("own\n");
  add_label_names(study);
  const auto names = [&](std::size_t i) {
    const auto& attributes = study.cells[i].final["test"]["latent_points"].attributes;
    return attributes.contains("label_names") ? to_string(attributes.at("label_names")) : "none";
  };
  CHECK(names(0) == "component_0\ncomponent_1\ncomponent_2\ncomponent_3\n");
  CHECK(names(1) == "none");
  CHECK(names(2) == "own\n");
}
