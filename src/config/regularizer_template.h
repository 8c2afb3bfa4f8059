#pragma once

#include <string>

namespace klbench {

/// What `klbench new regularizer <key>` writes: a remedy that works as it stands, to be changed. All of them throw
/// UsageError unless `key` is snake_case (a letter, then letters, digits and underscores, at most 40).

/// The remedy's source, for src/regularizers/builtin/<key>.cpp, or as a plugin of its own.
std::string regularizer_source(const std::string& key, bool plugin = false);
/// Its hand-computed test, for tests/regularizers/<key>_test.cpp.
std::string regularizer_test(const std::string& key, bool plugin = false);
/// Its entry under `sweep: regularizer:` of a study.
std::string regularizer_yaml(const std::string& key);
/// CMakeLists.txt that builds the plugin <key>.so from <key>.cpp against an installed klbench.
std::string regularizer_cmake(const std::string& key);

}  // namespace klbench
