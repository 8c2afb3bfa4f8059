#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

/// Options that several subcommands have, declared once.
namespace klbench {

/// No upper end of a whole number.
inline constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

/// A value that names a file or folder: "~" and variables at its beginning are what a shell makes of them, which leaves
/// those of --name=~/x alone.
CLI::Option* expands_user(CLI::Option* option);
/// A value that is a number from `low` to `high`; throws UsageError for another.
CLI::Option* wants_number(CLI::Option* option, double low, double high);
/// The same of a whole number.
CLI::Option* wants_whole(CLI::Option* option, std::int64_t low, std::int64_t high = kNoEnd);
/// A value that is one of `choices`, which are each a `what`; throws UsageError for another.
CLI::Option* wants_one_of(CLI::Option* option, const std::string& what, const std::vector<std::string>& choices);
/// --format, one of `formats`, of which the first is the default; throws UsageError for another.
void add_format(CLI::App& app, std::string& format, const std::vector<std::string>& formats);
/// --format text|csv|json of a listing.
void add_listing_format(CLI::App& app, std::string& format);
/// --plugin PATH..., repeated.
void add_plugins(CLI::App& app, std::vector<std::string>& plugins);
/// --results DIR, where studies keep their results.
void add_results(CLI::App& app, std::string& results);

/// What names a study on the command line: its YAML, its name under --results, or its .h5 file.
struct StudyArguments {
  std::string study;
  std::string results = "results";
  std::vector<std::string> settings;
  std::vector<std::string> plugins;
};
/// The positional argument STUDY with --results, --set and --plugin.
void add_study(CLI::App& app, StudyArguments& arguments);

/// The positional argument FILE, a study's .h5 file, its name or its YAML, with --results and --plugin.
void add_result_file(CLI::App& app, StudyArguments& arguments);

/// --filter OPTION=VALUE, repeated (plotting/selection.h).
void add_filter(CLI::App& app, std::vector<std::string>& filters);
/// --sort METRIC, or -METRIC.
void add_sort(CLI::App& app, std::string& sort);

/// How a positional argument is called where it is asked for: "STUDY", "what".
std::string argument_name(const CLI::Option& option);

}  // namespace klbench
