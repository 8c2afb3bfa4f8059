#include "training/final_results.h"

#include <cmath>
#include <utility>

#include "metrics/evaluate.h"
#include "metrics/latent_views.h"
#include "training/floor_check.h"

namespace klbench {

void add_final(Trainer& trainer, const Dataset& data, const std::string& suffix, bool with_nll, Progress::Mode mode,
               CellResult& result) {
  for (const std::string split : {"valid", "test"}) {
    const auto options = trainer.evaluation(with_nll && split == "test", mode);
    for (auto& [name, metric] : evaluate(trainer.model(), data.split(split), options, &data)) {
      result.final[split][name + suffix] = std::move(metric);
    }
  }
}

void add_extras(Trainer& trainer, const Dataset& data, const EvaluationPlan& plan, CellResult& result) {
  auto& test = result.final["test"];
  name_labels(test, data.label_names);
  if (plan.nll_check_examples > 0) {
    test.merge(evaluate_nll_by_samples(trainer.model(), data.split("test"), {50, 500, 5000}, plan.nll_check_examples,
                                       trainer.evaluation(true)));
  }
}

void add_facts(Trainer& trainer, const Dataset& data, CellResult& result) {
  auto& facts = result.facts;
  if (const auto* text = dynamic_cast<const TextCorpus*>(&data))
    facts["valid_test_unk_share"] = text->valid_test_unk_share;
  facts["test_sentences"] = examples_hash(data.split("test"));
  for (const auto& [name, count] : data.facts) facts[name] = count;
  auto& model = trainer.model();
  if (!model->has_latent()) return;
  if (const double moment = trainer.first_normalised_moment(); !std::isnan(moment)) facts["floor_r"] = moment;
  const double nominal =
      model->standard_latent() ? model->remedy().kl_floor_nominal(model->latent_dim()) : std::nan("");
  add_floor_facts(trainer.floors().state(), nominal, result);
}

}  // namespace klbench
