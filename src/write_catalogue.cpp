/// Writes catalogue.cpp for the program: the components that the engine has, so that the program need not load it to
/// name them.
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "config/spec_json.h"
#include "sweep/engine.h"

int main() {
  const auto array = [](const klbench::ComponentSpecs& specs) {
    auto out = nlohmann::json::array();
    for (const auto& [key, spec] : specs) out.push_back(spec);
    return out;
  };
  const auto& known = klbench::engine().catalogue();
  const nlohmann::json catalogue = {{"regularizers", array(known.regularizers)},
                                    {"encoders", array(known.encoders)},
                                    {"decoders", array(known.decoders)},
                                    {"families", array(known.families)},
                                    {"priors", array(known.priors)}};
  std::printf(
      "#include \"sweep/builtin.h\"\n\nstatic const klbench::CatalogueRegistrar kCatalogue(R\"json(%s)json\");\n",
      catalogue.dump(1).c_str());
  std::fflush(stdout);
  ::_exit(0);  // nothing of the libraries' own clean-up is wanted
}
