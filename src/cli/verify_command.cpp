#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/cell_target.h"
#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "storage/cell_file.h"
#include "sweep/verify.h"

namespace klbench {

namespace {

struct VerifyArguments {
  std::vector<std::string> paths;
  std::string results = "results";
  bool machine = false;
};

/// A study by name or YAML: its cells, all of them, and, where there is one, its file. Throws Error where nothing is.
std::vector<std::string> problems_of_study(const StudyArguments& arguments) {
  const StudyTarget target = locate_target(arguments);
  const auto folder = target.layout.folder();
  const auto file = target.layout.study_file();
  const bool collected = std::filesystem::exists(file);
  if (!collected && !std::filesystem::exists(folder)) {
    throw Error(fmt::format("nothing to verify: neither {} nor {} is there; klbench run {} makes them", folder.string(),
                            file.string(), arguments.study));
  }
  auto problems = verify_cell_folder(folder);
  std::vector<std::string> missing;
  for (const auto& cell : target.cells) {
    if (!std::filesystem::exists(target.layout.cell(cell.id).result())) missing.push_back(cell.id);
  }
  if (!missing.empty()) {
    problems.push_back(fmt::format("{}: {} of {} cells are missing: {}", folder.string(), missing.size(),
                                   target.cells.size(), fmt::join(missing, ", ")));
  }
  if (!collected) return problems;
  for (auto& problem : verify_study_file(file)) problems.push_back(std::move(problem));
  return problems;
}

/// Whether `path` can only be a cell without its suffix: <folder>/<id>.
bool names_cell(const std::string& path) { return !names_yaml(path) && std::filesystem::path(path).has_parent_path(); }

/// Prints what is wrong with one path; returns its exit code.
int verify_path(const std::string& path, const std::string& results) {
  try {
    const bool file = std::filesystem::path(path).extension() == ".h5";
    std::error_code error;
    if (file && !std::filesystem::exists(path, error)) throw UsageError(path + ": no such file");
    const auto problems = file               ? verify_study_file(path)
                          : names_cell(path) ? verify_study_file(find_cell_file(path, results, ".h5"))
                                             : problems_of_study({path, results, {}, {}});
    for (const auto& problem : problems) fmt::print("{}\n", one_line(problem));
    fmt::print("{}: {}\n", path,
               problems.empty()       ? "ok"
               : problems.size() == 1 ? "1 problem"
                                      : fmt::format("{} problems", problems.size()));
    return problems.empty() ? 0 : 1;
  } catch (const Error& error) {  // the paths behind this one are still to be looked at
    fmt::print(stderr, "klbench: {}\n", one_line(error.what()));
    return error.exit_code();
  }
}

int verify(const VerifyArguments& arguments) {
  if (arguments.machine) {
    for (const auto& path : arguments.paths) {
      fmt::print("{}\n", verdict_line(verify_cell(path)));
      std::fflush(stdout);  // the next file may end this process
    }
    return 0;
  }
  int code = 0;
  for (const auto& path : arguments.paths) code = std::max(code, verify_path(path, arguments.results));
  return code;
}

}  // namespace

Command verify_command() {
  return {"verify", "Check hashes, checksums, schema and completeness of result files or studies",
          [](CLI::App& app) {
            auto arguments = std::make_shared<VerifyArguments>();
            app.add_option("paths", arguments->paths, "FILE.h5, STUDY.yaml, the name of a study or <study>/<id>")
                ->required();
            add_results(app, arguments->results);
            app.add_flag("--machine", arguments->machine, "Cells only; one line of JSON each")->group("");
            return [arguments] { return verify(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
