#include "sweep/keep_pass.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "launch/worker_protocol.h"
#include "storage/manifest.h"
#include "sweep/cell_states.h"

namespace klbench {

namespace {

constexpr double kKeepSeconds = 24 * 3600;

/// Why a worker made nothing; empty when it did.
std::string failure(const ProcessResult& child) {
  if (child.ok()) return "";
  for (std::size_t start = 0; start < child.out.size();) {
    const std::size_t end = std::min(child.out.find('\n', start), child.out.size());
    const auto message = parse_worker_line(std::string_view(child.out).substr(start, end - start));
    if (message && !message->error.empty()) return message->error;
    start = end + 1;
  }
  return child.signal != 0 ? signal_name(child.signal) : fmt::format("exit code {}", child.exit_code);
}

std::string make(const CellTask& task, const ResultsLayout& layout, const RunOptions& options) {
  const auto config = layout.cell(task.id).config();
  try {
    write_file_durably(config, task.config);
    std::vector<std::string> argv = {executable_path(),
                                     "cell",
                                     "--keep",
                                     "--config",
                                     config.string(),
                                     "--id",
                                     task.id,
                                     "--folder",
                                     layout.folder().string(),
                                     "--driver",
                                     std::to_string(::getpid())};
    for (const auto& plugin : options.plugins) argv.insert(argv.end(), {"--plugin", plugin});
    return failure(run_process(argv, {.timeout_seconds = kKeepSeconds}));
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

KeepPass find_lacking(const std::vector<CellTask>& tasks, const ResultsLayout& layout) {
  KeepPass pass;
  const Manifest manifest(layout.manifest());
  for (std::size_t cell = 0; cell < tasks.size(); ++cell) {
    const CellTask& task = tasks[cell];
    if (!any(missing_kept_files(task.kept, layout.cell(task.id)))) continue;
    if (examine_cell(layout, task.id, manifest).state != CellStatus::done) continue;
    std::error_code error;
    (std::filesystem::exists(layout.cell(task.id).model(), error) ? pass.from_weights : pass.train).insert(cell);
  }
  return pass;
}

bool make_from_weights(const std::set<std::size_t>& cells, const std::vector<CellTask>& tasks,
                       const ResultsLayout& layout, const RunOptions& options) {
  bool all = true;
  for (const std::size_t cell : cells) {
    const CellTask& task = tasks[cell];
    const std::string problem = make(task, layout, options);
    all = all && problem.empty();
    if (problem.empty() && options.progress == ProgressStyle::quiet) continue;
    fmt::print(stderr, "[{}/{}] {} {}: {}\n", cell + 1, tasks.size(), task.id.substr(0, 8), task.label,
               problem.empty() ? "its kept files are made from the weights"
                               : fmt::format("its kept files cannot be made from {}: {}; remove that to train it again",
                                             layout.cell(task.id).model().string(), one_line(problem)));
  }
  return all;
}

}  // namespace klbench
