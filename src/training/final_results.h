#pragma once

#include <string>

#include "data/dataset.h"
#include "storage/records.h"
#include "training/options.h"
#include "training/trainer.h"

namespace klbench {

/// Evaluations of valid and test under names that end in `suffix`; nll only `with_nll`, and
/// on test, the split that tables show.
void add_final(Trainer& trainer, const Dataset& data, const std::string& suffix, bool with_nll, Progress::Mode mode,
               CellResult& result);

/// On test the bound by its samples, where eval.nll_check_examples asks for it, and the names of labels.
void add_extras(Trainer& trainer, const Dataset& data, const EvaluationPlan& plan, CellResult& result);

/// Facts of the data and of the analytic floor.
void add_facts(Trainer& trainer, const Dataset& data, CellResult& result);

}  // namespace klbench
