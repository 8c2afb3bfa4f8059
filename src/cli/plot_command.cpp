#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>

#include "cli/command.h"
#include "cli/study_target.h"
#include "core/error.h"
#include "plotting/plot.h"

namespace klbench {

namespace {

struct PlotArguments {
  StudyArguments result;
  std::string figure;
  std::string formats = "png,svg,pdf";
  std::string plots = "plots";
  std::string folder;  ///< --out
  std::string yaml;    ///< --study
  double seconds = kGnuplotSeconds;
};

std::vector<std::string> split_formats(const std::string& text) {
  static const std::vector<std::string> valid = {"png", "svg", "pdf"};
  std::vector<std::string> formats;
  std::istringstream stream(text);
  for (std::string format; std::getline(stream, format, ',');) {
    if (std::find(valid.begin(), valid.end(), format) == valid.end()) {
      throw UsageError(unknown_name("format", format, valid));
    }
    formats.push_back(format);
  }
  if (formats.empty()) throw UsageError("--format wants one or more of png, svg, pdf");
  return formats;
}

/// The figures asked for: of the YAML where one is given, whose baseline goes with them, else those stored with the
/// results, else the usual ones.
std::vector<FigureSpec> wanted_figures(const PlotArguments& arguments, StudyResult& study) {
  const std::string& yaml = names_yaml(arguments.result.study) ? arguments.result.study : arguments.yaml;
  auto figures = study.figures;
  if (!yaml.empty()) {
    const Study source = read_source(yaml, {}, arguments.result.plugins).study;
    figures = source.figures;
    study.baseline = source.baseline;
  }
  if (figures.empty()) figures = default_figures(study);
  if (arguments.figure.empty()) return figures;
  std::vector<std::string> names;
  for (const auto& figure : figures) {
    if (figure.name == arguments.figure) return {figure};
    names.push_back(figure.name);
  }
  throw UsageError(unknown_name("figure", arguments.figure, names));
}

int plot(const PlotArguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // figures are drawn though nobody reads their names any more
  const auto formats = split_formats(arguments.formats);
  StudyArguments result = arguments.result;
  if (!arguments.yaml.empty() && !names_yaml(result.study)) result.plugins.clear();  // they are of --study
  StudyResult study = read_results(result);
  const auto figures = wanted_figures(arguments, study);
  std::set<std::string> warned;
  const auto report = [&](const Drawing& drawing) {
    for (const auto& path : drawing.files) fmt::print("{}\n", path.string());
    std::fflush(stdout);
    for (const auto& warning : drawing.warnings) {
      if (!warned.insert(warning).second) continue;
      fmt::print(stderr, "klbench: {}: gnuplot says {}\n", drawing.files.back().string(), warning);
    }
    for (const auto& problem : drawing.problems) fmt::print(stderr, "klbench: {}\n", one_line(problem));
  };
  DrawOptions options{arguments.folder, formats, arguments.seconds};
  if (arguments.folder.empty()) options.folder = std::filesystem::path(arguments.plots) / study.name;
  return draw_all(study, figures, options, report) ? 0 : 1;
}

}  // namespace

Command plot_command() {
  return {"plot", "Draw the figures of a study; exit code 1 where some cannot be drawn",
          [](CLI::App& app) {
            auto arguments = std::make_shared<PlotArguments>();
            add_result_file(app, arguments->result);
            app.add_option("--figure", arguments->figure, "Only this one")->type_name("NAME");
            app.add_option("--format", arguments->formats, "png,svg,pdf (default: all three)")->type_name("LIST");
            expands_user(app.add_option("--plots", arguments->plots,
                                        "Folder of the plots (default: plots), one folder a study in it"))
                ->type_name("DIR");
            expands_user(app.add_option("--out", arguments->folder, "Draw into this folder itself"))->type_name("DIR");
            app.add_option("--study", arguments->yaml, "Take the figures from this YAML, not from the results")
                ->type_name("STUDY.yaml");
            app.add_option("--timeout", arguments->seconds, "Seconds gnuplot may take for a file (default: 120)")
                ->check(CLI::Range(0.1, 1e6));
            return [arguments] { return plot(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
