#include "cli/kept_cell.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/cell_target.h"
#include "config/study.h"
#include "core/error.h"
#include "core/files.h"
#include "metrics/split_pass.h"
#include "models/precision.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"
#include "training/sidecars.h"
#include "training/tensor_file.h"

namespace klbench {

void add_kept_cell(CLI::App& app, KeptCellArguments& arguments) {
  app.add_option("cell", arguments.cell,
                 "<study>/<id>, or a path; the beginning of the id is enough. It is kept by keep.model: true")
      ->required()
      ->type_name("CELL");
  add_results(app, arguments.results);
  add_plugins(app, arguments.plugins);
}

KeptCell open_kept_cell(const KeptCellArguments& arguments) {
  const auto path = find_cell_file(arguments.cell, arguments.results, ".model");
  probe_plugins(arguments.plugins);  // a broken one ends only a child
  for (const auto& plugin : arguments.plugins) load_here(plugin);
  const TensorFile file = parse_tensors(read_file(path), path.string());
  if (file.texts.count("cell") == 0) throw UsageError(path.string() + ": holds no cell's configuration");
  CellConfig config = parse_cell(file.text("cell"), path.string(), full_schema());
  if (config.text("model.name") == "lstm_lm") {
    throw UsageError(path.string() + ": is a language model without a latent variable");
  }
  nn::set_precision(config.text("trainer.precision"));
  const auto& datasets = DatasetRegistry::instance();
  const std::string& name = config.text("data.name");
  auto corpus = datasets.load(name, Options(datasets.entries().at(name).spec, config.section("data")));
  TextVae model = load_model(path, config, *corpus);
  return {std::move(config), std::move(corpus), std::move(model)};
}

torch::Tensor posterior_means(KeptCell& cell, const Sentences& split) {
  return encode_over(cell.model, split, {}).decoder_posterior.mu;
}

std::int64_t longest_sentence(const KeptCell& cell) {
  const Sentences& train = cell.corpus->train;
  std::int64_t longest = 1;
  for (std::int64_t row = 0; row < train.size(); ++row) longest = std::max(longest, train.length(row));
  return longest;
}

void check_row(const Sentences& split, const std::string& name, std::int64_t row) {
  if (row < 0 || row >= split.size()) {
    throw UsageError(fmt::format("{} has the sentences 0 to {}, not {}", name, split.size() - 1, row));
  }
}

}  // namespace klbench
