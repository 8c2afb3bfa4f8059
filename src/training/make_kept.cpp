#include "training/make_kept.h"

#include "models/precision.h"
#include "training/sidecars.h"
#include "training/trainer.h"

namespace klbench {

void make_kept_files(const CellConfig& config, const std::filesystem::path& base) {
  nn::set_precision(config.text("trainer.precision"));
  const auto& datasets = DatasetRegistry::instance();
  const std::string& name = config.text("data.name");
  const auto corpus = datasets.load(name, Options(datasets.entries().at(name).spec, config.section("data")));
  TextVae model = load_model(base.string() + ".model", config, *corpus);
  keep_files(missing_kept_files(kept_files(config), base), base, model, *corpus, config, evaluation_options(config));
}

}  // namespace klbench
