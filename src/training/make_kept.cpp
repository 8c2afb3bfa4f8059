#include "training/make_kept.h"

#include "models/precision.h"
#include "training/options.h"
#include "training/sidecars.h"

namespace klbench {

void make_kept_files(const CellConfig& config, const std::filesystem::path& base) {
  nn::set_precision(config.text("trainer.precision"));
  const auto data = load_dataset(config);
  Vae model = load_model(base.string() + ".model", config, *data);
  keep_files(missing_kept_files(kept_files(config), base), base, model, *data, config, evaluation_options(config));
}

}  // namespace klbench
