#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/label_names.h"
#include "cli/study_target.h"
#include "config/figure_keys.h"
#include "config/figures.h"
#include "core/error.h"
#include "core/files.h"
#include "core/terminal.h"
#include "plotting/names.h"
#include "plotting/plot.h"
#include "plotting/selection.h"
#include "sweep/plan.h"
#include "sweep/plugins.h"

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
  std::vector<std::string> filters;
  RowOrder rows;
  std::map<std::string, std::string> keys;  ///< of the figure, as the command line gives them
  std::map<std::string, bool> flags;
};

/// --x-limits for x_limits.
std::string option_of(const FigureKey& key) {
  std::string name = "--" + key.name;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// The value of a key as YAML: lists may stand without brackets, text is taken as it is.
YamlNode key_value(const FigureKey& key, const std::string& text) {
  const Place place{option_of(key), 0, 0};
  if (key.form == FigureKey::kText) return plain_scalar(text, place);
  try {
    const bool bare = key.form == FigureKey::kList && !text.starts_with('[');
    YamlNode value = parse_yaml(bare ? "[" + text + "]" : text, "value");
    set_place(value, place);
    return value;
  } catch (const UsageError& error) {
    throw UsageError(place, error.what());
  }
}

/// The keys that the command line gives, as a map of `figures:`.
YamlNode given_keys(const PlotArguments& arguments) {
  YamlNode map;
  map.kind = YamlNode::Kind::map;
  map.place = {"--kind", 0, 0};
  const auto add = [&](const FigureKey& key, YamlNode value) {
    map.keys.push_back(plain_scalar(key.name, {option_of(key), 0, 0}));
    map.items.push_back(std::move(value));
  };
  for (const auto& key : figure_keys()) {
    const auto text = arguments.keys.find(key.name);
    if (text != arguments.keys.end() && !text->second.empty()) add(key, key_value(key, text->second));
    const auto flag = arguments.flags.find(key.name);
    if (flag != arguments.flags.end() && flag->second) add(key, plain_scalar("true", {option_of(key), 0, 0}));
  }
  return map;
}

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

/// The figures that are declared: of the YAML where one is given, whose baseline goes with them, else those stored with
/// the results, else the usual ones; `names`: how the study displays things.
std::vector<FigureSpec> declared_figures(const PlotArguments& arguments, StudyResult& study, Names& names) {
  const std::string& yaml = names_yaml(arguments.result.study) ? arguments.result.study : arguments.yaml;
  auto figures = study.figures;
  names = names_in(study.study_yaml);
  if (!yaml.empty()) {
    const Study source = read_source(yaml, {}, arguments.result.plugins).study;
    figures = source.figures;
    names = source.names;
    study.baseline = source.baseline;
  }
  if (figures.empty()) {
    figures = default_figures(study);
    for (auto& figure : figures) figure.names = names;
  }
  return figures;
}

/// Whether these keys alone may be given to all figures.
bool are_of_all(const YamlNode& keys) {
  return std::all_of(keys.keys.begin(), keys.keys.end(), [](const YamlNode& key) { return key.text == "split"; });
}

/// Puts the keys over each figure; one whose kind refuses them goes, and `problems` says why.
void change(std::vector<FigureSpec>& figures, const YamlNode& keys, const Schema& schema,
            std::vector<std::string>& problems) {
  std::erase_if(figures, [&](FigureSpec& figure) {
    figure.places.clear();
    try {
      read_figure(figure, keys, OptionNames(schema));
      return false;
    } catch (const UsageError& error) {
      problems.push_back(fmt::format("figure '{}': {}", figure.name, error.what()));
      return true;
    }
  });
}

/// Whether all figures are asked for, neither --figure NAME nor --kind KIND.
bool is_of_all(const PlotArguments& arguments) {
  const auto kind = arguments.keys.find("kind");
  return arguments.figure.empty() && (kind == arguments.keys.end() || kind->second.empty());
}

/// The figures asked for: all that are declared, or one of them, or one of --kind, with what the command line changes.
std::vector<FigureSpec> wanted_figures(const PlotArguments& arguments, StudyResult& study,
                                       std::vector<std::string>& problems) {
  Names names;
  auto figures = declared_figures(arguments, study, names);
  const YamlNode keys = given_keys(arguments);
  bool all = false;
  if (const auto kind = arguments.keys.find("kind"); kind != arguments.keys.end() && !kind->second.empty()) {
    FigureSpec made;
    made.name = arguments.figure.empty() ? kind->second : arguments.figure;
    made.names = names;
    figures = {made};
  } else if (!arguments.figure.empty()) {
    std::vector<std::string> known;
    for (const auto& figure : figures) known.push_back(figure.name);
    std::erase_if(figures, [&](const FigureSpec& figure) { return figure.name != arguments.figure; });
    if (figures.empty()) throw UsageError(unknown_name("figure", arguments.figure, known));
  } else if (all = are_of_all(keys); !all) {
    throw UsageError(
        fmt::format("{} goes with --kind KIND, or with --figure NAME of a declared figure", keys.keys[0].place.str()));
  }
  if (keys.keys.empty()) return figures;
  const Schema schema = full_schema(brought_by(probe_plugins(arguments.result.plugins)));
  if (all) {
    change(figures, keys, schema, problems);
  } else {
    figures[0].places.clear();
    read_figure(figures[0], keys, OptionNames(schema));
  }
  return figures;
}

int plot(const PlotArguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // figures are drawn though nobody reads their names any more
  const auto formats = split_formats(arguments.formats);
  StudyArguments result = arguments.result;
  if (!arguments.yaml.empty() && !names_yaml(result.study)) result.plugins.clear();  // they are of --study
  StudyResult study = read_results(result);
  std::vector<std::string> refused;
  auto figures = wanted_figures(arguments, study, refused);
  if (!arguments.rows.sort.empty()) SortKey(arguments.rows.sort).check(study);
  const std::string filter = filter_selector(study, arguments.filters);
  for (auto& figure : figures) figure.only = narrowed(study, figure.only, filter);
  const auto& kinds = FigureRegistry::instance().entries();
  if (std::any_of(figures.begin(), figures.end(), [&](const FigureSpec& figure) {
        const auto kind = kinds.find(figure.kind);
        return kind != kinds.end() && kind->second.names_labels;
      }))
    add_label_names(study);
  std::set<std::string> warned;
  const auto report = [&](const Drawing& drawing) {
    for (const auto& path : drawing.files) {
      if (output_failure() == 0) fmt::print("{}\n", path.string());
    }
    flush_output();
    for (const auto& warning : drawing.warnings) {
      if (!warned.insert(warning).second) continue;
      fmt::print(stderr, "klbench: {}: {}\n", drawing.files.back().string(), warning);
    }
    for (const auto& problem : drawing.problems) fmt::print(stderr, "klbench: {}\n", one_line(problem));
  };
  for (const auto& problem : refused) fmt::print(stderr, "klbench: {}\n", one_line(problem));
  DrawOptions options{arguments.folder, formats, arguments.seconds, arguments.rows};
  if (arguments.folder.empty()) options.folder = std::filesystem::path(arguments.plots) / study.name;
  if (is_of_all(arguments)) {
    require_writable(options.folder);  // one line, not one a figure
    return draw_all(study, figures, options, report) && refused.empty() ? 0 : 1;
  }
  // The one asked for: its errors are the command's.
  const Drawing drawing = draw_figure(study, figures.at(0), options);
  report(drawing);
  return drawing.problems.empty() ? 0 : 1;
}

/// An option for each key of a figure.
void add_figure_keys(CLI::App& app, PlotArguments& arguments) {
  for (const auto& key : figure_keys()) {
    if (key.name == "name") continue;  // --figure
    if (key.form == FigureKey::kFlag) {
      app.add_flag(option_of(key), arguments.flags[key.name], key.help)->group("Of a figure");
    } else {
      app.add_option(option_of(key), arguments.keys[key.name], key.help)->group("Of a figure")->type_name("VALUE");
    }
  }
}

}  // namespace

