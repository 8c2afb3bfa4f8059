#pragma once

namespace klbench {

/// Parses the command line, runs the subcommand and returns the exit code:
/// 0 success, 1 failure, 2 bad input (arguments, YAML, data files, plugins), 128 + signal after INT, TERM, HUP, USR1.
int cli_main(int argc, char** argv);

}  // namespace klbench
