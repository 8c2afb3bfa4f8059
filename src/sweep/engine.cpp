#include "sweep/engine.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "core/error.h"
#include "core/signals.h"

namespace klbench {

namespace {

constexpr const char* kLibrary = "libklbench.so";

Engine& (*the_engine)() = nullptr;

/// The library beside the one that this function is in, else as the dynamic linker finds it.
std::string library_path() {
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void*>(&library_path), &here) == 0) return kLibrary;
  const auto beside = std::filesystem::path(here.dli_fname).parent_path() / kLibrary;
  std::error_code error;
  return std::filesystem::exists(beside, error) ? beside.string() : kLibrary;
}

}  // namespace

EngineRegistrar::EngineRegistrar(Engine& (*get)()) noexcept { the_engine = get; }

Engine& engine() {
  if (!the_engine) {
    const SignalsKept kept;
    if (!::dlopen(library_path().c_str(), RTLD_NOW | RTLD_GLOBAL))
      throw Error(fmt::format("cannot load LibTorch and what uses it: {}", one_line(::dlerror())));
  }
  if (!the_engine) throw Error(fmt::format("{} is of another klbench", kLibrary));
  return the_engine();
}

}  // namespace klbench
