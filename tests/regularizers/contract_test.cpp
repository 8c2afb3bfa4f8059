// What every remedy of the registry must do, built-in or not yet written, and that the contract finds what breaks it.
#include "regularizers/contract.h"

#include <filesystem>
#include <set>
#include <sstream>

#include "catch.h"
#include "core/error.h"
#include "core/special_words.h"
#include "helpers.h"
#include "regularizers/stack.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

const std::map<std::string, RegularizerRegistry::Entry>& remedies() {
  const auto& entries = RegularizerRegistry::instance().entries();
  REQUIRE(entries.size() >= 20);
  return entries;
}

/// Violations of a class under a key of its own, as if it stood in the registry.
template <class Remedy>
std::vector<std::string> violations_of(const std::string& key) {
  RegularizerRegistry::instance().add(
      {.key = key}, hooks_of<Remedy>(),
      [](const Options& options, const ModelFacts& model) { return std::make_shared<Remedy>(options, model); });
  auto found = contract_violations(key);
  RegularizerRegistry::instance().remove(key);
  return found;
}

struct Plain : Regularizer {
  Plain(const Options& /*options*/, const ModelFacts& /*model*/) {}
};

/// Refines every posterior by what the model says of all.
struct JointRefiner : Plain {
  using Plain::Plain;
  PosteriorPair refine(PosteriorPair posterior, const std::shared_ptr<BatchModel>& model,
                       const Progress& /*progress*/) override {
    posterior.kl.mu = posterior.kl.mu + model->rec(posterior.kl.mu).mean();
    return posterior;
  }
};

/// Normalises over the batch and says nothing of it.
struct SilentBatchNorm : Plain {
  using Plain::Plain;
  PosteriorPair transform(const RawPosterior& raw, PosteriorPair /*posterior*/, const Progress& /*progress*/) override {
    return {{raw.mu - raw.mu.mean(0), raw.scale}, std::nullopt};
  }
};

/// Counts the steps in a member that no checkpoint has.
struct Forgetful : Plain {
  using Plain::Plain;
  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return 1.0 + 0.1 * ++steps_; }
  int steps_ = 0;
};

struct ScalarPenalty : Plain {
  using Plain::Plain;
  torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override { return terms.kl.sum(); }
};

struct LooseFloor : Plain {
  using Plain::Plain;
  torch::Tensor kl_floor(const BatchState& state) override {
    return torch::full({state.raw.mu.size(1)}, 50.0, torch::kDouble);
  }
  double kl_floor_nominal(std::int64_t d) const override { return 50.0 * static_cast<double>(d); }
};

struct DropsPadding : Plain {
  using Plain::Plain;
  torch::Tensor decoder_input(torch::Tensor tokens, const Progress& /*progress*/) override {
    return torch::full_like(tokens, kUnknown);
  }
};

struct DeadParameter : Plain {
  DeadParameter(const Options& options, const ModelFacts& model) : Plain(options, model) {
    register_parameter("unused", torch::ones({2}));
  }
};

}  // namespace

TEST_CASE("contract: every remedy keeps it") {
  for (const auto& [key, entry] : remedies()) {
    INFO(key);
    CHECK(contract_violations(key) == std::vector<std::string>{});
  }
}

TEST_CASE("contract: what breaks it is found and said") {
  const auto one = [](const std::vector<std::string>& found, const std::string& part) {
    INFO(part);
    REQUIRE_FALSE(found.empty());
    CHECK_THAT(found[0], ContainsSubstring(part));
  };
  CHECK(violations_of<Plain>("x_plain").empty());
  one(violations_of<SilentBatchNorm>("x_silent"), "depends on the other examples");
  one(violations_of<JointRefiner>("x_joint"), "in an evaluation the posterior depends on the other examples");
  one(violations_of<Forgetful>("x_forgetful"), "does not go on as before");
  one(violations_of<ScalarPenalty>("x_scalar"), "kl_penalty must be of shape [B]");
  one(violations_of<LooseFloor>("x_floor"), "under its kl_floor");
  one(violations_of<DropsPadding>("x_padding"), "keep the padding and <s>");
  one(violations_of<DeadParameter>("x_dead"), "parameter x_dead.unused");
}

