#include "core/cpus.h"

#include <sched.h>

#include <cstdlib>
#include <fstream>

#include "catch.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

struct CgroupFixture {
  TemporaryFolder folder;
  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((folder / path).parent_path());
    std::ofstream(folder / path) << text;
  }
  std::optional<unsigned> cpus() const { return quota_cpus(folder / "membership", folder / "mount"); }
};

}  // namespace

TEST_CASE_METHOD(CgroupFixture, "the quota of cgroup 2 is the smallest on the way up, rounded down but at least 1") {
  put("membership", "0::/user/job\n");
  CHECK_FALSE(cpus().has_value());
  put("mount/user/job/cpu.max", "max 100000\n");
  CHECK_FALSE(cpus().has_value());
  put("mount/user/cpu.max", "350000 100000\n");
  CHECK(cpus() == 3U);
  put("mount/user/job/cpu.max", "50000 100000\n");
  CHECK(cpus() == 1U);
  put("mount/user/job/cpu.max", "800000 100000\n");
  CHECK(cpus() == 3U);
}

TEST_CASE_METHOD(CgroupFixture, "the quota of cgroup 1 stands with the cpu controller, under either name") {
  put("membership", "5:cpuset:/\n4:cpu,cpuacct:/docker/a\n0::/\n");
  put("mount/cpu/docker/a/cpu.cfs_quota_us", "-1\n");
  put("mount/cpu/docker/a/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(cpus().has_value());
  put("mount/cpu/docker/a/cpu.cfs_quota_us", "200000\n");
  CHECK(cpus() == 2U);
  put("mount/cpu,cpuacct/docker/a/cpu.cfs_quota_us", "100000\n");
  put("mount/cpu,cpuacct/docker/a/cpu.cfs_period_us", "100000\n");
  CHECK(cpus() == 1U);
}

TEST_CASE_METHOD(CgroupFixture, "the driver tells the types of the cards, each once") {
  CHECK(gpu_names(folder / "gpus") == "unknown");
  put("gpus/0000:65:00.0/information", "Model: \t\t NVIDIA H200\nIRQ:   \t\t 42\n");
  put("gpus/0000:66:00.0/information", "Model: \t\t NVIDIA H200\n");
  CHECK(gpu_names(folder / "gpus") == "NVIDIA H200");
  put("gpus/0000:67:00.0/information", "IRQ: 1\nModel: \t\t NVIDIA A100-SXM4-80GB\n");
  CHECK(gpu_names(folder / "gpus") == "NVIDIA A100-SXM4-80GB and NVIDIA H200");
}

TEST_CASE("affinity and Slurm limit the CPUs") {
  cpu_set_t before;
  REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
  ::setenv("SLURM_CPUS_PER_TASK", "1", 1);
  CHECK(usable_cpus() == 1);
  ::setenv("SLURM_CPUS_PER_TASK", "1000000", 1);
  const unsigned all = usable_cpus();
  CHECK(all <= static_cast<unsigned>(CPU_COUNT(&before)));
  ::setenv("SLURM_CPUS_PER_TASK", "many", 1);
  CHECK(usable_cpus() == all);
  ::unsetenv("SLURM_CPUS_PER_TASK");
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(usable_cpus() == 1);
  ::sched_setaffinity(0, sizeof before, &before);
}

TEST_CASE("a CPU is told by its name and its widest vectors") {
  const TemporaryFolder folder;
  const auto name = [&](const std::string& flags) {
    std::ofstream(folder / "info") << "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu " << flags
                                   << "\n\nprocessor\t: 1\nmodel name\t: other\n";
    return cpu_name(folder / "info");
  };
  CHECK(name("avx avx2 avx512f avx512dq") == "AMD EPYC, AVX-512");
  CHECK(name("avx avx2") == "AMD EPYC, AVX2");
  CHECK(name("avx") == "AMD EPYC");
  CHECK(cpu_name(folder / "none") == "unknown");
  CHECK(same_cpu("AMD EPYC", "AMD EPYC, AVX2"));
  CHECK_FALSE(same_cpu("AMD EPYC, AVX-512", "AMD EPYC, AVX2"));
  CHECK_FALSE(same_cpu("AMD EPYC 9654", "AMD EPYC"));
}
