#pragma once

namespace klbench {

/// True in a process that isolate() started.
bool is_isolated();

/// Runs the same command line in a child process with our standard streams, so that a file made to crash the HDF5
/// library ends only the child. Returns its exit code; throws Error when a signal ended it.
int isolate(char** argv);

}  // namespace klbench
