#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "sweep/engine.h"

namespace klbench {

Command cell_command() {
  return {"cell", "Train one cell: what run starts for each of them",
          [](CLI::App& app) {
            auto request = std::make_shared<WorkerRequest>();
            app.add_option("--config", request->config, "The cell's configuration")->required();
            app.add_option("--id", request->id, "Its id")->required();
            app.add_option("--folder", request->folder, "Where its files go")->required();
            app.add_option("--driver", request->driver, "Process whose end is this one's end");
            app.add_flag("--keep", request->keep, "Only make the kept files it lacks, from its weights");
            add_plugins(app, request->plugins);
            return [request]() -> int {
              const int code = engine().run_worker(*request);
              // Nothing of the libraries' own clean-up is wanted: after an I/O error it may crash.
              std::fflush(nullptr);
              ::_exit(code);
            };
          },
          Command::kHidden};
}

}  // namespace klbench
