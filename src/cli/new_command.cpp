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
#include "core/process.h"
#include "core/shell.h"
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

/// The JSON schema of studies that lies beside this program, as a YAML file in `folder` names it: relative where both
/// are below the working folder, else absolute; empty where there is none.
std::string schema_path(const std::filesystem::path& folder) {
  const auto here = std::filesystem::current_path();
  const auto is_below = [&](const auto& path) { return !path.lexically_relative(here).string().starts_with(".."); };
  const auto bin = std::filesystem::path(executable_path()).parent_path();
  const auto from = (here / folder).lexically_normal();
  for (const auto& path : {bin / "study.schema.json", bin / "../share/klbench/study.schema.json"}) {
    const auto schema = path.lexically_normal();
    if (!std::filesystem::is_regular_file(schema)) continue;
    return (is_below(schema) && is_below(from) ? schema.lexically_relative(from) : schema).string();
  }
  return "";
}

/// NAME.yaml in the working folder or --out.
int make_study(const NewArguments& arguments) {
  const std::filesystem::path folder = arguments.folder.empty() ? "." : arguments.folder;
  const auto path = (folder / (arguments.key + ".yaml")).lexically_normal();
  const std::string text = template_study(arguments.key, schema_path(folder));  // refuses bad keys
  if (std::filesystem::exists(path)) throw UsageError(fmt::format("{} exists already", path.string()));
  write_file_durably(path, text);
  fmt::print("{}\n", path.string());
  fmt::print(stderr, "then:\n  klbench run {}\n", shell_word(path.string()));
  return 0;
}

/// The commands that make a library of a plugin's source, and name it; this program's own installation is used where
/// it is one.
std::string build_steps(const NewArguments& arguments) {
  const auto bin = std::filesystem::path(executable_path()).parent_path();
  const bool installed = std::filesystem::is_regular_file(bin / "../share/klbench/study.schema.json");
  const std::string folder = shell_word(arguments.folder), build = shell_word(arguments.folder + "/build");
  const std::string install = fmt::format("  cmake --install {} --prefix ~/klbench\n", shell_word(bin.string()));
  return fmt::format(
      "build it and give it to a study:\n{}"
      "  cmake -S {} -B {} -DCMAKE_PREFIX_PATH={} && cmake --build {}\n"
      "  klbench run STUDY.yaml --plugin {}\n",
      installed ? "" : install, folder, build, installed ? shell_word(bin.parent_path().string()) : "$HOME/klbench",
      build, shell_word(arguments.folder + "/build/" + arguments.key + ".so"));
}

int make(const NewArguments& arguments) {
  if (arguments.what == "study") return make_study(arguments);
  const auto& kind = component_template(arguments.what);
  const std::string yaml = template_yaml(kind, arguments.key);  // refuses bad keys
  if (is_taken(kind, arguments.key))
    throw UsageError(fmt::format("the {} '{}' exists already", kind.what, arguments.key));
  const Files files = arguments.folder.empty() ? files_in_tree(kind, arguments.key)
                                               : files_of_plugin(kind, arguments.key, arguments.folder);
  for (const auto& [path, text] : files) {
    if (std::filesystem::exists(path)) {
      throw UsageError(
          fmt::format("{} exists already; {}", path.string(),
                      arguments.folder.empty() ? "choose another name" : "give each plugin an --out of its own"));
    }
  }
  for (const auto& [path, text] : files) {
    write_file_durably(path, text);
    fmt::print("{}\n", path.string());
  }
  fmt::print(stderr, "in a study:\n  {}\n{}", yaml, arguments.folder.empty() ? "" : build_steps(arguments));
  return 0;
}

}  // namespace

Command new_command() {
  return {
      "new", "Write a study, or the source and the test of a component, from a template", [](CLI::App& app) {
        auto arguments = std::make_shared<NewArguments>();
        app.add_option("what", arguments->what, fmt::format("{}", fmt::join(template_kinds(), ", ")))->required();
        app.add_option("key", arguments->key, "Its key in snake_case, or the study's name")->required();
        expands_user(app.add_option("--out", arguments->folder,
                                    "Write the study, or a plugin of its own with a CMakeLists.txt, into this folder"))
            ->type_name("DIR");
        return [arguments] { return make(*arguments); };
      }};
}

}  // namespace klbench
