#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "cli/listing.h"
#include "config/user_path.h"
#include "core/error.h"

namespace klbench {

namespace {

/// Refuses what is no Number within the ends, with what the option is about.
template <class Number>
CLI::Option* within(CLI::Option* option, Number low, Number high, const char* what) {
  const std::string range =
      high == Number(kNoEnd) ? fmt::format("{} or more", low) : fmt::format("from {} to {}", low, high);
  const std::string rest = fmt::format("is no {} {}: {}", what, range, option->get_description());
  return option->transform([=, name = option->get_name()](const std::string& text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !(value >= low && value <= high))
      throw UsageError(Place{name}, fmt::format("'{}' {}", one_line(text), rest));
    return text;
  });
}

}  // namespace

CLI::Option* wants_number(CLI::Option* option, double low, double high) { return within(option, low, high, "number"); }

CLI::Option* wants_whole(CLI::Option* option, std::int64_t low, std::int64_t high) {
  return within(option, low, high, "whole number");
}

CLI::Option* wants_one_of(CLI::Option* option, const std::string& what, const std::vector<std::string>& choices) {
  return option->transform([=](const std::string& text) {
    if (std::find(choices.begin(), choices.end(), text) == choices.end())
      throw UsageError(unknown_name(what, text, choices));
    return text;
  });
}

CLI::Option* expands_user(CLI::Option* option) {
  const std::string name = option->get_name();
  return option->transform([name](const std::string& text) {
    if (text.empty()) throw UsageError(Place{name}, "wants a path, got ''");
    return expand_user(text, Place{name});
  });
}

void add_format(CLI::App& app, std::string& format, const std::vector<std::string>& formats) {
  const std::vector<std::string> others(formats.begin() + 1, formats.end() - 1);
  std::string help = formats.front() + " (default)";
  for (const auto& other : others) help += ", " + other;
  wants_one_of(app.add_option("--format", format, help + " or " + formats.back())->type_name("FORMAT"), "format",
               formats);
}

void add_listing_format(CLI::App& app, std::string& format) { add_format(app, format, listing_formats()); }

void add_plugins(CLI::App& app, std::vector<std::string>& plugins) {
  expands_user(app.add_option("--plugin", plugins, "Shared library with components; may be repeated"))
      ->type_name("PATH")
      ->expected(1)
      ->take_all();
}

void add_results(CLI::App& app, std::string& results) {
  expands_user(app.add_option("--results", results, "Folder of the results (default: results)"))->type_name("DIR");
}

void add_study(CLI::App& app, StudyArguments& arguments) {
  app.add_option("study", arguments.study, "YAML file of the study, or the name of one that was run")
      ->required()
      ->type_name("STUDY");
  add_results(app, arguments.results);
  app.add_option("--set", arguments.settings,
                 "key=value, over what the study says; on an axis it replaces the axis. A list: seed=0,1,2")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  add_plugins(app, arguments.plugins);
}

void add_result_file(CLI::App& app, StudyArguments& arguments) {
  app.add_option("file", arguments.study, "results/<study>.h5, or the name of a study, or its YAML file")
      ->required()
      ->type_name("FILE");
  add_results(app, arguments.results);
  add_plugins(app, arguments.plugins);
}

void add_filter(CLI::App& app, std::vector<std::string>& filters) {
  app.add_option("--filter", filters,
                 "Only cells with this value of an option, method, seed, status or tag; repeated: of one option any of "
                 "the values, of several all")
      ->type_name("OPTION=VALUE")
      ->expected(1)
      ->take_all();
}

void add_sort(CLI::App& app, std::string& sort) {
  app.add_option("--sort", sort, "In the order of a final metric, METRIC; from large to small: -METRIC")
      ->type_name("METRIC");
}

std::string argument_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type == "TEXT" ? option.get_single_name() : type;
}

}  // namespace klbench
