#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <filesystem>
#include <iterator>
#include <sstream>

#include "core/files.h"
#include "core/process.h"
#include "core/shell.h"
#include "launch/batch_system.h"
#include "launch/registry.h"
#include "launch/stop_signals.h"

namespace klbench {

namespace {

/// Any batch system, by three commands of the shell: each gets what it needs as environment variables.
///   submit  $SCRIPT (a file to run), $NAME, $LOG; its last word of output is the job's id
///   poll    $IDS (separated by spaces); prints those that are queued or running, separated by white space
///   cancel  $IDS
/// One job a task. A command that fails is tried again later. A job must not be given up by the system without poll
/// saying so; what the tasks leave on disk is believed before it.
class Script : public BatchSystem {
 public:
  explicit Script(const Options& options) : options_(options) {}

  std::string submit(const BatchJob& job) override {
    std::string ids;
    for (std::size_t task = 0; task < job.count; ++task) {
      const auto script = job.folder / fmt::format("{}.sh", task), known = job.folder / fmt::format("{}.job", task);
      if (const auto id = read_file_if_there(known)) {  // a submission that broke off goes on
        ids += (ids.empty() ? "" : ",") + *id;
        continue;
      }
      write_file_durably(script, fmt::format("#!/bin/sh\ncd {} || exit 1\n{}\nexec {} task {} {}\n",
                                             quoted(std::filesystem::current_path().string()), options_.text("setup"),
                                             quoted(job.program), quoted(job.folder.string()), task));
      ::chmod(script.c_str(), 0755);
      const auto answer = run("submit", {"SCRIPT=" + script.string(), fmt::format("NAME={}-{}", job.name, task),
                                         "LOG=" + (job.folder / fmt::format("{}.out", task)).string()});
      const auto words = words_of(answer);
      if (words.empty()) throw BatchBusy("launcher script: 'submit' printed no job id");
      write_file_durably(known, words.back());
      ids += (ids.empty() ? "" : ",") + words.back();
    }
    return ids;
  }

  std::map<std::string, std::set<std::size_t>> alive(const std::set<std::string>& ids) override {
    const auto living = polled(ids);
    std::map<std::string, std::set<std::size_t>> found;
    for (const auto& job : ids) {
      std::istringstream tasks(job);
      std::string id;
      for (std::size_t task = 0; std::getline(tasks, id, ','); ++task) {
        if (living.contains(id)) found[job].insert(task);
      }
    }
    return found;
  }

  void cancel(const std::string& id) override {
    const auto living = polled({id});
    if (!living.empty()) run("cancel", {"IDS=" + separated(living)});
  }
  std::string find(const std::string& /*name*/) override { return ""; }
  std::size_t largest_job() override { return 100; }

 private:
  static std::vector<std::string> words_of(const std::string& text) {
    std::istringstream words(text);
    return {std::istream_iterator<std::string>(words), {}};
  }

  /// Those of the tasks' ids that are queued or running.
  std::set<std::string> polled(const std::set<std::string>& ids) const {
    const auto words = words_of(run("poll", {"IDS=" + separated(ids)}));
    return {words.begin(), words.end()};
  }

  static std::string separated(const std::set<std::string>& ids) {
    std::string all = fmt::format("{}", fmt::join(ids, " "));
    for (char& c : all) c = c == ',' ? ' ' : c;
    return all;
  }

  std::string run(const char* command, const std::vector<std::string>& variables) const {
    ProcessResult result;
    try {
      result =
          run_process({"/bin/sh", "-c", options_.text(command)},
                      {.timeout_seconds = 300, .hurry = stop_requested, .environment = environment_with(variables)});
    } catch (const Error& error) {  // it hangs
      throw BatchBusy(error.what());
    }
    if (!result.ok()) {
      throw BatchBusy(fmt::format("'{}' ended with code {}: {}", command, result.exit_code,
                                  one_line(result.err.empty() ? result.out : result.err)));
    }
    return result.out;
  }

  Options options_;
};

const LauncherRegistrar kScript(batch_launcher_entry(
    {.key = "script",
     .summary = "any batch system, by three commands of the shell",
     .options = {{.name = "submit", .default_value = "", .help = "hands $SCRIPT in; its last word of output is the id"},
                 {.name = "poll", .default_value = "", .help = "prints those of $IDS that are queued or running"},
                 {.name = "cancel", .default_value = "", .help = "ends $IDS, with time for a checkpoint"},
                 {.name = "setup", .default_value = "", .help = "lines of shell before the program"}}},
    [](const Options& options) -> std::unique_ptr<BatchSystem> {
      for (const char* command : {"submit", "poll", "cancel"}) {
        if (options.text(command).empty())
          throw UsageError(fmt::format("launcher script: '{}' is missing, a command of the shell", command));
      }
      return std::make_unique<Script>(options);
    }));

}  // namespace

}  // namespace klbench
