#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "config/component_template.h"
#include "core/build_info.h"
#include "core/error.h"

namespace klbench {

namespace {

/// A command of the help with its arguments declared.
struct DocumentedCommand {
  const Command* command;
  std::unique_ptr<CLI::App> app;

  /// Its options, or its positional arguments, as the help shows them.
  std::vector<const CLI::Option*> arguments(bool positional) const {
    std::vector<const CLI::Option*> shown;
    for (const CLI::Option* option : app->get_options()) {
      if (!option->get_group().empty() && option->get_positional() == positional) shown.push_back(option);
    }
    return shown;
  }
};

std::vector<DocumentedCommand> documented_commands() {
  std::vector<DocumentedCommand> all;
  for (const auto& command : commands()) {
    if (command.kind == Command::kHidden) continue;
    all.push_back({&command, std::make_unique<CLI::App>(command.summary, command.name)});
    command.setup(*all.back().app);
  }
  return all;
}

/// Text as troff takes it.
std::string troff(const std::string& text) {
  std::string out = !text.empty() && (text[0] == '.' || text[0] == '\'') ? "\\&" : "";
  for (const char c : text) out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  return out;
}

/// "DIR"; empty for a flag.
std::string value_name(const CLI::Option& option) {
  return option.get_items_expected_max() == 0 ? "" : option.get_type_name();
}

std::string man_entry(const std::string& names, const CLI::Option& option) {
  const std::string value = option.get_positional() ? "" : value_name(option);
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", troff(names), value.empty() ? "" : " \\fI" + troff(value) + "\\fR",
                     troff(option.get_description()));
}

std::string man_page() {
  std::string text = fmt::format(
      ".TH KLBENCH 1 \"\" \"klbench {}\" \"User Commands\"\n.SH NAME\n"
      "klbench \\- compares remedies for KL vanishing in variational autoencoders\n"
      ".SH SYNOPSIS\n.B klbench\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR ...]\n.SH COMMANDS\n",
      version());
  for (const auto& documented : documented_commands()) {
    const auto positional = documented.arguments(true);
    std::string line = documented.command->name;
    for (const auto* option : positional) line += " " + argument_name(*option);
    text += fmt::format(".SS \"{}\"\n{}.\n", troff(line), troff(documented.command->summary));
    for (const auto* option : positional) text += man_entry(argument_name(*option), *option);
    for (const auto* option : documented.arguments(false)) text += man_entry(option->get_name(false, true), *option);
  }
  return text +
         ".SH EXIT STATUS\n0 success, 1 failure, 2 bad input (arguments, YAML, data, plugins), "
         "128 + signal after INT, TERM, HUP, USR1.\n";
}

/// What the first positional argument of a command may be; empty: anything.
std::vector<std::string> words_of(const std::string& command) {
  if (command == "list") return listed_kinds();
  if (command == "new") return template_kinds();
  return {};
}

std::string bash_completion() {
  std::vector<std::string> names;
  std::string cases;
  for (const auto& documented : documented_commands()) {
    names.push_back(documented.command->name);
    auto words = words_of(names.back());
    for (const auto* option : documented.arguments(false)) {
      for (const auto& name : option->get_lnames()) words.push_back("--" + name);
    }
    cases += fmt::format("    {}) words=\"{}\" ;;\n", names.back(), fmt::join(words, " "));
  }
  return fmt::format(
      "_klbench() {{\n  local word=${{COMP_WORDS[COMP_CWORD]}} words=\n"
      "  if ((COMP_CWORD == 1)); then\n    words=\"help {}\"\n  else case ${{COMP_WORDS[1]}} in\n{}"
      "  esac; fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}}\n"
      "complete -o default -F _klbench klbench\n",
      fmt::join(names, " "), cases);
}

}  // namespace

Command docs_command() {
  return {"docs", "Print the man page (man) or the completion of bash (completion), as installed",
          [](CLI::App& app) {
            auto what = std::make_shared<std::string>();
            app.add_option("what", *what, "man, completion")->required();
            return [what] {
              if (*what != "man" && *what != "completion")
                throw UsageError(unknown_name("document", *what, {"man", "completion"}));
              fmt::print("{}", *what == "man" ? man_page() : bash_completion());
              return 0;
            };
          },
          Command::kHidden};
}

}  // namespace klbench
