#pragma once

#include <type_traits>

#include "regularizers/regularizer.h"

namespace klbench {

/// The hooks that decide about roles, and whether a class overrides them.
struct Hooks {
  bool transform = false;
  bool refine = false;
  bool statistics = false;  ///< begin_statistics or end_statistics: transform depends on the rest of the batch
  bool kl_penalty = false;
  bool kl_weight = false;
  bool rec_weight = false;
  bool train_step = false;
  bool extra_loss = false;
  bool model_loss = false;
  bool encoder_pooling = false;
  bool decoder_input = false;
  bool skip_decoder = false;
  bool epochs = false;  ///< on_epoch_begin or on_epoch_end
};

namespace hook_detail {

template <class Member>
struct Signature;
template <class Class, class Function>
struct Signature<Function Class::*> {
  using type = Function;
};

/// Own and Base: types of &Class::hook and &Regularizer::hook.
template <class Own, class Base>
constexpr bool overrides() {
  static_assert(std::is_same_v<typename Signature<Own>::type, typename Signature<Base>::type>,
                "a hook of this remedy has another signature than Regularizer's, which it would hide, not override");
  return !std::is_same_v<Own, Base>;
}

}  // namespace hook_detail

#define KLBENCH_OVERRIDES(hook) \
  ::klbench::hook_detail::overrides<decltype(&Class::hook), decltype(&Regularizer::hook)>()

/// What `Class` overrides; does not compile where a hook has another signature than Regularizer's.
template <class Class>
constexpr Hooks hooks_of() {
  const bool begin = KLBENCH_OVERRIDES(begin_statistics), end = KLBENCH_OVERRIDES(end_statistics);
  const bool epoch_begin = KLBENCH_OVERRIDES(on_epoch_begin), epoch_end = KLBENCH_OVERRIDES(on_epoch_end);
  // Without a role of their own, but checked.
  [[maybe_unused]] constexpr bool others[] = {KLBENCH_OVERRIDES(kl_floor),         KLBENCH_OVERRIDES(kl_floor_nominal),
                                              KLBENCH_OVERRIDES(diagnostics),      KLBENCH_OVERRIDES(schedule_epochs),
                                              KLBENCH_OVERRIDES(save_state),       KLBENCH_OVERRIDES(load_state),
                                              KLBENCH_OVERRIDES(normalised_moment)};
  return {.transform = KLBENCH_OVERRIDES(transform),
          .refine = KLBENCH_OVERRIDES(refine),
          .statistics = begin || end,
          .kl_penalty = KLBENCH_OVERRIDES(kl_penalty),
          .kl_weight = KLBENCH_OVERRIDES(kl_weight),
          .rec_weight = KLBENCH_OVERRIDES(rec_weight),
          .train_step = KLBENCH_OVERRIDES(train_step),
          .extra_loss = KLBENCH_OVERRIDES(extra_loss),
          .model_loss = KLBENCH_OVERRIDES(model_loss),
          .encoder_pooling = KLBENCH_OVERRIDES(encoder_pooling),
          .decoder_input = KLBENCH_OVERRIDES(decoder_input),
          .skip_decoder = KLBENCH_OVERRIDES(skip_decoder),
          .epochs = epoch_begin || epoch_end};
}

#undef KLBENCH_OVERRIDES

/// Fills in what follows from the hooks: the roles (spec.replaces), changes, needs, needs_batch_statistics, asks_model,
/// refines and domain. Throws UsageError where the spec declares a role that there is not, or one that only a hook
/// gives.
void complete_spec(ComponentSpec& spec, const Hooks& hooks);

}  // namespace klbench
