#include "sweep/labels.h"

#include "catch.h"

using namespace klbench;

namespace {

CellConfig cell(std::int64_t seed, std::vector<std::pair<std::string, double>> gammas) {
  CellConfig config;
  config.values = {{"seed", seed}, {"model.latent_dim", std::int64_t{32}}, {"trainer.lr", 1.0}};
  for (const auto& [key, gamma] : gammas) {
    const ComponentSpec spec{.key = key, .options = {{.name = "gamma", .default_value = 0.5, .help = ""}}};
    config.regularizer.push_back({key, Options(spec, {{"gamma", gamma}})});
  }
  return config;
}

}  // namespace

TEST_CASE("labels name the method and what varies among the cells that have it") {
  const CellConfig a = cell(0, {{"bn_vae", 0.25}});
  const CellConfig b = cell(1, {{"bn_vae", 0.75}});
  const CellConfig c = cell(0, {{"bn_vae", 0.25}, {"ln_vae", 0.5}});
  CHECK(cell_labels({&a, &b, &c}) == std::vector<std::string>{"bn_vae gamma=0.25 seed=0", "bn_vae gamma=0.75 seed=1",
                                                              "bn_vae+ln_vae bn_vae.gamma=0.25 seed=0"});
  CHECK(cell_labels({&a}) == std::vector<std::string>{"bn_vae"});
  CHECK(cell_labels({}).empty());
}
