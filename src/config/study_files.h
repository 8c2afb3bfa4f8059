#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/yaml_reader.h"

namespace klbench {

/// One file of a study.
struct StudyFile {
  std::filesystem::path path;
  std::string text;
  YamlNode root;          ///< a map
  bool included = false;  ///< false: the study's own file, the last of the list
};

/// Keys of a study file that are no options; included files may have `include`, `set` and `plugins` of them only.
const std::vector<std::string>& study_keys();

/// A study's file and all it includes, in order of precedence: what a file includes stands before it. Paths in
/// `include` are relative to the file that names them. Throws UsageError for missing files, cycles, and more than 1,000
/// files.
std::vector<StudyFile> read_study_files(const std::filesystem::path& file);

/// A plugin's file and where it is named.
struct PluginPath {
  std::string path;
  Place place;
};

/// `plugins:` of all files, absolute, without doubles.
std::vector<PluginPath> plugin_paths(const std::vector<StudyFile>& files);

}  // namespace klbench
