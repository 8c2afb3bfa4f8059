// Every pair of remedies trains, or is refused with the reason.
#include <cmath>

#include "catch.h"
#include "cells.h"
#include "config/composition.h"
#include "storage/cell_file.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::test;

namespace {

/// Why the two cannot be composed; empty: they can.
std::string pair_refusal(const ComponentSpec& a, const ComponentSpec& b) {
  try {
    check_composition({&a, &b});
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

/// Options of remedies that otherwise pass over the model many times a step.
Changes few_passes(const std::string& key) {
  if (key == "sa_vae") return {{"steps", std::int64_t{2}}};
  if (key == "aggressive") return {{"max_inner", std::int64_t{2}}, {"window", std::int64_t{1}}};
  if (key == "iwae") return {{"samples", std::int64_t{2}}};
  return {};
}

}  // namespace

TEST_CASE("every pair of remedies trains, or is refused with the reason") {
  const FolderWithCache scratch;
  const Changes tiny{{"data.train_size", std::int64_t{32}}, {"data.valid_size", std::int64_t{8}},
                     {"data.test_size", std::int64_t{8}},   {"trainer.steps", std::int64_t{2}},
                     {"eval.nll_samples", std::int64_t{2}}, {"model.latent_dim", std::int64_t{2}},
                     {"eval.mi_samples", std::int64_t{1}},  {"eval.batch_size", std::int64_t{8}}};
  const auto& remedies = RegularizerRegistry::instance().entries();
  int trained = 0, refused = 0;
  for (auto a = remedies.begin(); a != remedies.end(); ++a) {
    for (auto b = std::next(a); b != remedies.end(); ++b) {
      if (a->first == "vae" || b->first == "vae") continue;  // adds nothing to others
      if (a->second.spec.domain == kImage || b->second.spec.domain == kImage) continue;
      INFO(a->first << "+" << b->first);
      if (const auto reason = pair_refusal(a->second.spec, b->second.spec); !reason.empty()) {
        CHECK_THAT(reason, ContainsSubstring(a->first) && ContainsSubstring(b->first) && ContainsSubstring("both"));
        ++refused;
        continue;
      }
      Parts parts{{a->first, few_passes(a->first)}, {b->first, few_passes(b->first)}};
      make_canonical(parts, [&](const auto& part) { return remedies.at(part.first).spec; });
      const std::string id = a->first + "_" + b->first;
      train(small_cell(parts, tiny), scratch.path(), id);
      const CellResult result = read_cell(scratch / (id + ".h5"));
      for (const char* metric : {"kl", "rec", "nll"})
        CHECK(std::isfinite(result.final.at("test").at(metric).values.at(0)));
      ++trained;
    }
  }
  CHECK(trained > refused);
  CHECK(refused > 20);
}
