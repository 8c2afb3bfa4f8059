#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "storage/cell_file.h"
#include "sweep/verify.h"

namespace klbench {

namespace {

struct Arguments {
  std::vector<std::string> paths;
  std::string results = "results";
  bool machine = false;
};

/// A study's file or one cell's.
std::vector<std::string> problems_of_file(const std::filesystem::path& path) { return verify_study_file(path); }

/// A study by name or YAML: its cells and, where there is one, its file.
std::vector<std::string> problems_of_study(const StudyArguments& arguments) {
  const StudyTarget target = locate_target(arguments);
  auto problems = verify_cell_folder(target.layout.folder());
  if (std::filesystem::exists(target.layout.study_file())) {
    for (auto& problem : verify_study_file(target.layout.study_file())) problems.push_back(std::move(problem));
  }
  return problems;
}

int verify(const Arguments& arguments) {
  if (arguments.machine) {
    for (const auto& path : arguments.paths) {
      fmt::print("{}\n", verdict_line(verify_cell(path)));
      std::fflush(stdout);  // the next file may end this process
    }
    return 0;
  }
  bool fine = true;
  for (const auto& path : arguments.paths) {
    const bool file = std::filesystem::path(path).extension() == ".h5";
    if (file && !std::filesystem::exists(path)) throw UsageError(path + ": no such file");
    const auto problems = file ? problems_of_file(path) : problems_of_study({path, arguments.results, {}, {}});
    for (const auto& problem : problems) fmt::print("{}\n", one_line(problem));
    fmt::print("{}: {}\n", path, problems.empty() ? "ok" : fmt::format("{} problems", problems.size()));
    fine = fine && problems.empty();
  }
  return fine ? 0 : 1;
}

}  // namespace

Command verify_command() {
  return {"verify", "Check hashes, checksums, schema and completeness of result files or studies",
          [](CLI::App& app) {
            auto arguments = std::make_shared<Arguments>();
            app.add_option("paths", arguments->paths, "FILE.h5, STUDY.yaml or the name of a study")->required();
            add_results(app, arguments->results);
            app.add_flag("--machine", arguments->machine, "Cells only; one line of JSON each")->group("");
            return [arguments] { return verify(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
