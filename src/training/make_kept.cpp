#include "training/make_kept.h"

#include "models/precision.h"
#include "training/options.h"
#include "training/sidecars.h"

namespace klbench {

void make_kept_files(const CellConfig& config, const CellFiles& files) {
  nn::set_precision_here(config.text("trainer.precision"));
  const auto data = load_dataset(config);
  Vae model = load_model(files.model(), config, *data);
  keep_files(missing_kept_files(kept_files(config), files), files, model, *data, config, evaluation_options(config));
}

}  // namespace klbench
