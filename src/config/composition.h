#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "config/schema.h"

namespace klbench {

/// Refuses a composition of regularizers in which a key occurs twice or two parts take the same exclusive role
/// (ComponentSpec::replaces), naming both and the role. Throws UsageError without a place.
void check_composition(const std::vector<const ComponentSpec*>& parts);

/// Whether `a` stands before `b` in every composition: the part that makes the posterior first, the others by key.
bool stands_before(const ComponentSpec& a, const ComponentSpec& b);

/// Brings the parts of a composition, however it was written, into their one order, and leaves out `vae`, which adds
/// nothing to others. `spec_of`: the spec of a part.
template <class Part, class SpecOf>
void make_canonical(std::vector<Part>& parts, const SpecOf& spec_of) {
  if (parts.size() > 1) std::erase_if(parts, [&](const Part& part) { return spec_of(part).key == "vae"; });
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const Part& a, const Part& b) { return stands_before(spec_of(a), spec_of(b)); });
}

/// The method, "kl_annealing+bn_vae", as CellConfig::method() spells it; a text with unknown keys stays as it is.
std::string canonical_method(const std::string& method, const Schema& schema);

}  // namespace klbench
