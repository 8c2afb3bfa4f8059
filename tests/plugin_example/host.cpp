// host load FILE...: loads plugins one after the other and prints a line for each.
// host template KEY FOLDER: writes the plugin template of a key.
#include <cstdio>
#include <fstream>
#include <string>

#include "config/option_spec.h"
#include "config/regularizer_template.h"
#include "core/error.h"
#include "regularizers/plugin_loader.h"

namespace {

int load(int count, char** paths) {
  int exit_code = 0;
  for (int i = 0; i < count; ++i) {
    try {
      for (const auto& spec : klbench::load_plugin(paths[i])) {
        std::printf("%s:", spec.key.c_str());
        for (const auto& option : spec.options)
          std::printf(" %s=%s", option.name.c_str(), klbench::to_string(option.default_value).c_str());
        std::printf("\n");
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

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  if (std::string(argv[1]) == "load") return load(argc - 2, argv + 2);
  const std::string key = argv[2], folder = argv[3];
  std::ofstream(folder + "/" + key + ".cpp") << klbench::regularizer_source(key, true);
  std::ofstream(folder + "/" + key + "_test.cpp") << klbench::regularizer_test(key, true);
  std::ofstream(folder + "/CMakeLists.txt") << klbench::regularizer_cmake(key);
  return 0;
}
