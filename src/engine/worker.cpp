#include "engine/worker.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <torch/torch.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include "config/cell_files.h"
#include "config/study.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "core/shared_folder.h"
#include "engine/worker_signals.h"
#include "launch/worker_protocol.h"
#include "storage/lock.h"
#include "sweep/open_study.h"
#include "sweep/outcome.h"
#include "training/make_kept.h"
#include "training/run_cell.h"

namespace klbench {

namespace {

void say(const std::string& line) {
  std::fwrite((line + "\n").data(), 1, line.size() + 1, stdout);
  std::fflush(stdout);
}

/// Ends with the driver, leaves no core dumps.
void bind_to_driver(pid_t driver) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (driver == 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != driver) throw Error("the run that started this cell has ended");
}

/// Someone may look whether the lock is held just when we want it: tried for a second.
FileLock lock_cell(const std::filesystem::path& path) {
  for (const auto start = Clock::now();;) {
    try {
      return FileLock(path, kWorkerLocked);
    } catch (const LockedError&) {
      if (seconds_since(start) > 1) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
}

int train(const WorkerRequest& request, const WorkerSignals& signals) {
  const CellFiles files(request.folder, request.id);
  const FileLock lock = lock_cell(files.lock());
  look_again(request.folder);
  if (request.keep) {
    make_kept_files(worker_cell(request.config, request.id, request.plugins).config, files);
    return kWorkerDone;
  }
  AttemptToken token(files.attempt());
  CellJob job;
  PlannedCell cell = worker_cell(request.config, request.id, request.plugins);
  job.config = std::move(cell.config);
  job.identity = std::move(cell.identity);
  job.id = request.id;
  job.folder = request.folder;
  job.before_publish = [&] {
    if (!token.still_mine()) throw Error("another attempt at this cell has begun: this one publishes nothing");
  };
  job.on_diverged = [](const std::string& what) { say(error_line(what)); };
  const auto status = run_cell(job, signals.flag(), [](const CellProgress& progress) { say(progress_line(progress)); });
  token.release();
  switch (status) {
    case CellStatus::done:
      return kWorkerDone;
    case CellStatus::diverged:
      return kWorkerDiverged;
    case CellStatus::interrupted:
      return kWorkerInterrupted;
    case CellStatus::unconfirmed:
      return kWorkerUnconfirmed;
    default:
      return kWorkerFailed;
  }
}

int failed(const char* message, int code) {
  spdlog::error("{}", one_line(message));
  say(error_line(message));
  return code;
}

}  // namespace

int run_worker(const WorkerRequest& request) {
  const WorkerSignals signals(request.driver);
  try {
    bind_to_driver(request.driver);
    torch::set_num_threads(1);
    return train(request, signals);
  } catch (const LockedError& error) {
    return failed(error.what(), kWorkerLocked);
  } catch (const StorageError& error) {
    return failed(error.what(), kWorkerStorage);
  } catch (const Error& error) {
    return failed(error.what(), error.exit_code() == kWorkerUsage ? kWorkerUsage : kWorkerFailed);
  } catch (const c10::Error& error) {
    return failed(error.what_without_backtrace(), kWorkerFailed);
  } catch (const std::exception& error) {
    return failed(error.what(), kWorkerFailed);
  }
}

}  // namespace klbench
