// host load FILE...: loads plugins one after the other and prints a line for each.
#include <cstdio>
#include <string>

#include "config/components.h"
#include "core/error.h"
#include "engine/plugin_loader.h"

namespace {

int load(int count, char** paths) {
  int exit_code = 0;
  for (int i = 0; i < count; ++i) {
    try {
      const auto brings = klbench::load_plugin(paths[i]);
      for (const auto& kind : klbench::kComponentKinds) {
        for (const auto& [key, spec] : brings.*kind.member) {
          std::printf("%s %s:", kind.what, key.c_str());
          for (const auto& option : spec.options)
            std::printf(" %s=%s", option.name.c_str(), klbench::to_string(option.default_value).c_str());
          std::printf("\n");
        }
      }
    } catch (const klbench::Error& error) {
      std::printf("error %d: %s\n", error.exit_code(), error.what());
      exit_code = error.exit_code();
    }
    std::fflush(stdout);
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) { return argc < 3 ? 2 : load(argc - 2, argv + 2); }
