#include <fmt/format.h>

#include "cli/command.h"
#include "core/build_info.h"
#include "sweep/engine.h"

namespace klbench {

Command version_command() {
  return {"version", "Print versions of klbench, its formats and its libraries", [](CLI::App&) {
            return [] {
              fmt::print("klbench {} ({})\nnumerics {}\nschema {}\nplugin API {}\n", version(), git_revision(),
                         kNumericsVersion, kSchemaVersion, kPluginApiVersion);
              fmt::print("libtorch {}\n", engine().torch_version());
              return 0;
            };
          }};
}

}  // namespace klbench
