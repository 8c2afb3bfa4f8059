#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/figure_check.h"
#include "cli/launcher_choice.h"
#include "cli/study_target.h"
#include "core/cpus.h"
#include "core/error.h"
#include "launch/batch_system.h"
#include "sweep/engine.h"
#include "sweep/keep_pass.h"
#include "sweep/reuse.h"
#include "sweep/run_study.h"

namespace klbench {

namespace {

struct RunArguments {
  StudyArguments study;
  RunOptions options;
  std::string workers = "auto";
  LauncherArguments launcher;
  bool quiet = false;
  bool dry_run = false;
};

std::size_t worker_count(const std::string& text) {
  if (text == "auto") return usable_cpus();
  std::size_t used = 0;
  int count = 0;
  try {
    count = std::stoi(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || count < 1 || count > 4096) {
    throw UsageError(fmt::format("--workers wants auto or a number from 1 to 4096, got '{}'", text));
  }
  return static_cast<std::size_t>(count);
}

void print_failures(const RunSummary& summary) {
  for (const auto& failure : summary.failures) {
    fmt::print("  {} {} {}: {}\n", to_string(failure.state), failure.id, failure.label, failure.reason);
  }
  if (summary.failed > 0 && !summary.failures.empty()) {
    fmt::print("logs: {}; try them again with --only failed\n",
               (summary.failures[0].log.parent_path() / "<id>.log").string());
  }
}

int dry_run(const StudyTarget& target, const RunOptions& options) {
  if (!options.take_over) check_owner(target.layout, target.plan.study.file);
  RunPolicy policy = options.policy;
  const KeepPass lacking = find_lacking(target.cells, target.layout);
  policy.again = lacking.train;
  const auto fates = foresee(target.cells, target.layout, policy);
  for (const auto& line : reuse_lines(target.layout.study, fates)) fmt::print("{}\n", line);
  if (!lacking.from_weights.empty()) {
    fmt::print("  {} reused cells get kept files from their weights\n", lacking.from_weights.size());
  }
  fmt::print("{}\n", estimate_line(fates, options.workers));
  return 0;
}

/// Before any cell is trained; of other machines nothing is known here. `dealt`: cards of which each cell sees one.
void check_devices(const Plan& plan, std::int64_t dealt) {
  bool any = false;
  for (const auto& cell : plan.cells) {
    const std::string& device = cell.config.text("trainer.device");
    if (device == "cpu") continue;
    any = true;
    engine().check_device(device, dealt);
    if (dealt > 0 && device != "cuda") {
      throw UsageError(fmt::format(
          "trainer.device is {}, but with gpus={} a cell sees the one card that it is dealt: set cuda", device, dealt));
    }
  }
  if (dealt > 0 && !any)
    throw UsageError(fmt::format("gpus={} deals cards to cells, and no cell has trainer.device: cuda", dealt));
}

int run(RunArguments arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // a run goes on when nobody reads its output any more
  RunOptions& options = arguments.options;
  options.workers = worker_count(arguments.workers);
  options.progress = arguments.quiet ? ProgressStyle::quiet : terminal_style();
  const StudyTarget target = open_target(arguments.study, /*warn=*/true);
  check_figures(target);
  options.launcher = launcher_of(target.plan.study, arguments.launcher);
  if (options.detach && !options.launcher.entry().system) {
    throw UsageError(
        fmt::format("--detach wants a launcher whose cells outlive this process, not '{}'", options.launcher.key));
  }
  if (!options.launcher.entry().system) check_devices(target.plan, options.launcher.options.integer("gpus"));
  if (arguments.dry_run) return dry_run(target, options);
  for (const auto& plugin : target.plugins) options.plugins.push_back(plugin.path);
  const RunSummary summary = run_study(target.plan.study, target.cells, target.layout, target.arguments.settings,
                                       target.arguments.plugins, options);
  fmt::print("{}\n", summary_text(target.layout.study, summary));
  print_failures(summary);
  fmt::print("results: {}\n", target.layout.study_file().string());
  if (summary.left_running) {
    fmt::print(stderr,
               "klbench: cells go on in the batch system: the same command waits for them, klbench status shows them, "
               "klbench cancel ends them\n");
  } else if (summary.signal != 0) {
    fmt::print(stderr, "klbench: stopped by {}; the same command again continues where it was\n",
               signal_name(summary.signal));
  }
  return summary.exit_code();
}

}  // namespace

Command run_command() {
  return {"run", "Train the cells of a study that are not finished and collect its results", [](CLI::App& app) {
            auto arguments = std::make_shared<RunArguments>();
            RunOptions& options = arguments->options;
            add_study(app, arguments->study);
            app.add_option(
                "--workers", arguments->workers,
                "Cells at a time: a number, or auto (default): one for each CPU that affinity, cgroup and Slurm allow");
            add_launcher(app, arguments->launcher);
            app.add_flag("--detach", options.detach, "Leave once the batch system has all cells; they go on");
            app.add_option("--only", options.policy.only, "Only cells that are failed, interrupted or missing");
            wants_whole(app.add_option("--retries", options.policy.retries,
                                       "Further attempts of a cell that fails (default 0)"),
                        0, 1000);
            app.add_flag("-q,--quiet", arguments->quiet, "No progress, only the summary");
            app.add_flag("--fail-fast", options.policy.fail_fast, "Stop at the first cell that fails or diverges");
            app.add_flag("--retrain", options.policy.retrain, "Train finished cells again");
            app.add_flag("--retry-diverged", options.policy.retry_diverged, "Train diverged cells again");
            app.add_flag("--force", options.take_over, "Take over results of another file that names the same study");
            app.add_flag("--dry-run", arguments->dry_run,
                         "Only say which cells would be trained, why, and how long that may take");
            wants_number(
                app.add_option("--timeout", options.timeout,
                               "Seconds an attempt at a cell may run, stopped time not counted (default: no limit)"),
                0, 1e9);
            wants_number(
                app.add_option("--max-rss", options.max_rss, "Megabytes of memory a cell may use (default: no limit)"),
                0, 1e9);
            return [arguments] { return run(*arguments); };
          }};
}

}  // namespace klbench
