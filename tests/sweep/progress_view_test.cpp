#include "sweep/progress_view.h"

#include "catch.h"
#include "sweep/worker_protocol.h"

using namespace klbench;

TEST_CASE("durations are short") {
  CHECK(duration_text(3.6) == "4 s");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(7500) == "2 h 05 min");
}

TEST_CASE("the remaining time follows from the share of the work done") {
  RunSnapshot snapshot;
  snapshot.seconds = 60;
  snapshot.ended = 2;
  snapshot.waiting = 3;
  snapshot.running = {{"a", {5, 10, 0, 0, 0}}, {"b", {}}};
  // done: 2 + 1/2; left: 3 + 1/2 + 1
  CHECK(remaining_seconds(snapshot) == Approx(60 * 4.5 / 2.5));
  CHECK(remaining_seconds(RunSnapshot{}) < 0);
}

TEST_CASE("the table has one line a running cell and fits the terminal") {
  RunSnapshot snapshot;
  snapshot.study = "tiny";
  snapshot.total = 4;
  snapshot.done = 1;
  snapshot.failed = 1;
  snapshot.waiting = 1;
  snapshot.running = {{"bn_vae seed=1", {2.5, 10, 61.25, 3.5, 1200}}};
  const auto lines = render_table(snapshot, 200, 50);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], ContainsSubstring("tiny: 1/4 done, 1 running, 1 failed, 1 waiting"));
  CHECK_THAT(lines[1], ContainsSubstring("bn_vae seed=1"));
  CHECK_THAT(lines[1], ContainsSubstring("2.5/10"));
  CHECK_THAT(lines[1], ContainsSubstring("loss 61.25"));
  for (const auto& line : render_table(snapshot, 20, 50)) CHECK(line.size() <= 20);
  CHECK(render_table(snapshot, 200, 1) == std::vector<std::string>{lines[0]});
}

TEST_CASE("worker messages survive the pipe, NaN included") {
  const auto message = parse_worker_line(progress_line({1.5, 3, std::nan(""), 0.25, 1e6}));
  REQUIRE(message.has_value());
  REQUIRE(message->progress.has_value());
  CHECK(message->progress->epochs_done == 1.5);
  CHECK(std::isnan(message->progress->loss));
  CHECK(message->progress->kl == 0.25);
  CHECK(parse_worker_line(error_line("bad \"thing\"\n"))->error == "bad \"thing\"\n");
  for (const char* text : {"", "x", "1", "{}", "{\"progress\": 3}", "{\"error\": 3}"}) {
    CHECK_FALSE(parse_worker_line(text).has_value());
  }
}
