#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <regex>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "core/shell.h"
#include "launch/batch_system.h"
#include "launch/registry.h"
#include "launch/stop_signals.h"

namespace klbench {

namespace {

/// What Slurm's programs say when it is to be tried again, ...
constexpr std::array kPassing = {"Unable to contact slurm controller",
                                 "Socket timed out",
                                 "Connection refused",
                                 "Slurm backup controller in standby",
                                 "Zero Bytes were transmitted",
                                 "Protocol authentication error",
                                 "Unexpected message received",
                                 "Connection reset by peer"};
/// ... where there is none, ...
constexpr std::array kAbsent = {"establish a configuration source", "Unable to process configuration file"};
/// ... and when there are too many jobs, each task of an array being one.
constexpr std::array kFull = {"QOSMaxSubmit",
                              "AssocMaxSubmit",
                              "AssocGrpSubmit",
                              "QOSGrpSubmit",
                              "Slurm temporarily unable",
                              "Resource temporarily unavailable",
                              "job queue full",
                              "Unable to create job record"};

template <class Texts>
bool has_any(const std::string& message, const Texts& texts) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const char* text) { return message.find(text) != std::string::npos; });
}

std::string no_slurm(const std::string& why) {
  return "no Slurm can be reached from this machine (log in to the cluster, or run with --launcher local): " + why;
}

/// Output of one of its programs. Throws BatchBusy where it is to be tried again (BatchFull: with less), else
/// BatchRefused.
std::string ask(const std::vector<std::string>& argv) {
  ProcessResult result;
  try {
    result = run_process(
        argv, {.timeout_seconds = 300, .hurry = stop_requested});  // sbatch alone tries a full queue for two minutes
  } catch (const Error& error) {
    if (std::string(error.what()).starts_with("cannot start")) throw BatchRefused(no_slurm(error.what()));
    throw BatchBusy(error.what());
  }
  if (result.ok()) return result.out;
  const std::string message = one_line(result.err.empty() ? result.out : result.err);
  if (has_any(message, kPassing) || result.signal != 0 || message.empty()) throw BatchBusy(argv[0] + ": " + message);
  if (has_any(message, kFull)) throw BatchFull(argv[0] + ": " + message);
  if (has_any(message, kAbsent)) throw BatchRefused(no_slurm(message));
  throw BatchRefused(fmt::format("{}: {}", argv[0], message));
}

/// Limits of time and sizes of memory as sbatch reads them. Throws UsageError: sbatch itself would say so only when the
/// study is to run.
void check_limits(const Options& options) {
  static const std::regex time("[0-9]+(:[0-9]+){0,2}|[0-9]+-[0-9]+(:[0-9]+){0,2}|UNLIMITED|INFINITE"),
      memory("[0-9]+[KMGT]?");
  const auto check = [&](const char* name, const std::regex& form, const char* forms) {
    const std::string& text = options.text(name);
    if (text.empty() || std::regex_match(text, form)) return;
    throw UsageError(fmt::format("launcher slurm: '{}' wants {}, got '{}'", name, forms, one_line(text)));
  };
  check("time", time, "minutes, hours:minutes:seconds or days-hours, e.g. 4:00:00");
  check("memory", memory, "megabytes or a size with K, M, G or T, e.g. 2G");
}

/// A job that has ended; some minutes later Slurm has forgotten it.
bool is_over(const BatchRefused& refused) {
  const std::string message = refused.what();
  return message.find("Invalid job id") != std::string::npos || message.find("already comp") != std::string::npos;
}

/// Arrays of Slurm (sbatch, squeue, scancel, scontrol); a task that is warned of its time limit or of a preemption
/// writes a checkpoint and puts itself back into the queue. No database is needed.
class Slurm : public BatchSystem {
 public:
  explicit Slurm(const Options& options) : options_(options) {}

