#include "core/signals.h"

#include "catch.h"

using namespace klbench;

TEST_CASE("signals are given back what they did") {
  const auto action_of = [](int signal) {
    struct sigaction action {};
    REQUIRE(::sigaction(signal, nullptr, &action) == 0);
    return action.sa_handler;
  };
  std::signal(SIGHUP, SIG_IGN);
  {
    const SignalsKept kept;
    std::signal(SIGHUP, [](int) {});
    std::signal(SIGUSR2, SIG_IGN);
    CHECK(action_of(SIGHUP) != SIG_IGN);
  }
  CHECK(action_of(SIGHUP) == SIG_IGN);
  CHECK(action_of(SIGUSR2) == SIG_DFL);
  std::signal(SIGHUP, SIG_DFL);
}
