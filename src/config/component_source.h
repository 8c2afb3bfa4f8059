#pragma once

#include <string>

namespace klbench {

/// Hashes of the source of a component of this program, made when it was built by cmake/component_hashes.py.
struct ComponentSource {
  std::string present;    ///< of the code as it is
  std::string counts_as;  ///< the hash that stands in ids: an older one where equal_sources.txt says so
};

/// `component`: "regularizers/bn_vae", "data/wordnet". Null for one that is not in tree (of a plugin).
const ComponentSource* component_source(const std::string& component);

}  // namespace klbench
