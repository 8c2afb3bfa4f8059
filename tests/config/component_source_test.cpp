#include "config/component_source.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("Components of the source tree have hashes of their source, others have none") {
  const ComponentSource* bn_vae = component_source("regularizers/bn_vae");
  REQUIRE(bn_vae);
  CHECK(bn_vae->present.size() == 16);
  CHECK(bn_vae->counts_as.size() == 16);
  REQUIRE(component_source("data/wordnet"));
  CHECK(component_source("regularizers/ln_vae")->present != bn_vae->present);
  CHECK_FALSE(component_source("regularizers/of_a_plugin"));
}
