#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "config/cell_config.h"
#include "config/kept_files.h"
#include "data/dataset.h"
#include "metrics/evaluate.h"
#include "models/vae.h"

namespace klbench {

/// Weights in the safetensors format, with the cell's configuration as the text "cell".
void keep_model(const std::filesystem::path& path, const std::map<std::string, torch::Tensor>& weights,
                const CellConfig& config);

/// HDF5 file with <split>/{mu, log_var} [N, d] of the posterior that feeds the decoder and <split>/label [N] (where the
/// data has labels), rows in the order of the data, for train, valid and test.
void keep_latents(const std::filesystem::path& path, Vae& model, const Dataset& data, const EvaluationOptions& options);

/// Text: `count` test sentences with their greedy reconstructions, `count` samples from the prior, `count`
/// interpolations between test sentences.
void keep_samples(const std::filesystem::path& path, Vae& model, const Dataset& data, std::int64_t count,
                  const EvaluationOptions& options);

/// The files that `keep` names.
void keep_files(const KeptFiles& keep, const CellFiles& files, Vae& model, const Dataset& data,
                const CellConfig& config, const EvaluationOptions& options);

/// The model that keep_model wrote, with the vocabulary of `corpus`; throws UsageError where they do not fit.
Vae load_model(const std::filesystem::path& path, const CellConfig& config, const Dataset& data);

}  // namespace klbench
