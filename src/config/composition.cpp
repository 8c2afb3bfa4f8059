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

bool stands_before(const ComponentSpec& a, const ComponentSpec& b) {
  const auto makes_posterior = [](const ComponentSpec& part) {
    return std::find(part.replaces.begin(), part.replaces.end(), "posterior") != part.replaces.end();
  };
  return makes_posterior(a) == makes_posterior(b) ? a.key < b.key : makes_posterior(a);
}

std::string canonical_method(const std::string& method, const Schema& schema) {
  std::vector<const ComponentSpec*> parts;
  for (std::size_t start = 0; start <= method.size();) {
    const std::size_t end = std::min(method.find('+', start), method.size());
    const auto found = schema.regularizers.find(method.substr(start, end - start));
    if (found == schema.regularizers.end()) return method;
    parts.push_back(&found->second);
    start = end + 1;
  }
  make_canonical(parts, [](const ComponentSpec* part) -> const ComponentSpec& { return *part; });
  std::string out;
  for (const auto* part : parts) out += (out.empty() ? "" : "+") + part->key;
  return out;
}

}  // namespace klbench
