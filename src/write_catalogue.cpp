/// Writes catalogue.cpp for the program: the components that the engine has, so that the program need not load it to
/// name them.
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "config/spec_json.h"
#include "sweep/engine.h"

int main() {
  const nlohmann::json catalogue = klbench::engine().builtin_components();
  std::printf(
      "#include \"sweep/builtin.h\"\n\nstatic const klbench::CatalogueRegistrar kCatalogue(R\"json(%s)json\");\n",
      catalogue.dump(1).c_str());
  std::fflush(stdout);
  ::_exit(0);  // nothing of the libraries' own clean-up is wanted
}
