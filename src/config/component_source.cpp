#include "config/component_source.h"

#include <map>

namespace klbench {

const ComponentSource* component_source(const std::string& component) {
  static const std::map<std::string, ComponentSource> sources = {
#include "klbench_component_hashes.inc"
  };
  const auto found = sources.find(component);
  return found == sources.end() ? nullptr : &found->second;
}

}  // namespace klbench
