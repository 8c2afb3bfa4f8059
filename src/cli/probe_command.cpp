#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "sweep/plugins.h"

namespace klbench {

Command probe_command() {
  return {"probe", "Load a plugin into this process and print what it brings as JSON", [](CLI::App& app) {
            auto path = std::make_shared<std::string>();
            app.add_option("plugin", *path, "Shared library")->required()->type_name("PLUGIN.so");
            return [path] {
              fmt::print("{}\n", probe_here(*path));
              return 0;
            };
          }};
}

}  // namespace klbench
