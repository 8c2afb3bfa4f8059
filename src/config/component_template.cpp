#include "config/component_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <regex>

#include "config/figures.h"
#include "config/templates/templates.h"
#include "core/error.h"

namespace klbench {

namespace {

/// For a plugin: the contract, by a program without a test library.
constexpr const char* kPluginTest = R"(// Usage: @key@_test @key@.so
#include <cstdio>

#include "engine/contract.h"
#include "engine/plugin_loader.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const auto broken = klbench::broken_contracts(klbench::load_plugin(arguments[1]));
  for (const auto& sentence : broken) std::printf("%s\n", sentence.c_str());
  return broken.empty() ? 0 : 1;
}
)";

constexpr const char* kCmake = R"(cmake_minimum_required(VERSION 3.25)
project(@key@ LANGUAGES CXX)
find_package(klbench REQUIRED)
add_library(@key@ MODULE @key@.cpp)
set_target_properties(@key@ PROPERTIES PREFIX "")
target_link_libraries(@key@ PRIVATE klbench::klbench)
add_executable(@key@_test @key@_test.cpp)
target_link_libraries(@key@_test PRIVATE klbench::klbench)
enable_testing()
add_test(NAME contract COMMAND @key@_test $<TARGET_FILE:@key@>)
)";

/// bn_vae of a regularizer -> BnVaeRegularizer, which no type of klbench is called.
std::string class_name(const std::string& key, std::string what) {
  what[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(what[0])));
  std::string name;
  bool upper = true;
  for (const char c : key) {
    if (c != '_') name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return name + what;
}

std::string fill(std::string text, const std::string& key, const ComponentTemplate* kind = nullptr,
                 bool plugin = false) {
  static const std::regex valid("[a-z][a-z0-9_]{0,39}");
  if (!std::regex_match(key, valid))
    throw UsageError(
        fmt::format("bad key '{}': a key is a small letter, then small letters, digits and underscores, "
                    "at most 40 in all",
                    one_line(key)));
  const auto replace = [&text](const std::string& name, const std::string& value) {
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size())
      text.replace(at, name.size(), value);
  };
  if (kind) {
    replace("@header@", plugin ? "engine/plugin_api.h" : kind->header);
    replace("@mark@", plugin ? "\nKLBENCH_PLUGIN\n" : "");
    replace("@Class@", class_name(key, kind->what));
  }
  replace("@key@", key);
  return text;
}

}  // namespace

const std::vector<ComponentTemplate>& component_templates() {
  static const std::vector<ComponentTemplate> templates = {kRegularizerTemplate, kDatasetTemplate, kEncoderTemplate,
                                                           kDecoderTemplate,     kFamilyTemplate,  kPriorTemplate,
                                                           kMetricTemplate,      kFigureTemplate};
  return templates;
}

std::vector<std::string> template_kinds() {
  std::vector<std::string> kinds;
  for (const auto& kind : component_templates()) kinds.emplace_back(kind.what);
  kinds.emplace_back("study");
  return kinds;
}

const ComponentTemplate& component_template(std::string_view what) {
  for (const auto& kind : component_templates()) {
    if (kind.what == what) return kind;
  }
  if (what == "posterior") throw UsageError("what model.posterior names is a family: write 'family'");
  throw UsageError(unknown_name("kind", what, template_kinds()));
}

std::string template_source(const ComponentTemplate& kind, const std::string& key, bool plugin) {
  return fill(kind.source, key, &kind, plugin);
}
std::string template_test(const ComponentTemplate& kind, const std::string& key, bool plugin) {
  return fill(plugin ? kPluginTest : kind.test, key, &kind);
}
std::string template_yaml(const ComponentTemplate& kind, const std::string& key) { return fill(kind.in_study, key); }
std::string template_study(const std::string& key, const std::string& schema) {
  file_stem(plain_scalar(key, {"klbench new study", 0, 0}), "NAME");
  const std::string line = schema.empty() ? "" : "# yaml-language-server: $schema=" + schema + "\n";
  return line + std::regex_replace(kStudyTemplate, std::regex("@key@"), key);
}
std::string template_cmake(const std::string& key) { return fill(kCmake, key); }

}  // namespace klbench
