#include "config/composition.h"

#include "catch.h"
#include "temporary_folder.h"

using namespace klbench;

TEST_CASE("Parts with different roles may be combined") {
  const ComponentSpec bn{.key = "bn_vae", .replaces = {"posterior"}};
  const ComponentSpec annealing{.key = "kl_annealing", .replaces = {"kl_weight"}};
  const ComponentSpec vae{.key = "vae"};
  CHECK_NOTHROW(check_composition({&bn, &annealing, &vae}));
  CHECK_NOTHROW(check_composition({}));
}

TEST_CASE("Two parts with the same role are refused, naming both and the role") {
  const ComponentSpec bn{.key = "bn_vae", .replaces = {"posterior"}};
  const ComponentSpec ln{.key = "ln_vae", .replaces = {"kl_weight", "posterior"}};
  const std::string error = usage_error([&] { check_composition({&bn, &ln}); });
  CHECK_THAT(error, ContainsSubstring("'bn_vae'") && ContainsSubstring("'ln_vae'") && ContainsSubstring("posterior"));
}

TEST_CASE("The same key twice is refused") {
  const ComponentSpec vae{.key = "vae"};
  CHECK_THAT(usage_error([&] { check_composition({&vae, &vae}); }), ContainsSubstring("'vae'"));
}

TEST_CASE("A composition has one spelling: the posterior's part first, the others by key, vae only alone") {
  Schema schema;
  for (const ComponentSpec& spec : {ComponentSpec{.key = "vae"}, ComponentSpec{.key = "aggressive"},
                                    ComponentSpec{.key = "free_bits", .replaces = {"kl_penalty", "kl_target"}},
                                    ComponentSpec{.key = "ln_vae", .replaces = {"posterior"}}}) {
    schema.regularizers.emplace(spec.key, spec);
  }
  CHECK(canonical_method("free_bits+aggressive", schema) == "aggressive+free_bits");
  CHECK(canonical_method("free_bits+aggressive+ln_vae", schema) == "ln_vae+aggressive+free_bits");
  CHECK(canonical_method("vae+ln_vae", schema) == "ln_vae");
  CHECK(canonical_method("vae", schema) == "vae");
  CHECK(canonical_method("lstm_lm", schema) == "lstm_lm");
}
