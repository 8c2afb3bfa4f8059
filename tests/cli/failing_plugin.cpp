// A plugin whose remedy ends its process in one way or another; see failures_test.py.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <thread>
#include <vector>

#include "engine/plugin_api.h"

KLBENCH_PLUGIN

namespace klbench {

namespace {

[[noreturn]] void hang() {
  std::signal(SIGTERM, SIG_IGN);
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

/// True in the first process that asks, by a file that $KLBENCH_TEST_MARK names.
bool is_first_process() {
  const char* mark = std::getenv("KLBENCH_TEST_MARK");
  if (mark == nullptr || std::ifstream(mark).good()) return false;
  std::ofstream(mark) << "x";
  return true;
}

[[noreturn]] void eat_memory() {
  std::vector<std::vector<char>> blocks;
  for (;;) {
    blocks.emplace_back(10'000'000, 'x');
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// After the first step, does what `how` says.
class Failing : public Regularizer {
 public:
  Failing(const Options& options, const ModelFacts& /*model*/) : how_(options.text("how")) {}

  double kl_weight(const Progress& progress, const Metrics& /*last*/) override {
    if (progress.step == 0 || how_ == "not") return 1.0;
    if (how_ == "segfault") std::raise(SIGSEGV);
    if (how_ == "exit_0") std::exit(0);
    if (how_ == "exit_7") std::exit(7);
    if (how_ == "abort") std::abort();
    if (how_ == "throw") throw std::runtime_error("thrown\nby the remedy");
    if (how_ == "hang") hang();
    if (how_ == "leak") eat_memory();
    if (how_ == "nan_once" && !is_first_process()) return 1.0;
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  std::string how_;
};

KLBENCH_REGULARIZER(Failing, {.key = "failing",
                              .summary = "ends its process",
                              .options = {{.name = "how",
                                           .default_value = std::string("not"),
                                           .help = "in which way",
                                           .choices = {"not", "segfault", "exit_0", "exit_7", "abort", "throw", "hang",
                                                       "leak", "nan", "nan_once"}}}});

}  // namespace

}  // namespace klbench
