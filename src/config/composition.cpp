#include "config/composition.h"

#include <fmt/format.h>

#include <map>
#include <string>

#include "core/error.h"

namespace klbench {

void check_composition(const std::vector<const ComponentSpec*>& parts) {
  std::map<std::string, const ComponentSpec*> keys, roles;
  for (const ComponentSpec* part : parts) {
    if (!keys.emplace(part->key, part).second)
      throw UsageError(fmt::format("regularizer '{}' stands twice in one composition", part->key));
    for (const auto& role : part->replaces)
      if (const auto [other, first] = roles.emplace(role, part); !first)
        throw UsageError(fmt::format("regularizers '{}' and '{}' cannot be combined: both set the {}; keep one of them",
                                     other->second->key, part->key, role));
  }
}

}  // namespace klbench
