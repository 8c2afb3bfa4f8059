#pragma once

#include <string>

#include "config/components.h"

namespace klbench {

/// All components that this process knows.
Components registered_components();

/// Loads an out-of-tree plugin into this process for good (dlopen with RTLD_NOW | RTLD_LOCAL, never closed) and returns
/// what it registered; a second time for the same file only returns it.
/// Throws UsageError when the file is missing or no loadable library, has no mark of a plugin, was compiled against
/// another plugin API, Torch or C++ ABI, or registers a key that exists. A damaged file can end the process by a signal
/// or abort: load unknown files in a child process.
Components load_plugin(const std::string& path);

}  // namespace klbench