Command plot_command() {
  return {"plot", "Draw the figures of a study, or one of --kind KIND; exit code 1 where some cannot be drawn",
          [](CLI::App& app) {
            auto arguments = std::make_shared<PlotArguments>();
            add_result_file(app, arguments->result);
            app.add_option("--figure", arguments->figure, "Only this one; beside --kind, how it is called")
                ->type_name("NAME");
            add_figure_keys(app, *arguments);
            add_filter(app, arguments->filters);
            add_sort(app, arguments->rows.sort);
            app.add_flag("--per-seed", arguments->rows.per_seed, "A row, curve or panel a seed");
            app.add_option("--format", arguments->formats, "png,svg,pdf (default: all three)")->type_name("LIST");
            expands_user(app.add_option("--plots", arguments->plots,
                                        "Folder of the plots (default: plots), one folder a study in it"))
                ->type_name("DIR");
            expands_user(app.add_option("--out", arguments->folder, "Draw into this folder itself"))->type_name("DIR");
            app.add_option("--study", arguments->yaml, "Take the figures from this YAML, not from the results")
                ->type_name("STUDY.yaml");
            wants_number(
                app.add_option("--timeout", arguments->seconds, "Seconds gnuplot may take for a file (default: 120)"),
                0.1, 1e6);
            return [arguments] { return plot(*arguments); };
          },
          Command::kReadsResults};
}

}  // namespace klbench
