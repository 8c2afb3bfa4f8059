#include "config/templates/templates.h"

namespace klbench {

const ComponentTemplate kRegularizerTemplate = {"regularizer",
                                                &Components::regularizers,
                                                "regularizers/registry.h",
                                                "src/regularizers/builtin",
                                                "tests/regularizers",
                                                R"(#include "@header@"
@mark@
namespace klbench {

namespace {

/// What the remedy computes, as a formula, and the paper it is from. As written: loss = rec + weight KL.
/// regularizer.h lists the hooks that can be overridden instead of, or beside, this one.
class @Class@ : public Regularizer {
 public:
  @Class@(const Options& options, const ModelFacts& /*model*/) : weight_(options.real("weight")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return weight_; }

 private:
  double weight_;
};

KLBENCH_REGULARIZER(
    @Class@,
    {.key = "@key@",
     .summary = "one line for klbench list",
     .paper = "authors, venue year",
     .options = {{.name = "weight", .default_value = 0.5, .help = "weight on the KL", .min = 0}},
     .replaces = {"kl_scale"}});

}  // namespace

}  // namespace klbench
)",
                                                R"(#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("@key@ weighs the KL by a constant") {
  // Numbers worked out by hand; the contract test covers the rest.
  CHECK(make("@key@")->kl_weight(at_step(0), {}) == 0.5);
  CHECK(make("@key@", {{"weight", 0.25}})->kl_weight(at_step(900), {}) == 0.25);
}
)",
                                                "sweep: {regularizer: [vae, {name: @key@, weight: [0.25, 0.5]}]}"};

}  // namespace klbench
