#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace klbench {

/// One subcommand: `setup` declares its arguments and returns what runs it after parsing (the exit code).
struct Command {
  std::string name;
  std::string summary;
  std::function<std::function<int()>(CLI::App&)> setup;
  enum Kind {
    kOrdinary,
    kHidden,        ///< for klbench's own processes, not in the help
    kReadsResults,  ///< reads files of unknown origin: runs in a child process, see isolation.h
  };
  Kind kind = kOrdinary;
};

// One file a subcommand.
Command run_command();
Command plan_command();
Command status_command();
Command watch_command();
Command cancel_command();
Command logs_command();
Command task_command();
Command collect_command();
Command export_command();
Command show_command();
Command compare_command();
Command diff_command();
Command verify_command();
Command plot_command();
Command report_command();
Command list_command();
Command describe_command();
Command schema_command();
Command new_command();
Command sample_command();
Command reconstruct_command();
Command interpolate_command();
Command probe_command();
Command cell_command();
Command gc_command();
Command version_command();
Command docs_command();

/// All of them, in the order of the help.
const std::vector<Command>& commands();

}  // namespace klbench
