#include "regularizers/hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "config/offers.h"
#include "core/error.h"

namespace klbench {

namespace {

/// What a remedy may say of itself beyond its hooks. (A function: remedies are registered before main.)
const std::vector<std::string>& declared_roles() {
  static const std::vector<std::string> roles = {"kl_weight", "kl_scale", "kl_target", "encoder_training"};
  return roles;
}

}  // namespace

void complete_spec(ComponentSpec& spec, const Hooks& hooks) {
  auto& roles = spec.replaces;
  const auto declares = [&roles](const char* role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  for (const auto& role : roles) {
    if (std::find(declared_roles().begin(), declared_roles().end(), role) != declared_roles().end()) continue;
    for (const char* derived : {"posterior", "kl_penalty", "rec_weight", "train_step", "encoder_pooling"}) {
      if (role == derived)
        throw UsageError(fmt::format("{}: the role '{}' follows from the hooks that the class overrides: leave it out",
                                     spec.key, role));
    }
    throw UsageError(fmt::format("{}: {}", spec.key, unknown_name("role", role, declared_roles())));
  }
  const std::array<std::pair<bool, const char*>, 6> derived = {{
      {hooks.transform || hooks.refine, "posterior"},
      {hooks.kl_penalty, "kl_penalty"},
      {hooks.kl_weight && !declares("kl_weight") && !declares("kl_scale"), "kl_weight"},
      {hooks.rec_weight, "rec_weight"},
      {hooks.train_step, "train_step"},
      {hooks.encoder_pooling, "encoder_pooling"},
  }};
  for (const auto& [has, role] : derived) {
    if (has) roles.emplace_back(role);
  }
  std::sort(roles.begin(), roles.end());
  const std::array<std::pair<bool, const char*>, 7> changes = {{
      {hooks.transform || hooks.refine, "posterior"},
      {hooks.kl_penalty, "penalty"},
      {hooks.kl_weight || hooks.rec_weight, "weight"},
      {hooks.extra_loss || hooks.model_loss, "loss"},
      {hooks.train_step || hooks.epochs, "training"},
      {hooks.encoder_pooling, "encoder"},
      {hooks.decoder_input || hooks.skip_decoder, "decoder"},
  }};
  for (const auto& [has, what] : changes) {
    if (has) spec.changes.emplace_back(what);
  }
  spec.any_latent = spec.any_latent || !(hooks.refine || hooks.kl_penalty || hooks.extra_loss || hooks.model_loss);
  spec.asks_model = hooks.refine || hooks.model_loss;
  spec.refines = hooks.refine;
  spec.needs_batch_statistics = spec.needs_batch_statistics || hooks.statistics;
  if (hooks.encoder_pooling) spec.needs.emplace_back(kPooledStates);
  if (hooks.skip_decoder) spec.needs.emplace_back(kSkipConnection);
  if (hooks.encoder_pooling || hooks.decoder_input || hooks.skip_decoder) spec.domain = kText;
}

}  // namespace klbench
