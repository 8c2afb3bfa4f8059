#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "cli/arguments.h"
#include "cli/command.h"
#include "config/component_template.h"
#include "core/error.h"
#include "core/files.h"
#include "storage/records.h"
#include "sweep/builtin.h"

namespace klbench {

namespace {

struct NewArguments {
  std::string what;
  std::string key;
  std::string folder;  ///< --out: a plugin of its own
};

using Files = std::vector<std::pair<std::filesystem::path, std::string>>;

Files files_in_tree(const ComponentTemplate& kind, const std::string& key) {
  const std::filesystem::path folder = kind.folder, tests = kind.tests;
  if (!std::filesystem::is_directory(folder)) {
    throw UsageError(
        fmt::format("here is no {}: run it in klbench's source tree, or give --out DIR for a plugin", kind.folder));
  }
  return {{folder / (key + ".cpp"), template_source(kind, key)},
          {tests / (key + "_test.cpp"), template_test(kind, key)}};
}

Files files_of_plugin(const ComponentTemplate& kind, const std::string& key, const std::filesystem::path& folder) {
  return {{folder / (key + ".cpp"), template_source(kind, key, true)},
          {folder / (key + "_test.cpp"), template_test(kind, key, true)},
          {folder / "CMakeLists.txt", template_cmake(key)}};
}

bool is_taken(const ComponentTemplate& kind, const std::string& key) {
  if (kind.member == &Components::metrics && is_known_metric(key)) return true;  // of the evaluation itself
  return (builtin_components().*kind.member).contains(key);
}

int make(const NewArguments& arguments) {
  const auto& kind = component_template(arguments.what);
  const std::string yaml = template_yaml(kind, arguments.key);  // refuses bad keys
  if (is_taken(kind, arguments.key))
    throw UsageError(fmt::format("the {} '{}' exists already", kind.what, arguments.key));
  const Files files = arguments.folder.empty() ? files_in_tree(kind, arguments.key)
                                               : files_of_plugin(kind, arguments.key, arguments.folder);
  for (const auto& [path, text] : files) {
    if (std::filesystem::exists(path)) throw UsageError(fmt::format("{} exists already", path.string()));
  }
  for (const auto& [path, text] : files) {
    write_file_durably(path, text);
    fmt::print("{}\n", path.string());
  }
  fmt::print(stderr, "in a study:\n  {}\n", yaml);
  return 0;
}

}  // namespace

Command new_command() {
  return {"new", "Write the source and the test of a component from a template", [](CLI::App& app) {
            auto arguments = std::make_shared<NewArguments>();
            app.add_option("what", arguments->what, fmt::format("{}", fmt::join(template_kinds(), ", ")))->required();
            app.add_option("key", arguments->key, "Its key, in snake_case")->required();
            expands_user(app.add_option("--out", arguments->folder,
                                        "Write a plugin of its own, with a CMakeLists.txt, into this folder"))
                ->type_name("DIR");
            return [arguments] { return make(*arguments); };
          }};
}

}  // namespace klbench
