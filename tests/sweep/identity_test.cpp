#include "sweep/identity.h"

#include <set>

#include "catch.h"
#include "config/component_source.h"
#include "config/schema.h"
#include "data/dataset.h"
#include "sweep/builtin.h"

using namespace klbench;

namespace {

using Parts = std::vector<std::pair<std::string, std::map<std::string, Value>>>;

CellConfig identity_cell(const Parts& parts, const std::map<std::string, Value>& changes = {}) {
  CellConfig config;
  for (const auto& option : core_options()) config.values[option.name] = option.default_value;
  config.values["trainer.precision"] = std::string("f32");
  config.values["data.name"] = std::string("text_lines");
  for (const auto& option : DatasetRegistry::instance().entries().at("text_lines").spec.options) {
    config.values["data." + option.name] = option.default_value;
  }
  for (const auto& [section, specs] : {std::pair{"model.encoder.", builtin_components().encoders},
                                       {"model.decoder.", builtin_components().decoders}}) {
    config.values[section + std::string("name")] = std::string("lstm");
    for (const auto& option : specs.at("lstm").options) config.values[section + option.name] = option.default_value;
  }
  for (const auto& [name, value] : changes) config.values[name] = value;
  for (const auto& [key, given] : parts) {
    config.regularizer.push_back({key, Options(builtin_components().regularizers.at(key), given)});
  }
  return config;
}

}  // namespace

TEST_CASE("The identity of a cell has its code, data and what differs from the values left out") {
  const Identity identity = identity_of(identity_cell({{"bn_vae", {{"gamma", 0.9}}}, {"kl_annealing", {}}},
                                                      {{"trainer.lr", 0.5}, {"data.train", std::string("/a/b c.txt")}}),
                                        "d4a7a", {});
  CHECK(identity == Identity{{"component bn_vae", component_source("regularizers/bn_vae")->counts_as},
                             {"component kl_annealing", component_source("regularizers/kl_annealing")->counts_as},
                             {"data", "d4a7a"},
                             {"data.name", "text_lines"},
                             {"decoder lstm", component_source("models/decoders/lstm")->counts_as},
                             {"encoder lstm", component_source("models/encoders/lstm")->counts_as},
                             {"eval.mi_samples", "8"},
                             {"model.decoder.name", "lstm"},
                             {"model.encoder.name", "lstm"},
                             {"numerics", identity.at("numerics")},
                             {"regularizer", "bn_vae+kl_annealing"},
                             {"regularizer.bn_vae.gamma", "0.9"},
                             {"trainer.lr", "0.5"},
                             {"trainer.precision", "f32"}});
}

TEST_CASE("Gaussian posterior and standard prior leave ids as they were; others stand in them with their source") {
  const Parts vae = {{"vae", {}}};
  const auto named = [&](const char* posterior, const char* prior) {
    return identity_of(identity_cell(vae, {{"model.posterior.name", std::string(posterior)},
                                           {"model.prior.name", std::string(prior)}}),
                       "d", {});
  };
  CHECK(named("gaussian", "standard") == identity_of(identity_cell(vae), "d", {}));
  const Identity other = named("vmf", "sphere");
  CHECK(other.at("model.posterior.name") == "vmf");
  CHECK(other.at("posterior vmf") == component_source("latent/families/vmf")->counts_as);
  CHECK(other.at("prior sphere") == component_source("latent/priors/sphere")->counts_as);
}

TEST_CASE("What is kept and how often it is saved are no part of the identity") {
  const Parts vae = {{"vae", {}}};
  CHECK(identity_of(identity_cell(vae, {{"keep.model", true},
                                        {"keep.latents", true},
                                        {"keep.samples", std::int64_t{9}},
                                        {"trainer.checkpoint_every_steps", std::int64_t{7}}}),
                    "d", {}) == identity_of(identity_cell(vae), "d", {}));
}

