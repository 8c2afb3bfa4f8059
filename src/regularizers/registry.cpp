#include "regularizers/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <utility>

#include "core/error.h"

namespace klbench {

RegularizerRegistry& RegularizerRegistry::instance() {
  static RegularizerRegistry registry;
  return registry;
}

void RegularizerRegistry::add(ComponentSpec spec, const Hooks& hooks, RegularizerFactory make) noexcept {
  try {
    const std::string key = spec.key;
    complete_spec(spec, hooks);
    if (!entries_.try_emplace(key, Entry{std::move(spec), hooks, std::move(make)}).second)
      errors_.push_back(fmt::format("regularizer '{}' is registered twice", one_line(key)));
  } catch (const std::exception& error) {
    errors_.emplace_back(error.what());
  }
}

const std::map<std::string, RegularizerRegistry::Entry>& RegularizerRegistry::entries() const {
  if (!errors_.empty()) throw UsageError(fmt::format("{}", fmt::join(errors_, "; ")));
  return entries_;
}

const RegularizerRegistry::Entry& RegularizerRegistry::find(const std::string& key) const {
  const auto found = entries().find(key);
  if (found != entries_.end()) return found->second;
  std::vector<std::string> valid;
  for (const auto& [name, entry] : entries_) valid.push_back(name);
  throw UsageError(unknown_name("regularizer", key, valid));
}

}  // namespace klbench