TEST_CASE("contract: bad options are refused by name") {
  for (const auto& [key, entry] : remedies()) {
    CAPTURE(key);
    CHECK_THROWS_AS(make(key, {{"no_such_option", 1.0}}), UsageError);
    for (const auto& option : entry.spec.options) {
      CAPTURE(option.name);
      const bool text = option.type() == OptionType::text;
      CHECK_THROWS_WITH(make(key, {{option.name, text ? Value(1.5) : Value("text")}}), ContainsSubstring(option.name));
      if (!option.choices.empty()) CHECK_THROWS_AS(make(key, {{option.name, "no_such_choice"}}), UsageError);
      if (option.type() == OptionType::real && std::isfinite(option.min))
        CHECK_THROWS_AS(make(key, {{option.name, option.min - 1}}), UsageError);
      if (option.type() == OptionType::real && std::isfinite(option.max) && option.max_where.empty())
        CHECK_THROWS_AS(make(key, {{option.name, option.max + 1}}), UsageError);
    }
  }
}

TEST_CASE("roles follow from the hooks that a class overrides") {
  const auto& entries = remedies();
  const auto roles = [&](const std::string& key) { return entries.at(key).spec.replaces; };
  using Roles = std::vector<std::string>;
  CHECK(roles("vae").empty());
  CHECK(roles("bn_vae") == Roles{"posterior"});
  CHECK(entries.at("bn_vae").spec.needs_batch_statistics);
  CHECK_FALSE(entries.at("ln_vae").spec.needs_batch_statistics);
  CHECK(roles("kl_annealing") == Roles{"kl_weight"});
  CHECK(roles("beta_vae") == Roles{"kl_scale"});
  CHECK(roles("free_bits") == Roles{"kl_penalty", "kl_target"});
  CHECK(roles("aggressive") == Roles{"encoder_training", "train_step"});
  CHECK(roles("geco") == Roles{"kl_scale", "kl_weight", "rec_weight"});
  CHECK(roles("pooling_encoder") == Roles{"encoder_pooling"});
}

TEST_CASE("what a remedy changes follows from the hooks that its class overrides") {
  const auto changes = [](const std::string& key) { return remedies().at(key).spec.changes; };
  using Changes = std::vector<std::string>;
  CHECK(changes("vae") == Changes{});
  CHECK(changes("bn_vae") == Changes{"posterior"});
  CHECK(changes("kl_annealing") == Changes{"weight"});
  CHECK(changes("free_bits") == Changes{"penalty"});
  CHECK(changes("bow") == Changes{"loss"});
  CHECK(changes("coupled_vae") == Changes{"loss"});
  CHECK(changes("sa_vae") == Changes{"posterior"});
  CHECK(changes("frozen_encoder") == Changes{"training"});
  CHECK(changes("pooling_encoder") == Changes{"encoder"});
  CHECK(changes("skip_decoder") == Changes{"decoder"});
}

TEST_CASE("a remedy that overrides kl_penalty and declares nothing takes effect") {
  struct Twice : Plain {
    using Plain::Plain;
    torch::Tensor kl_penalty(const LossTerms& terms, const Progress& /*progress*/) override {
      return 2 * terms.kl.sum(1);
    }
  };
  auto& registry = RegularizerRegistry::instance();
  registry.add({.key = "x_twice"}, hooks_of<Twice>(),
               [](const Options& options, const ModelFacts& model) { return std::make_shared<Twice>(options, model); });
  RegularizerStack stack({{"x_twice", {}}}, {.latent_dim = 2, .vocabulary = 50});
  CHECK(stack.kl_penalty(of_kl(matrix({{0.5F, 0.25F}})), at_step(0)).item<double>() == Approx(1.5));
  CHECK_THROWS_WITH(RegularizerStack({{"x_twice", {}}, {"free_bits", {}}}, {.latent_dim = 2, .vocabulary = 50}),
                    ContainsSubstring("both set the kl_penalty"));
  registry.remove("x_twice");
}

TEST_CASE("unknown roles, and roles that only a hook gives, are refused") {
  const auto refused = [](const std::string& role) {
    ComponentSpec spec{.key = "x", .replaces = {role}};
    complete_spec(spec, {});
    return spec;
  };
  CHECK_THROWS_WITH(refused("kl_penalty"), ContainsSubstring("follows from the hooks"));
  CHECK_THROWS_WITH(refused("kl_wieght"),
                    ContainsSubstring("unknown role 'kl_wieght'") && ContainsSubstring("kl_weight"));
  CHECK(refused("kl_target").replaces == std::vector<std::string>{"kl_target"});
}

TEST_CASE("the recipes that remedies name are the files of configs/recipes") {
  std::set<std::string> named, files;
  for (const auto& [key, entry] : remedies()) {
    std::istringstream names(entry.spec.recipe);
    for (std::string name; std::getline(names >> std::ws, name, ',');) named.insert(name);
  }
  for (const auto& file : std::filesystem::directory_iterator(KLBENCH_SOURCE_DIR "/configs/recipes"))
    files.insert(file.path().stem());
  CHECK(named == files);
  CHECK(remedies().at("bn_vae").spec.recipe == "zhu2020, zhang2022");
}
