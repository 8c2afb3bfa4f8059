#include <fmt/format.h>

#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "sweep/plugins.h"

namespace klbench {

Command probe_command() {
  return {"probe", "Load a plugin in a process of its own and print what it brings as JSON", [](CLI::App& app) {
            auto path = std::make_shared<std::string>();
            auto here = std::make_shared<bool>(false);
            app.add_option("plugin", *path, "Shared library")->required()->type_name("PLUGIN.so");
            auto seconds = std::make_shared<double>(kProbeSeconds);
            app.add_flag("--here", *here, "In this process")->group("");
            wants_number(app.add_option("--seconds", *seconds, "How long loading it may take (default 60)"), 0.01,
                         86400);
            return [path, here, seconds] {
              fmt::print("{}\n", *here ? probe_here(*path) : probe_in_child(*path, *seconds));
              return 0;
            };
          }};
}

}  // namespace klbench
