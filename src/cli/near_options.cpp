#include "cli/near_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "config/settings.h"
#include "core/error.h"
#include "sweep/plan.h"

namespace klbench {

namespace {

/// Words of other programs, and the options that stand for them here.
const std::map<std::string, std::string>& synonyms() {
  static const std::map<std::string, std::string> words = [] {
    std::map<std::string, std::string> out;
    const auto add = [&out](const std::string& option, const std::vector<std::string>& names) {
      for (const auto& name : names) out[name] = option;
    };
    for (const std::string format : {"json", "csv", "text", "png", "svg", "pdf"})
      add("--format " + format, {"--" + format});
    add("--workers N", {"--jobs", "-j", "-w", "-n", "--parallel", "--threads", "--processes", "--cores"});
    add("--set KEY=VALUE", {"--override", "--option", "-s", "-D"});
    add("--force", {"--overwrite", "--rerun", "-f"});
    add("--max-rss MB", {"--memory", "--max-memory", "--mem"});
    add("--only failed", {"--failed", "--only-failed", "--retry-failed"});
    add("--quiet", {"--silent"});
    return out;
  }();
  return words;
}

/// The option itself; null where the subcommand has none of that name.
const CLI::Option* find_option(const CLI::App& app, const std::string& name) { return app.get_option_no_throw(name); }

/// "unknown option '--worker' (did you mean '--workers'?)", by the options of `app` and of the program.
std::string no_such_option(const CLI::App& app, const std::string& name) {
  std::set<std::string> words;  // without the dashes, which would make every option near
  for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
    for (const CLI::Option* option : level->get_options()) {
      words.insert(option->get_lnames().begin(), option->get_lnames().end());
    }
  }
  const std::vector<std::string> all(words.begin(), words.end());
  std::vector<std::string> valid;
  for (const auto& word : all) valid.push_back("--" + word);
  const std::string near = nearest_name(name.substr(std::min(name.find_first_not_of('-'), name.size())), all);
  return unknown_name("option", name, valid,
                      near.empty() ? std::vector<std::string>{} : std::vector<std::string>{"--" + near});
}

/// Where the subcommand puts what it makes, for --output and the like; empty for another word.
std::string output_form(const CLI::App& app, const std::string& name) {
  const std::vector<std::string> words = {"--out", "--output", "--output-dir", "--outdir", "--dir", "--folder", "-o"};
  if (std::find(words.begin(), words.end(), name) == words.end()) return "";
  for (const std::string option : {"--out", "--plots"}) {
    if (find_option(app, option)) return fmt::format("write {} DIR", option);
  }
  if (app.get_name() == "run" || app.get_name() == "collect") return "write --results DIR";
  return fmt::format("{} prints to standard output: write > FILE", app.get_name());
}

std::string synonym_form(const CLI::App& app, const std::string& name) {
  const auto found = synonyms().find(name);
  if (found == synonyms().end()) return "";
  const std::size_t blank = std::min(found->second.find(' '), found->second.size());
  const CLI::Option* option = find_option(app, found->second.substr(0, blank));
  if (!option) return "";
  const bool format = found->second.starts_with("--format");
  const std::string help = option->get_description();
  if (format && help.find(name.substr(2)) == std::string::npos) return "--format takes " + help;
  return "write " + found->second;
}

/// --set for what is an option of studies; `text` is NAME or NAME=VALUE.
std::string setting_form(const CLI::App& app, const std::string& text) {
  if (!find_option(app, "--set")) return "";
  const std::size_t equals = std::min(text.find('='), text.size());
  std::string name = text.substr(0, equals);
  std::replace(name.begin(), name.end(), '-', '_');
  const Schema schema = full_schema();
  const OptionNames names(schema);
  if (names.is_section(name)) return fmt::format("write --set {}.<option>=VALUE", name);
  std::vector<std::string> meant = {name};
  if (name != "regularizer" && !names.any_like(name)) meant = names.suggestions(name, {});
  std::erase_if(meant, [&](const auto& option) { return option != name && !option.ends_with("." + name); });
  const std::string value = equals < text.size() ? text.substr(equals + 1) : "VALUE";
  for (auto& option : meant) option = fmt::format("--set {}={}", option, value);
  return meant.empty() ? "" : fmt::format("write {}", fmt::join(meant, " or "));
}

std::string unknown_positional(const CLI::App& app, const std::string& argument) {
  std::string form = argument.find('=') == std::string::npos ? "" : setting_form(app, argument);
  const bool piece = argument.find_first_not_of("0123456789.,;[](){} ") == std::string::npos;
  if (form.empty() && piece && find_option(app, "--set")) form = "a value with blanks needs quotes: --set 'KEY=VALUE'";
  if (form.empty()) form = fmt::format("see klbench {} --help", app.get_name());
  return fmt::format("unexpected argument '{}'; {}", argument, form);
}

}  // namespace

std::string unknown_argument(const CLI::App& subcommand, const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') return unknown_positional(subcommand, argument);
  const std::string name = argument.substr(0, argument.find('='));
  std::string form = output_form(subcommand, name);
  if (form.empty()) form = synonym_form(subcommand, name);
  if (form.empty() && (name == "--resume" || name == "--continue") && subcommand.get_name() == "run") {
    form = "a run resumes by itself: leave it out";
  }
  if (form.empty() && (name == "--config" || name == "--file" || name == "--study" || name == "-c")) {
    form = fmt::format("the file stands alone: klbench {} FILE", subcommand.get_name());
  }
  const std::size_t word = std::min(argument.find_first_not_of('-'), argument.size());
  if (form.empty()) form = setting_form(subcommand, argument.substr(word));
  if (form.empty()) return no_such_option(subcommand, name);
  return fmt::format("unknown option '{}'; {}", name, form);
}

}  // namespace klbench
