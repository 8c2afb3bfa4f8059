#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace klbench {

/// CPUs that the cgroups of a process allow it by quota, rounded down but at least 1; nothing where there is no quota.
/// `membership`: /proc/<pid>/cgroup; `mount`: where cgroup 2, or the controllers of cgroup 1, are mounted. The smallest
/// quota on the way from the root to the process's own group counts.
std::optional<unsigned> quota_cpus(const std::filesystem::path& membership = "/proc/self/cgroup",
                                   const std::filesystem::path& mount = "/sys/fs/cgroup");

/// CPUs this process may use: those of its affinity mask (taskset, cpuset), at most the cgroup's quota and what Slurm
/// gave the task (SLURM_CPUS_PER_TASK). At least 1.
unsigned usable_cpus();

/// What /proc/cpuinfo calls the CPU type, with its widest vectors, by which libraries choose how they round (virtual
/// machines give different CPUs one name): "AMD EPYC, AVX-512"; "unknown" where it does not tell. The same cell has the
/// same bytes on one CPU type only.
std::string cpu_name(const std::filesystem::path& info = "/proc/cpuinfo");
/// Whether two such names may be of one type: of records from before vectors were named no more is known.
bool same_cpu(const std::string& name, const std::string& other);

/// The types of the NVIDIA cards of this machine by its driver, e.g. "NVIDIA H200", several with " and " between them;
/// "unknown" where it does not tell. `cards`: a folder a card, each with a file `information`.
std::string gpu_names(const std::filesystem::path& cards = "/proc/driver/nvidia/gpus");

/// The environment variables by which OpenMP libraries bind threads to CPUs. They narrow the mask of the whole process
/// while the library is loaded, so that all workers would land on the first CPU.
inline constexpr const char* kBindingVariables[] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"};

}  // namespace klbench
