#include "config/regularizer_template.h"

#include <fmt/format.h>

#include <cctype>
#include <regex>
#include <string_view>

#include "core/error.h"

namespace klbench {

namespace {

constexpr std::string_view kSource = R"(#include "regularizers/@header@.h"
@mark@
namespace klbench {

namespace {

/// What the remedy computes, as a formula, and the paper it is from. As written: loss = rec + weight KL.
/// regularizer.h lists the hooks that can be overridden instead of, or beside, this one.
class @Class@ : public Regularizer {
 public:
  @Class@(const Options& options, const ModelFacts& /*model*/) : weight_(options.real("weight")) {}

  double kl_weight(const Progress& /*progress*/, const Metrics& /*last*/) override { return weight_; }

 private:
  double weight_;
};

KLBENCH_REGULARIZER(
    @Class@,
    {.key = "@key@",
     .summary = "one line for klbench list",
     .paper = "authors, venue year",
     .options = {{.name = "weight", .default_value = 0.5, .help = "weight on the KL", .min = 0}},
     .replaces = {"kl_scale"}});

}  // namespace

}  // namespace klbench
)";

constexpr std::string_view kTest = R"(#include "catch.h"
#include "helpers.h"

using namespace klbench;
using namespace klbench::testing;

TEST_CASE("@key@ weighs the KL by a constant") {
  // Numbers worked out by hand; the contract test covers the rest.
  CHECK(make("@key@")->kl_weight(at_step(0), {}) == 0.5);
  CHECK(make("@key@", {{"weight", 0.25}})->kl_weight(at_step(900), {}) == 0.25);
}
)";

/// For a plugin: the contract, by a program without a test library.
constexpr std::string_view kPluginTest = R"(// Usage: @key@_test @key@.so
#include <cstdio>

#include "regularizers/contract.h"
#include "regularizers/plugin_loader.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  int broken = 0;
  for (const auto& spec : klbench::load_plugin(arguments[1])) {
    for (const auto& violation : klbench::contract_violations(spec.key)) {
      std::printf("%s\n", violation.c_str());
      broken = 1;
    }
  }
  return broken;
}
)";

constexpr std::string_view kYaml = R"(    - {name: @key@, weight: [0.25, 0.5]}
)";

constexpr std::string_view kCmake = R"(cmake_minimum_required(VERSION 3.25)
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

/// bn_vae -> BnVaeRemedy, which no type of klbench is called.
std::string class_name(const std::string& key) {
  std::string name;
  bool upper = true;
  for (const char c : key) {
    if (c != '_') name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return name + "Remedy";
}

std::string fill(std::string_view text, const std::string& key, bool plugin = false) {
  static const std::regex valid("[a-z][a-z0-9_]{0,39}");
  if (!std::regex_match(key, valid))
    throw UsageError(
        fmt::format("bad key '{}': a key is a small letter, then small letters, digits and underscores, "
                    "at most 40 in all",
                    one_line(key)));
  std::string out(text);
  const auto replace = [&out](const std::string& name, const std::string& value) {
    for (std::size_t at = 0; (at = out.find(name, at)) != std::string::npos; at += value.size())
      out.replace(at, name.size(), value);
  };
  replace("@header@", plugin ? "api" : "registry");
  replace("@mark@", plugin ? "\nKLBENCH_PLUGIN\n" : "");
  replace("@Class@", class_name(key));
  replace("@key@", key);
  return out;
}

}  // namespace

std::string regularizer_source(const std::string& key, bool plugin) { return fill(kSource, key, plugin); }
std::string regularizer_test(const std::string& key, bool plugin) { return fill(plugin ? kPluginTest : kTest, key); }
std::string regularizer_yaml(const std::string& key) { return fill(kYaml, key); }
std::string regularizer_cmake(const std::string& key) { return fill(kCmake, key); }

}  // namespace klbench
