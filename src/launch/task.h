#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace klbench {

/// One task of a submission, on whatever machine the batch system chose: its cells one after the other, those that have
/// ended left out, so that a task that begins again goes on where it was. Each cell is a worker under the local
/// launcher. INT, TERM and USR1 (a time limit or a preemption that comes) make the cell write a checkpoint and end the
/// task without an end for that cell. A cell that another process is at (a task that the system believes dead and that
/// runs on) is waited for.
/// Returns 0; kTaskStopped when it was stopped before its cells were through. Throws UsageError for a folder that is no
/// submission or a task that it does not have.
/// `requeue`: a command of the shell that puts the task back into the queue, run where USR1 stopped it; empty: none.
inline constexpr int kTaskStopped = 75;  // EX_TEMPFAIL: to be tried again
int run_task(const std::filesystem::path& submission, std::size_t task, const std::string& requeue = "");

}  // namespace klbench
