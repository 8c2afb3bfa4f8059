#include "cli/label_names.h"

#include <map>

#include "core/error.h"
#include "data/dataset.h"
#include "sweep/plan.h"

namespace klbench {

void add_label_names(StudyResult& study) {
  const Schema schema = full_schema();
  std::map<std::string, std::string> by_hash;  // of the test split, a name a line
  for (auto& cell : study.cells) {
    const auto hash = cell.facts.find("test_sentences");
    const auto test = cell.final.find("test");
    if (hash == cell.facts.end() || test == cell.final.end() || !test->second.contains("latent_points")) continue;
    auto& attributes = test->second.at("latent_points").attributes;
    if (attributes.contains("label_names")) continue;
    const auto [found, is_new] = by_hash.try_emplace(to_string(hash->second));
    try {
      if (is_new) {
        const auto data = load_dataset(parse_cell(cell.config_yaml, cell.id, schema));
        if (examples_hash(data->split("test")) != found->first) continue;
        for (const auto& name : data->label_names) found->second += one_line(name) + "\n";
      }
    } catch (const Error&) {
      continue;  // labels have numbers then
    }
    if (!found->second.empty()) attributes["label_names"] = found->second;
  }
}

}  // namespace klbench
