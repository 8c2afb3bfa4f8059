#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "storage/records.h"

namespace klbench {

/// Writes <folder>/<study>/<label>/seed=<seed>/events.out.tfevents.0.klbench of every cell, a run each, over those of
/// an earlier call: valid/kl, train/loss, diagnostics/bn_vae.gamma, ... by optimiser step; what is known at the end of
/// training, final/test/nll, facts/floor_violations, cost/train_seconds, at the last step; no values by dimension. The
/// wall time counts seconds of training from 0. Hyperparameters: the regularizer, the seed and the options that vary.
/// `labels`: the rows of tables by cell. Returns how many runs there are. Throws Error.
std::size_t write_tensorboard(const StudyResult& study, const std::map<std::string, std::string>& labels,
                              const std::filesystem::path& folder);

}  // namespace klbench
