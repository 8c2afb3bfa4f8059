#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/option_spec.h"
#include "core/error.h"

namespace klbench {

/// The components of one kind that are known to this process, by key. EntryType has a member `spec`.
template <class EntryType>
class Registry {
 public:
  using Entry = EntryType;

  /// `what`: "dataset", as messages call one.
  explicit Registry(std::string what) : what_(std::move(what)) {}

  /// Never throws (it runs before main): errors such as a duplicate key are kept and thrown by entries().
  void add(Entry entry) noexcept {
    guarded([&] {
      check_spec(entry.spec);
      const std::string key = entry.spec.key;
      if (!entries_.try_emplace(key, std::move(entry)).second)
        throw UsageError(fmt::format("{} '{}' is registered twice", what_, one_line(key)));
    });
  }
  /// Takes a component out again, for tests that bring their own.
  void remove(const std::string& key) { entries_.erase(key); }
  /// The errors of registrations since the last call, which entries() then no longer throws: for the plugin loader.
  std::vector<std::string> take_errors() { return std::exchange(errors_, {}); }
  /// All components; throws UsageError when a registration failed.
  const std::map<std::string, Entry>& entries() const {
    if (!errors_.empty()) throw UsageError(fmt::format("{}", fmt::join(errors_, "; ")));
    return entries_;
  }
  /// Throws UsageError naming the valid keys.
  const Entry& find(const std::string& key) const {
    const auto found = entries().find(key);
    if (found != entries_.end()) return found->second;
    std::vector<std::string> valid;
    for (const auto& [name, entry] : entries_) valid.push_back(name);
    throw UsageError(unknown_name(what_, key, valid));
  }
  std::map<std::string, ComponentSpec> specs() const {
    std::map<std::string, ComponentSpec> specs;
    for (const auto& [key, entry] : entries()) specs.emplace(key, entry.spec);
    return specs;
  }

 protected:
  /// One that is registered.
  Entry& entry(const std::string& key) { return entries_.at(key); }
  /// Keeps what `action` throws.
  template <class Action>
  void guarded(const Action& action) noexcept try {
    action();
  } catch (const std::exception& error) {
    try {
      errors_.emplace_back(error.what());
    } catch (...) {
      // Out of memory before main: the component stays unknown, which find() reports.
    }
  }

 private:
  std::string what_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> errors_;
};

}  // namespace klbench
