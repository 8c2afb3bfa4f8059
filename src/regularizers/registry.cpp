#include "regularizers/registry.h"

#include <utility>

namespace klbench {

RegularizerRegistry& RegularizerRegistry::instance() {
  static RegularizerRegistry registry;
  return registry;
}

void RegularizerRegistry::add(ComponentSpec spec, const Hooks& hooks, RegularizerFactory make) noexcept {
  guarded([&] {
    complete_spec(spec, hooks);
    Registry::add({std::move(spec), hooks, std::move(make)});
  });
}

}  // namespace klbench
