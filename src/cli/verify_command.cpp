#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/cell_target.h"
#include "cli/command.h"
#include "cli/study_target.h"
#include "config/value_json.h"
#include "core/error.h"
#include "core/files.h"
#include "core/shell.h"
#include "storage/verify.h"
#include "sweep/verify.h"

namespace klbench {

namespace {

struct VerifyArguments {
  std::vector<std::string> paths;
  std::string results = "results";
  std::string format = "text";
  bool machine = false;
};

/// A study by name or YAML: its cells, all of them, and, where there is one, its file; the file alone where a name has
/// no more. Throws Error where nothing is.
std::vector<Problem> problems_of_study(const StudyArguments& arguments) {
  if (!names_yaml(arguments.study)) {
    if (const auto layout = results_layout(arguments); is_file_only(layout))
      return verify_study_file(layout.study_file());
  }
  const StudyTarget target = locate_target(arguments);
  const auto folder = target.layout.folder();
  const auto file = target.layout.study_file();
  const bool collected = exists_at(file);
  if (!collected && !exists_at(folder)) {
    throw UsageError(fmt::format("nothing to verify: neither {} nor {} is there; klbench run {} makes them",
                                 folder.string(), file.string(), shell_word(arguments.study)));
  }
  auto problems = verify_cell_folder(folder);
  std::vector<std::string> missing;
  for (const auto& cell : target.cells) {
    if (!exists_at(target.layout.cell(cell.id).result())) missing.push_back(cell.id);
  }
  const auto append = [&](std::vector<Problem> more) {
    std::move(more.begin(), more.end(), std::back_inserter(problems));
  };
  append(missing_cells(folder, missing, target.cells.size()));
  if (collected) append(verify_study_file(file));
  return problems;
}

/// Whether `path` can only be a cell without its suffix: <folder>/<id>.
bool names_cell(const std::string& path) { return !names_yaml(path) && std::filesystem::path(path).has_parent_path(); }

/// What was found of one path.
struct Verdict {
  std::vector<Problem> problems;
  std::string error;  ///< why nothing was
  int code = 0;
};

Verdict verify_path(const std::string& path, const std::string& results) {
  try {
    const bool file = std::filesystem::path(path).extension() == ".h5";
    std::error_code error;
    if (file && !std::filesystem::exists(path, error)) throw UsageError(path + ": no such file");
    auto problems = file               ? verify_study_file(path)
                    : names_cell(path) ? verify_study_file(find_cell_file(path, results, ".h5"))
                                       : problems_of_study({path, results, {}, {}});
    const int code = problems.empty() ? 0 : 1;
    return {std::move(problems), "", code};
  } catch (const Error& error) {  // the paths behind this one are still to be looked at
    return {{}, one_line(error.what()), error.exit_code()};
  }
}

void print_text(const std::string& path, const Verdict& verdict) {
  const std::size_t count = verdict.problems.size();
  for (const auto& problem : verdict.problems) fmt::print("{}\n", one_line(problem.text));
  fmt::print("{}: {}\n", path, count == 0 ? "ok" : count == 1 ? "1 problem" : fmt::format("{} problems", count));
}

nlohmann::ordered_json to_json(const std::string& path, const Verdict& verdict) {
  using nlohmann::ordered_json;
  ordered_json json = {{"path", path}, {"ok", verdict.code == 0}, {"problems", ordered_json::array()}};
  for (const auto& problem : verdict.problems)
    json["problems"].push_back({{"file", problem.file.string()}, {"cells", problem.cells}, {"text", problem.text}});
  json["error"] = verdict.error.empty() ? ordered_json() : ordered_json(verdict.error);
  return json;
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
  auto machine = nlohmann::ordered_json::array();
  for (const auto& path : arguments.paths) {
    const Verdict verdict = verify_path(path, arguments.results);
    if (!verdict.error.empty()) fmt::print(stderr, "klbench: {}\n", verdict.error);
    if (arguments.format == "json") {
      machine.push_back(to_json(path, verdict));
    } else if (verdict.error.empty()) {
      print_text(path, verdict);
    }
    code = std::max(code, verdict.code);
  }
  if (arguments.format == "json") fmt::print("{}", json_text(machine));
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
            add_format(app, arguments->format, {"text", "json"});
            app.add_flag("--machine", arguments->machine, "Cells only; one line of JSON each")->group("");
            return [arguments] { return verify(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
