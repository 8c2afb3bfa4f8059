#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/label_names.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "core/files.h"
#include "launch/log_tail.h"
#include "plotting/page/page.h"

namespace klbench {

namespace {

constexpr const char* kD3 = "/usr/share/nodejs/d3/dist/d3.min.js";
constexpr std::size_t kLogLines = 20;

struct ReportArguments {
  StudyArguments result;
  std::string plots = "plots";
  std::string file;  ///< --out
  std::string d3 = kD3;
};

/// d3.min.js as it may stand in a page.
std::string read_d3(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    const std::string what = fmt::format(
        "{}: no such file: the charts of a report need D3 (sudo apt install node-d3, or --library with the path of "
        "d3.min.js)",
        path);
    if (path == kD3) throw Error(what);
    throw UsageError(what);
  }
  std::string text = read_file(path);
  if (text.find("scaleLinear") == std::string::npos || text.find("</script") != std::string::npos) {
    throw UsageError(fmt::format("{}: not d3.min.js of D3 version 5 or newer", path));
  }
  return text;
}

/// What lies beside the results in their folder.
PageExtras read_extras(const StudyArguments& arguments, const StudyResult& study) {
  PageExtras extras;
  extras.source = arguments.study;
  const ResultsLayout layout = results_layout(arguments);
  std::error_code error;
  const auto read = [&](const std::string& id, const std::filesystem::path& path,
                        std::map<std::string, std::string>& into) {
    if (auto text = read_file_if_there(path)) into[id] = std::move(*text);
  };
  const auto read_log = [&](const std::string& id) {
    auto lines = log_tail(layout.cell(id).log(), 0, kLogLines);
    if (!lines.empty()) extras.logs[id] = std::move(lines);
  };
  for (const auto& cell : study.cells) {
    read(cell.id, layout.cell(cell.id).samples(), extras.samples);
    if (cell.status == CellStatus::done) continue;
    read(cell.id, layout.cell(cell.id).outcome(), extras.outcomes);
    read_log(cell.id);
  }
  for (const auto& id : study.missing) read_log(id);
  if (!study.missing.empty() && std::filesystem::exists(layout.plan(), error)) {
    for (const auto& cell : read_plan_record(layout).cells) extras.labels[cell.id] = cell.label;
  }
  return extras;
}

int report(const ReportArguments& arguments) {
  const std::string d3 = read_d3(arguments.d3);
  StudyResult study = read_results(arguments.result);
  add_label_names(study);
  if (study.cells.empty() && study.missing.empty()) throw UsageError(fmt::format("{}: no cell", one_line(study.name)));
  const std::string page = results_page(study, read_extras(arguments.result, study), d3);
  const auto path = arguments.file.empty() ? std::filesystem::path(arguments.plots) / study.name / "report.html"
                                           : std::filesystem::path(arguments.file);
  write_file_durably(path, page);
  fmt::print("{}\n", path.string());
  return 0;
}

}  // namespace

Command report_command() {
  return {"report", "Write a study's results as one HTML page: tables, curves, samples, failures; needs no network",
          [](CLI::App& app) {
            auto arguments = std::make_shared<ReportArguments>();
            add_result_file(app, arguments->result);
            expands_user(app.add_option("--plots", arguments->plots,
                                        "Folder of the plots (default: plots), one folder a study in it"))
                ->type_name("DIR");
            expands_user(app.add_option("--out", arguments->file,
                                        "Write this file (default: report.html beside the study's figures)"))
                ->type_name("FILE");
            expands_user(
                app.add_option("--library", arguments->d3, "Where d3.min.js is (default: that of Debian's node-d3)"))
                ->type_name("PATH");
            return [arguments] { return report(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
