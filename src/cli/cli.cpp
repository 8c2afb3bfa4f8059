#include "cli/cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/isolation.h"
#include "cli/near_options.h"
#include "cli/studies_here.h"
#include "core/build_info.h"
#include "core/error.h"
#include "core/log.h"
#include "core/shell.h"
#include "core/terminal.h"
#include "storage/records.h"
#include "sweep/builtin.h"

namespace klbench {

namespace {

/// Refuses what neither `app` nor its subcommand took.
void check_leftovers(const CLI::App& app, const CLI::App& subcommand) {
  for (const auto& argument : app.remaining()) {
    if (argument != "--") throw UsageError(unknown_argument(subcommand, argument));
  }
}

/// The subcommand's name is checked before CLI11 looks at it, which would not say which names are valid.
void check_subcommand(const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments) {
    if (!argument.empty() && argument[0] == '-') continue;
    std::vector<std::string> names;
    for (const auto& command : commands()) {
      if (command.name == argument) return;
      if (command.kind != Command::kHidden) names.push_back(command.name);
    }
    names.emplace_back("help");
    throw UsageError(unknown_name("subcommand", argument, names));
  }
}

/// The arguments behind the program's name. None is a call for help, and "help [COMMAND]" another way to write it.
std::vector<std::string> read_arguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return {"--help"};
  if (arguments[0] != "help") return arguments;
  if (arguments.size() == 1 || arguments[1] == "help") return {"--help"};
  return {arguments[1], "--help"};
}

/// What to try first, with what is in this folder.
std::string first_steps() {
  const auto studies = studies_here();
  return fmt::format("A first run:\n  klbench run {}\n`klbench help COMMAND` lists the options of a command.",
                     studies.empty()
                         ? "STUDY.yaml   (a YAML file; `klbench list regularizers` shows what it can compare)"
                         : shell_word(studies[0]));
}

/// What CLI11 says of an option without a value, with too many, or of a flag with one, in our words; else its own.
std::string parse_message(const CLI::App& app, const CLI::ParseError& error) {
  const std::string text = one_line(error.what());
  for (const CLI::App* sub : app.get_subcommands()) {
    for (const CLI::Option* option : sub->get_options()) {
      const std::string name = option->get_name();
      if (text.starts_with("Could not convert: " + name + " = ")) return name + " takes no value";
      if (!text.starts_with(name + ": ") || error.get_name() != "ArgumentMismatch") continue;
      if (option->count() > 1) return fmt::format("{} is given {} times, and takes one value", name, option->count());
      return fmt::format("{} wants a value: {}", name, option->get_description());
    }
  }
  return text;
}

/// Of the arguments that a subcommand wants and did not get, the first.
std::string missing_argument(const CLI::App& app, const CLI::ParseError& error) {
  for (const CLI::App* sub : app.get_subcommands()) {
    for (const CLI::Option* option : sub->get_options()) {
      if (!option->get_required() || option->count() > 0) continue;
      const bool study = option->get_single_name() == "study";
      return fmt::format("{} wants {}: {}{}", sub->get_name(), argument_name(*option), option->get_description(),
                         study ? studies_text() : "");
    }
  }
  return parse_message(app, error);
}

int run(int argc, char** argv) {
  const auto arguments = read_arguments(argc, argv);
  CLI::App app("klbench compares remedies for KL vanishing in variational autoencoders.", "klbench");
  bool verbose = false;
  app.add_flag("-v,--verbose", verbose, "Also log debugging lines");
  app.set_version_flag("--version", version());
  app.require_subcommand(1);
  app.fallthrough();
  app.allow_extras();  // refused below, with better words
  std::function<int()> action;
  for (const auto& command : commands()) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    sub->allow_extras();
    if (command.kind == Command::kHidden) sub->group("");
    const bool isolated = command.kind == Command::kReadsResults && !is_isolated();
    sub->final_callback([&action, &app, start = command.setup(*sub), sub, isolated, argv] {
      check_leftovers(*sub, *sub);
      check_leftovers(app, *sub);
      action = isolated ? std::function<int()>([argv] { return isolate(argv); }) : start;
    });
  }
  app.footer(first_steps);  // of the program alone: subcommands inherit what is set before them
  try {
    check_subcommand(arguments);
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::RequiredError& error) {
    throw UsageError(missing_argument(app, error));
  } catch (const CLI::ParseError& error) {
    throw UsageError(parse_message(app, error));
  }
  setup_logging(verbose);
  know_metrics(builtin_components().metrics);
  return action();
}

/// What standard output still holds, written; throws Error where the disk is full. A reader that is gone wants no more.
void finish_output() {
  if (!flush_output() && output_failure() != EPIPE)
    throw Error(fmt::format("cannot write to standard output: {}", std::strerror(output_failure())));
}

int report(const char* message, int code) {
  std::fputs(("klbench: " + one_line(message) + "\n").c_str(), stderr);
  return code;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      run_command(),         plan_command(),    status_command(), watch_command(),  cancel_command(),
      logs_command(),        collect_command(), export_command(), show_command(),   compare_command(),
      diff_command(),        verify_command(),  plot_command(),   report_command(), list_command(),
      describe_command(),    schema_command(),  new_command(),    sample_command(), reconstruct_command(),
      interpolate_command(), probe_command(),   cell_command(),   task_command(),   gc_command(),
      version_command(),     docs_command()};
  return all;
}

int cli_main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error with its path, not a silent end
  try {
    const int code = run(argc, argv);
    if (code < 128) finish_output();  // after a signal the terminal may be gone
    return code;
  } catch (const Error& error) {
    return report(error.what(), error.exit_code());
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}

}  // namespace klbench
