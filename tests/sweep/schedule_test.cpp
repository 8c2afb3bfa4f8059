#include "sweep/schedule.h"

#include "catch.h"
#include "core/error.h"

using namespace klbench;

namespace {

Outcome outcome_of(CellStatus state, bool retryable = true) {
  Outcome outcome;
  outcome.state = state;
  outcome.retryable = retryable;
  return outcome;
}

std::vector<std::size_t> all_next(Schedule& schedule) {
  std::vector<std::size_t> cells;
  while (const auto cell = schedule.next()) cells.push_back(*cell);
  return cells;
}

const std::vector<CellStatus> kOneOfEach = {CellStatus::missing,  CellStatus::running,    CellStatus::done,
                                            CellStatus::diverged, CellStatus::failed,     CellStatus::interrupted,
                                            CellStatus::stale,    CellStatus::unconfirmed};

RunPolicy policy_only(const std::string& only) {
  RunPolicy policy;
  policy.only = only;
  return policy;
}

}  // namespace

TEST_CASE("a run starts every unfinished cell in the order of the plan and leaves others' cells alone") {
  Schedule schedule(kOneOfEach, {});
  CHECK(all_next(schedule) == std::vector<std::size_t>{0, 4, 5, 6, 7});
  CHECK(schedule.running() == 5);
  CHECK_FALSE(schedule.idle());
}

TEST_CASE("--only selects by the state before the run") {
  Schedule failed(kOneOfEach, policy_only("failed"));
  CHECK(all_next(failed) == std::vector<std::size_t>{4});
  Schedule interrupted(kOneOfEach, policy_only("interrupted"));
  CHECK(all_next(interrupted) == std::vector<std::size_t>{5, 6, 7});
  Schedule missing(kOneOfEach, policy_only("missing"));
  CHECK(all_next(missing) == std::vector<std::size_t>{0});
  CHECK(missing.selected() == std::vector<bool>{true, false, false, false, false, false, false, false});
  CHECK_THROWS_AS(Schedule(kOneOfEach, policy_only("done")), UsageError);
}

TEST_CASE("single finished cells can be trained again") {
  RunPolicy policy;
  policy.again = {1};
  Schedule schedule({CellStatus::done, CellStatus::done}, policy);
  CHECK(schedule.next() == 1U);
  CHECK_FALSE(schedule.next());
}

TEST_CASE("--retrain trains finished cells again") {
  RunPolicy policy;
  policy.retrain = true;
  Schedule schedule(kOneOfEach, policy);
  CHECK(all_next(schedule) == std::vector<std::size_t>{0, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a failed cell is retried behind the others, as often as asked, unless it would fail again") {
  RunPolicy policy;
  policy.retries = 1;
  Schedule schedule({CellStatus::missing, CellStatus::missing, CellStatus::missing}, policy);
  REQUIRE(schedule.next() == std::size_t{0});
  CHECK(schedule.ended(0, outcome_of(CellStatus::failed)));
  REQUIRE(schedule.next() == std::size_t{1});
  CHECK_FALSE(schedule.ended(1, outcome_of(CellStatus::failed, false)));
  REQUIRE(schedule.next() == std::size_t{2});
  CHECK_FALSE(schedule.ended(2, outcome_of(CellStatus::diverged, false)));
  REQUIRE(schedule.next() == std::size_t{0});
  CHECK_FALSE(schedule.ended(0, outcome_of(CellStatus::failed)));
  CHECK(schedule.idle());
  CHECK(schedule.count(CellStatus::failed) == 2);
  CHECK(schedule.count(CellStatus::diverged) == 1);
}

TEST_CASE("a failure does not stop the others, with --fail-fast it does") {
  const std::vector<CellStatus> two(2, CellStatus::missing);
  for (const bool fail_fast : {false, true}) {
    RunPolicy policy;
    policy.fail_fast = fail_fast;
    Schedule schedule(two, policy);
    schedule.next();
    schedule.ended(0, outcome_of(CellStatus::failed, false));
    CHECK(schedule.next().has_value() == !fail_fast);
    CHECK(schedule.stopped() == fail_fast);
  }
}

TEST_CASE("a stopped schedule starts nothing, waits for what runs and keeps the state of the rest") {
  Schedule schedule({CellStatus::missing, CellStatus::stale}, {});
  schedule.next();
  schedule.stop();
  CHECK_FALSE(schedule.next().has_value());
  CHECK_FALSE(schedule.idle());
  schedule.ended(0, outcome_of(CellStatus::interrupted));
  CHECK(schedule.idle());
  CHECK(schedule.states().at(0) == CellStatus::interrupted);
  CHECK(schedule.states().at(1) == CellStatus::stale);
}

TEST_CASE("nothing is retried after a stop") {
  RunPolicy policy;
  policy.retries = 5;
  Schedule schedule({CellStatus::missing}, policy);
  schedule.next();
  schedule.stop();
  CHECK_FALSE(schedule.ended(0, outcome_of(CellStatus::failed)));
  CHECK(schedule.idle());
}

TEST_CASE("--retry-diverged trains diverged cells again, and only those of the finished") {
  RunPolicy policy;
  policy.retry_diverged = true;
  Schedule schedule(kOneOfEach, policy);
  CHECK(all_next(schedule) == std::vector<std::size_t>{0, 3, 4, 5, 6, 7});
}

TEST_CASE("a divergence to be confirmed is replayed next, without a retry") {
  Schedule schedule({CellStatus::missing, CellStatus::missing}, {});
  REQUIRE(schedule.next() == std::size_t{0});
  const Outcome unconfirmed = outcome_of(CellStatus::unconfirmed);
  CHECK(schedule.ended(0, unconfirmed));
  REQUIRE(schedule.next() == std::size_t{0});
  schedule.stop();
  CHECK_FALSE(schedule.ended(0, unconfirmed));
  CHECK(schedule.count(CellStatus::unconfirmed) == 1);
}

TEST_CASE("a failure that others would share ends the run") {
  Schedule schedule({CellStatus::missing, CellStatus::missing}, {});
  REQUIRE(schedule.next() == std::size_t{0});
  Outcome full = outcome_of(CellStatus::failed, false);
  full.ends_run = true;
  CHECK_FALSE(schedule.ended(0, full));
  CHECK(schedule.idle());
  CHECK(schedule.count(CellStatus::missing) == 1);
}
