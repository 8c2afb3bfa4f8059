#include <cmath>

#include "catch.h"
#include "core/error.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

const RawPosterior kRaw{matrix({{1, -2}, {3, 2}}), matrix({{0, 1}, {0, -1}})};

}  // namespace

TEST_CASE("bn_scale_schedule's gamma goes in a straight line, its floor with it") {
  const auto remedy = make("bn_scale_schedule", {{"from", 1.0}, {"to", 0.2}, {"warmup_epochs", 4.0}, {"eps", 1e-9}});
  const std::vector<std::pair<std::int64_t, double>> expected = {{0, 1.0}, {100, 0.8}, {300, 0.4}, {900, 0.2}};
  for (const auto& [step, gamma] : expected) {
    const auto q = posterior_of(*remedy, kRaw, at_step(step));
    CHECK(distance(q.mu, gamma * torch::tensor({{-1.0, -1.0}, {1.0, 1.0}})) < 1e-5);
    CHECK(torch::equal(q.log_var, kRaw.scale));
    CHECK(distance(remedy->kl_floor({kRaw, q}), torch::full({2}, gamma * gamma / 2)) < 1e-5);
    CHECK(remedy->diagnostics().at("scale").item<double>() == Approx(gamma));
  }
  CHECK(remedy->schedule_epochs(at_step(0)) == 4);
  CHECK(remedy->kl_floor_nominal(2) == Approx(0.04));
  // An evaluation has the scale of the last training step, whatever its own progress says.
  const auto q = posterior_of(*remedy, kRaw, at_step(0, Progress::Mode::eval_running));
  CHECK(remedy->diagnostics().at("scale").item<double>() == Approx(0.2));
  CHECK(q.mu.isfinite().all().item<bool>());
}

TEST_CASE("bn_scale_schedule's tau is that of sym_bn_vae at the step") {
  const auto moving =
      make("bn_scale_schedule",
           {{"scale", std::string("tau")}, {"from", 0.8}, {"to", 0.4}, {"warmup_epochs", 2.0}, {"eps", 1e-8}});
  const auto still = make("sym_bn_vae", {{"tau", 0.6}, {"sigma_input", std::string("log_var")}});
  const auto q = posterior_of(*moving, kRaw, at_step(100)), of_still = posterior_of(*still, kRaw, at_step(100));
  CHECK(distance(q.mu, of_still.mu) < 1e-6);
  CHECK(distance(q.log_var, of_still.log_var) < 1e-6);
  CHECK(distance(moving->kl_floor({kRaw, q}), still->kl_floor({kRaw, of_still})) < 1e-6);
  CHECK(moving->kl_floor_nominal(3) == Approx(-1.5 * std::log(0.6)));
  const auto& spec = RegularizerRegistry::instance().find("bn_scale_schedule").spec;
  const auto conflict = [&](const char* scale) {
    return conflict_of(spec, Options(spec, {{"scale", std::string(scale)}, {"from", 1.0}}).values());
  };
  CHECK(conflict("tau").option == "from");
  CHECK(conflict("tau").why == "1.0 is not < 1, as it has to be where scale is tau");
  CHECK(conflict("gamma").option.empty());
}