  std::string submit(const BatchJob& job) override {
    const auto script = job.folder / "batch.sh";
    write_file_durably(script,
                       fmt::format("#!/bin/bash\ncd {} || exit 1\n{}\nexec {} task --requeue \"scontrol requeue "
                                   "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}\" {} \"$SLURM_ARRAY_TASK_ID\"\n",
                                   quoted(std::filesystem::current_path().string()), options_.text("setup"),
                                   quoted(job.program), quoted(job.folder.string())));
    const auto limit = options_.integer("array_limit");
    std::vector<std::string> argv = {
        "sbatch",
        "--parsable",
        "--requeue",
        "--open-mode=append",
        "--job-name=" + job.name,
        fmt::format("--array=0-{}{}", job.count - 1, limit > 0 ? fmt::format("%{}", limit) : ""),
        fmt::format("--output={}", (job.folder / "%a.out").string()),
        fmt::format("--cpus-per-task={}", options_.integer("cpus")),
        fmt::format("--signal=B:USR1@{}", options_.integer("notice_seconds"))};
    for (const char* name : {"partition", "time"}) {
      if (!options_.text(name).empty()) argv.push_back(fmt::format("--{}={}", name, options_.text(name)));
    }
    if (!options_.text("memory").empty()) argv.push_back("--mem=" + options_.text("memory"));
    if (options_.integer("gpus") > 0) argv.push_back(fmt::format("--gpus={}", options_.integer("gpus")));
    std::istringstream extra(options_.text("extra"));
    for (std::string flag; std::getline(extra, flag);) {
      if (!flag.empty()) argv.push_back(flag);
    }
    argv.push_back(script.string());
    const std::string answer = ask(argv);  // "123", on several clusters "123;name"
    const std::string id = answer.substr(0, answer.find_first_of(";\n"));
    if (id.empty() || id.find_first_not_of("0123456789") != std::string::npos)
      throw BatchRefused(fmt::format("sbatch: prints no job id but '{}'", one_line(answer)));
    return id;
  }

  std::map<std::string, std::set<std::size_t>> alive(const std::set<std::string>& ids) override {
    std::map<std::string, std::set<std::size_t>> found;
    std::string answer;
    try {
      answer =
          ask({"squeue", "--noheader", "--array", "--format=%F %K", fmt::format("--jobs={}", fmt::join(ids, ","))});
    } catch (const BatchRefused& refused) {  // of several jobs it leaves out those that it has forgotten
      if (!is_over(refused)) throw BatchBusy(refused.what());
    }
    std::istringstream lines(answer);
    std::string id, task;
    while (lines >> id >> task) {
      if (task.find_first_not_of("0123456789") == std::string::npos) found[id].insert(std::stoul(task));
    }
    return found;
  }

  void cancel(const std::string& id) override {
    try {
      ask({"scancel", id});
    } catch (const BatchRefused& refused) {
      if (!is_over(refused)) throw BatchBusy(refused.what());
    }
  }

  std::string find(const std::string& name) override {
    const std::string answer = ask({"squeue", "--noheader", "--format=%F", "--name=" + name});
    return answer.substr(0, answer.find_first_of(" \n"));
  }

  std::size_t largest_job() override {
    if (largest_ == 0) {
      std::istringstream lines(ask({"scontrol", "show", "config"}));
      largest_ = 1000;
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("MaxArraySize")) largest_ = std::stoul(line.substr(line.find('=') + 1));
      }
    }
    return std::max<std::size_t>(largest_, 1);
  }

 private:
  Options options_;
  std::size_t largest_ = 0;
};

const LauncherRegistrar kSlurm(batch_launcher_entry(
    {.key = "slurm",
     .summary = "array jobs of Slurm; the run may end and be taken up again",
     .options =
         {{.name = "partition", .default_value = "", .help = "sbatch --partition; empty: the cluster's default"},
          {.name = "time", .default_value = "", .help = "limit of a task, e.g. 4:00:00; empty: the partition's"},
          {.name = "cpus", .default_value = 1, .help = "of a task; a cell computes on one", .min = 1, .max = 4096},
          {.name = "memory", .default_value = "", .help = "of a task, e.g. 2G; empty: the cluster's default"},
          {.name = "gpus", .default_value = 0, .help = "of a task", .min = 0, .max = 4096},
          {.name = "array_limit", .default_value = 0, .help = "tasks at a time; 0: no limit", .min = 0, .max = 1e6},
          {.name = "notice_seconds",
           .default_value = 60,
           .help = "before the time limit: the task writes a checkpoint and queues again",
           .min = 1,
           .max = 65535},
          {.name = "setup", .default_value = "", .help = "lines of shell before the program, e.g. module load ..."},
          {.name = "extra", .default_value = "", .help = "further flags of sbatch, a line each"}}},
    [](const Options& options) -> std::unique_ptr<BatchSystem> {
      check_limits(options);
      return std::make_unique<Slurm>(options);
    }));

}  // namespace

}  // namespace klbench