TEST_CASE("What another option overrides is no part of the identity") {
  const auto of = [](const std::map<std::string, Value>& changes) {
    return identity_of(identity_cell({{"vae", {}}}, changes), "d", {});
  };
  const std::int64_t five = 5, words = 500;
  CHECK(of({{"trainer.epochs", five}}) != of({}));
  CHECK(of({{"trainer.epochs", five}, {"trainer.steps", words}}) == of({{"trainer.steps", words}}));

  const Value file = std::string("words.txt");
  CHECK(of({{"data.min_count", five}}) != of({}));
  CHECK(of({{"data.min_count", five}, {"data.max_vocabulary", words}, {"data.vocabulary", file}}) ==
        of({{"data.vocabulary", file}}));
}

TEST_CASE("A plugin's remedy has the hash of the plugin and all of its options") {
  const Identity identity = identity_of(identity_cell({{"bn_vae", {}}}), "d", {{"bn_vae", "beef"}});
  CHECK(identity.at("plugin bn_vae") == "beef");
  CHECK_FALSE(identity.contains("component bn_vae"));
  CHECK(identity.at("regularizer.bn_vae.gamma") ==
        to_string(builtin_components().regularizers.at("bn_vae").options.at(0).default_value));
}

TEST_CASE("An option without a line in the table is left out at its default only") {
  const Parts vae = {{"vae", {}}};
  const Identity identity = identity_of(identity_cell(vae, {{"trainer.unheard_of", std::int64_t{1}}}), "d", {});
  CHECK(identity.at("trainer.unheard_of") == "1");
}

TEST_CASE("Every core option that is part of identities has the line that keeps ids when its default changes") {
  CellConfig all;
  for (const auto& option : core_options()) all.values[option.name] = option.default_value;
  for (const auto& [name, value] : all.of_result().values) {
    INFO("add {\"" << name << "\", \"" << to_string(value) << "\"} to unwritten_values() in src/sweep/identity.cpp");
    CHECK_FALSE(unwritten_value(name).empty());
  }
}

TEST_CASE("Every component of the source tree has the hash of its source") {
  for (const auto& [key, spec] : builtin_components().encoders) CHECK(component_source("models/encoders/" + key));
  for (const auto& [key, spec] : builtin_components().decoders) CHECK(component_source("models/decoders/" + key));
  for (const auto& [key, spec] : builtin_components().regularizers) {
    INFO(key);
    CHECK(component_source("regularizers/" + key));
  }
}

TEST_CASE("Identities survive as comments below a configuration") {
  const Identity identity =
      identity_of(identity_cell({{"vae", {}}}, {{"model.encoder.init", std::string("a = \"b\"\n c")}}), "d", {});
  const std::string text = "seed: 1\n" + identity_comments(identity);
  CHECK(text.find("\n c") == std::string::npos);
  CHECK(read_identity_comments(text) == identity);
  CHECK(read_identity_comments("seed: 1\n").empty());
}

TEST_CASE("Differences are told in words") {
  const Identity before = {{"component a", "1"}, {"data", "1"}, {"numerics", "2"},    {"plugin p", "1"},
                           {"regularizer", "a"}, {"seed", "3"}, {"trainer.lr", "0.5"}};
  const auto text = [&](const std::map<std::string, std::string>& changes, const std::set<std::string>& removed = {}) {
    Identity now = before;
    for (const auto& [fact, value] : changes) now[fact] = value;
    for (const auto& fact : removed) now.erase(fact);
    return difference_text(differences(before, now));
  };
  CHECK(text({}).empty());
  CHECK(text({{"component a", "2"}}) == "the source of a has changed");
  CHECK(text({{"plugin p", "2"}, {"data", "2"}}) == "the data are others; the plugin of p has changed");
  CHECK(text({{"numerics", "3"}}) == "numerics 3 instead of 2");
  CHECK(text({{"trainer.lr", "0.1"}}) == "trainer.lr 0.1 instead of 0.5");
  CHECK(text({{"trainer.clip", "1.0"}}) == "trainer.clip 1.0 instead of its default");
  CHECK(text({}, {"seed"}) == "seed at its default instead of 3");
  CHECK(text({{"regularizer", "b"}, {"component b", "1"}}, {"component a"}) == "regularizer b instead of a");
  CHECK(text({{"plugin a", "1"}}, {"component a"}) == "a remedy is defined elsewhere");
}
