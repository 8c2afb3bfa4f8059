#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "cli/cli.h"
#include "core/cpus.h"

namespace {

/// Takes the variables by which OpenMP libraries bind threads out of the environment, before the libraries are
/// initialised and act on them.
void drop_bindings(int, char**, char** environment) {
  char** kept = environment;
  for (char** entry = environment; *entry != nullptr; ++entry) {
    bool binds = false;
    for (const char* name : klbench::kBindingVariables) {
      const std::size_t size = std::strlen(name);
      binds = binds || (std::strncmp(*entry, name, size) == 0 && (*entry)[size] == '=');
    }
    if (!binds) *kept++ = *entry;
  }
  *kept = nullptr;
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const before_libraries)(int, char**, char**) = drop_bindings;

}  // namespace

int main(int argc, char** argv) {
  const int code = klbench::cli_main(argc, argv);
  std::fflush(nullptr);
  ::_exit(code);  // without the clean-up of LibTorch, which takes a tenth of a second
}
