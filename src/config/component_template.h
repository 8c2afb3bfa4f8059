#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/components.h"

namespace klbench {

/// A kind of component as `klbench new` writes it: one that works as it stands, to be changed.
struct ComponentTemplate {
  const char* what;                    ///< "encoder"
  ComponentSpecs Components::*member;  ///< where those of the kind are: &Components::encoders
  const char* header;                  ///< what the source includes in tree
  const char* folder;                  ///< of the source, in tree
  const char* tests;                   ///< folder of the test, in tree
  const char* source;                  ///< with @key@, @Class@, @header@ and @mark@, as is the rest
  const char* test;                    ///< hand-computed, in tree
  const char* in_study;                ///< its line in a study
};

/// One for each kind.
const std::vector<ComponentTemplate>& component_templates();
/// What they are called, and "study": "regularizer", "dataset", ...
std::vector<std::string> template_kinds();
/// Throws UsageError naming the valid kinds.
const ComponentTemplate& component_template(std::string_view what);

// All of these throw UsageError unless `key` is snake_case (a letter, then letters, digits and underscores, at most
// 40), template_study where it is no name of a file.

/// The source of a component, for <folder>/<key>.cpp, or as a plugin of its own.
std::string template_source(const ComponentTemplate& kind, const std::string& key, bool plugin = false);
/// Its test, for <tests>/<key>_test.cpp; of a plugin the contract of its kind (engine/contract.h).
std::string template_test(const ComponentTemplate& kind, const std::string& key, bool plugin = false);
/// Its line in a study.
std::string template_yaml(const ComponentTemplate& kind, const std::string& key);
/// A study called `key`; `schema`, where it is not empty, is what its line for editors names.
std::string template_study(const std::string& key, const std::string& schema);
/// CMakeLists.txt that builds the plugin <key>.so from <key>.cpp against an installed klbench.
std::string template_cmake(const std::string& key);

}  // namespace klbench
