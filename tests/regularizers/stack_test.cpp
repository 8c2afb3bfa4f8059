#include "regularizers/stack.h"

#include "catch.h"
#include "core/error.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

const ModelFacts kTwo{.latent_dim = 2, .vocabulary = 50};

Part part(const std::string& key, const std::map<std::string, Value>& options = {}) {
  return {key, Options(RegularizerRegistry::instance().find(key).spec, options)};
}

}  // namespace

TEST_CASE("a composition chains the hooks of its parts") {
  RegularizerStack stack({part("bn_vae"), part("kl_annealing", {{"warmup_epochs", 4.0}}), part("free_bits")}, kTwo);
  const RawPosterior raw{matrix({{1, -2}, {3, 2}}), torch::zeros({2, 2})};
  const auto q = stack.posterior(raw, at_step(0)).kl;
  CHECK(distance(q.mu, matrix({{-0.6F, -0.6F}, {0.6F, 0.6F}})) < 1e-5);
  CHECK(stack.kl_weight(at_step(99), {}) == Approx(0.25));
  CHECK(stack.rec_weight(at_step(100), {}) == 1.0);
  CHECK(stack.kl_penalty(of_kl(matrix({{0.1F, 0.6F}})), at_step(0)).item<double>() == Approx(0.6));
  CHECK(stack.uses_batch_statistics());
  CHECK(stack.schedule_epochs(at_step(0)) == 4.0);
  CHECK(stack.kl_floor_nominal(32) == Approx(5.76));
  CHECK(distance(stack.kl_floor({raw, q}), torch::tensor({0.18, 0.18})) < 1e-5);
  CHECK(stack.diagnostics().count("bn_vae.gamma") == 1);
  CHECK(stack.encoder_pooling() == "last");
  CHECK_FALSE(stack.extra_loss({}, at_step(0)).defined());
  CHECK(stack.named_parameters().contains("bn_vae.norm.bias"));
}

TEST_CASE("without parts a composition is the plain VAE") {
  RegularizerStack stack({}, kTwo);
  CHECK(stack.kl_weight(at_step(0), {}) == 1.0);
  CHECK(stack.kl_penalty(of_kl(matrix({{0.5, 0.25}})), at_step(0)).item<double>() == Approx(0.75));
  CHECK(std::isnan(stack.kl_floor_nominal(2)));
  CHECK_FALSE(stack.kl_floor({}).defined());
}

TEST_CASE("parts that exclude each other are refused with the reason") {
  CHECK_THROWS_AS(RegularizerStack({part("bn_vae"), part("ln_vae")}, kTwo), UsageError);
  CHECK_THROWS_WITH(
      RegularizerStack({part("bn_vae"), part("kl_annealing"), part("sym_bn_vae")}, kTwo),
      ContainsSubstring("'bn_vae'") && ContainsSubstring("'sym_bn_vae'") && ContainsSubstring("posterior"));
  CHECK_THROWS_WITH(RegularizerStack({part("vae"), part("vae")}, kTwo), ContainsSubstring("vae"));
  CHECK_THROWS_AS(RegularizerStack({{"no_such_remedy", {}}}, kTwo), UsageError);
}

TEST_CASE("a composition's options are those of its specs") {
  // a Part without resolved options gets the defaults
  RegularizerStack stack({{"kl_annealing", {}}}, kTwo);
  CHECK(stack.kl_weight(at_step(499), {}) == Approx(0.5));
}

TEST_CASE("pairs that make sense combine, the others do not") {
  const auto allowed = [](const std::string& a, const std::string& b) {
    try {
      RegularizerStack({part(a), part(b)}, kTwo);
      return true;
    } catch (const UsageError&) {
      return false;
    }
  };
  const std::vector<std::pair<std::string, std::string>> sensible{
      {"bn_vae", "kl_annealing"},   {"free_bits", "kl_annealing"},    {"bn_vae", "word_dropout"},
      {"du_vae", "kl_annealing"},   {"aggressive", "kl_annealing"},   {"frozen_encoder", "bn_vae"},
      {"beta_vae", "kl_annealing"}, {"skip_decoder", "free_bits"},    {"pooling_encoder", "sym_bn_vae"},
      {"mu_forcing", "info_vae"},   {"word_dropout", "skip_decoder"}, {"delta_vae", "aggressive"},
      {"scale_vae", "kl_annealing"}};
  for (const auto& [a, b] : sensible) {
    CAPTURE(a, b);
    CHECK(allowed(a, b));
    CHECK(allowed(b, a));
  }
  const std::vector<std::pair<std::string, std::string>> senseless{
      {"bn_vae", "sym_bn_vae"},     {"delta_vae", "ln_vae"},           {"control_vae", "kl_annealing"},
      {"control_vae", "beta_vae"},  {"geco", "kl_annealing"},          {"soft_free_bits", "control_vae"},
      {"capacity", "free_bits"},    {"capacity", "kl_annealing"},      {"free_bits", "control_vae"},
      {"pretrain_fb", "free_bits"}, {"pretrain_fb", "aggressive"},     {"frozen_encoder", "aggressive"},
      {"beta_vae", "info_vae"},     {"pretrain_fb", "frozen_encoder"}, {"scale_vae", "control_vae"},
      {"scale_vae", "mdr"},         {"scale_vae", "free_bits"}};
  for (const auto& [a, b] : senseless) {
    CAPTURE(a, b);
    CHECK_FALSE(allowed(a, b));
    CHECK_FALSE(allowed(b, a));
  }
}
