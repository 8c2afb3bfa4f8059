#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "cli/arguments.h"
#include "cli/command.h"
#include "config/regularizer_template.h"
#include "core/error.h"
#include "core/files.h"
#include "sweep/builtin.h"

namespace klbench {

namespace {

struct Arguments {
  std::string what;
  std::string key;
  std::string folder;  ///< --out: a plugin of its own
};

using Files = std::vector<std::pair<std::filesystem::path, std::string>>;

Files files_in_tree(const std::string& key) {
  const std::filesystem::path builtin = "src/regularizers/builtin";
  if (!std::filesystem::is_directory(builtin)) {
    throw UsageError(
        "here is no src/regularizers/builtin: run it in klbench's source tree, or give --out DIR for a plugin");
  }
  return {{builtin / (key + ".cpp"), regularizer_source(key)},
          {"tests/regularizers/" + key + "_test.cpp", regularizer_test(key)}};
}

Files files_of_plugin(const std::string& key, const std::filesystem::path& folder) {
  return {{folder / (key + ".cpp"), regularizer_source(key, true)},
          {folder / (key + "_test.cpp"), regularizer_test(key, true)},
          {folder / "CMakeLists.txt", regularizer_cmake(key)}};
}

int make(const Arguments& arguments) {
  if (arguments.what != "regularizer") throw UsageError(unknown_name("kind", arguments.what, {"regularizer"}));
  const std::string yaml = regularizer_yaml(arguments.key);  // refuses bad keys
  if (builtin_catalogue().regularizers.contains(arguments.key)) {
    throw UsageError(fmt::format("the regularizer '{}' exists already", arguments.key));
  }
  const Files files =
      arguments.folder.empty() ? files_in_tree(arguments.key) : files_of_plugin(arguments.key, arguments.folder);
  for (const auto& [path, text] : files) {
    if (std::filesystem::exists(path)) throw UsageError(fmt::format("{} exists already", path.string()));
  }
  for (const auto& [path, text] : files) {
    write_file_durably(path, text);
    fmt::print("{}\n", path.string());
  }
  fmt::print(stderr, "its entry in a study, under `sweep: regularizer:`\n{}", yaml);
  return 0;
}

}  // namespace

Command new_command() {
  return {"new", "Write the source and the test of a regularizer from a template", [](CLI::App& app) {
            auto arguments = std::make_shared<Arguments>();
            app.add_option("what", arguments->what, "regularizer")->required();
            app.add_option("key", arguments->key, "Its key, in snake_case")->required();
            expands_user(app.add_option("--out", arguments->folder,
                                        "Write a plugin of its own, with a CMakeLists.txt, into this folder"))
                ->type_name("DIR");
            return [arguments] { return make(*arguments); };
          }};
}

}  // namespace klbench
