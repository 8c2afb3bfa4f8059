#include "sweep/progress_view.h"

#include <cstdlib>

#include "catch.h"
#include "launch/worker_protocol.h"

using namespace klbench;

namespace {

using Stage = CellProgress::Stage;

CellProgress progress_at(double epochs_done, double epochs) {
  CellProgress progress;
  progress.epochs_done = epochs_done;
  progress.epochs = epochs;
  return progress;
}

/// 9 of 40 cells done; the one running has trained 2.5 of 10 epochs in 100 s: 400 s a cell.
RunSnapshot night() {
  RunSnapshot snapshot;
  snapshot.study = "a_study_with_a_name";
  snapshot.total = 40;
  snapshot.done = 9;
  snapshot.failed = 1;
  snapshot.waiting = 29;
  snapshot.seconds = 3700;
  CellProgress progress{Stage::training, 2.5, 10, 0, 61.25, 3.5, -60.125, 1200};
  snapshot.running = {{"bn_vae gamma=0.6 seed=12", progress, 0, 100}};
  return snapshot;
}

}  // namespace

TEST_CASE("durations are short") {
  CHECK(duration_text(3.6) == "4 s");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(7500) == "2 h 05 min");
}

TEST_CASE("the remaining time follows from what this run's workers trained") {
  RunSnapshot snapshot;
  snapshot.workers = 2;
  snapshot.worked = 2;
  snapshot.worked_seconds = 90;
  snapshot.waiting = 3;
  snapshot.running = {{"a", progress_at(5, 10), 0, 30}, {"b", {}, 0, 0}};
  // 120 s for 2 1/2 cells; left: 3 + 1/2 + 1, on two workers
  CHECK(remaining_seconds(snapshot) == Approx(120 / 2.5 * 4.5 / 2));
  snapshot.waiting = 0;  // the one that has just begun ends last
  CHECK(remaining_seconds(snapshot) == Approx(120 / 2.5));
  snapshot.running.pop_back();
  CHECK(remaining_seconds(snapshot) == Approx(120 / 2.5 / 2));
}

TEST_CASE("cells finished before and epochs of earlier runs do not hasten the estimate") {
  RunSnapshot snapshot;
  snapshot.total = 40;
  snapshot.done = 38;
  snapshot.seconds = 1000;  // the start of the worker took long
  snapshot.waiting = 1;
  snapshot.running = {{"resumed after 8 of 10 epochs", progress_at(9, 10), 8, 20}};
  // 1/10 of a cell in 20 s; left: 1/10 + 1
  CHECK(remaining_seconds(snapshot) == Approx(220));
}

TEST_CASE("the first seconds allow no estimate") {
  CHECK(remaining_seconds(RunSnapshot{}) < 0);
  RunSnapshot snapshot;
  snapshot.waiting = 1;
  snapshot.running = {{"a", progress_at(0.01, 10), 0, 0.5}};
  CHECK(remaining_seconds(snapshot) < 0);
  snapshot.running[0].seconds = 4;
  CHECK(remaining_seconds(snapshot) == Approx(4 / 0.001 * 1.999));
}

TEST_CASE("the table has one line a running cell") {
  const auto lines = render_table(night(), 200, 50);
  REQUIRE(lines.size() == 2);
  // 29 3/4 cells of 400 s are left.
  CHECK(lines[0] ==
        "a_study_with_a_name, 9/40 done, 1 running, 1 failed, 29 waiting, 1 h 01 min elapsed, ETA 3 h 18 min");
  CHECK(lines[1] == "  bn_vae gamma=0.6 seed=12  epoch 2.5/10  loss 61.25  kl 3.50  valid ELBO -60.12  1200 tokens/s");
  CHECK(render_table(night(), 200, 1) == std::vector<std::string>{lines[0]});
}

TEST_CASE("what is not known is not shown") {
  RunSnapshot snapshot = night();
  snapshot.failed = 0;
  snapshot.running[0].progress = {};
  CHECK(render_table(snapshot, 80, 50)[1] == "  bn_vae gamma=0.6 seed=12  starting");
  CHECK_THAT(render_table(snapshot, 200, 50)[0], !ContainsSubstring("failed") && ContainsSubstring("ETA unknown"));
  snapshot.running[0].progress = progress_at(10, 10);
  snapshot.running[0].progress.stage = Stage::evaluating;
  CHECK(render_table(snapshot, 80, 50)[1] == "  bn_vae gamma=0.6 seed=12  evaluating");
}

TEST_CASE("narrow terminals lose whole parts, the cells done and the ETA last") {
  const auto head = [](std::size_t width) { return render_table(night(), width, 1)[0]; };
  const auto row = [](std::size_t width) { return render_table(night(), width, 2)[1]; };
  CHECK(head(60) == "9/40 done, 1 failed, 1 h 01 min elapsed, ETA 3 h 18 min");
  CHECK(head(40) == "9/40 done, 1 failed, ETA 3 h 18 min");
  CHECK(head(25) == "9/40 done, ETA 3 h 18 min");
  CHECK(head(20) == "9/40 ETA 3 h");
  CHECK(head(8) == "9/40");
  CHECK(head(3).empty());
  CHECK(row(60) == "  bn_vae gamma=0.6 seed=12  epoch 2.5/10  valid ELBO -60.12");
  CHECK(row(44) == "  .. gamma=0.6 seed=12    epoch 2.5/10");
  CHECK(row(19) == "epoch 2.5/10");
  for (std::size_t width = 0; width < 120; ++width) {
    for (const auto& line : render_table(night(), width, 50)) CHECK(line.size() <= width);
  }
}

TEST_CASE("lines tell of an epoch, a resumed cell, and where the run stands") {
  CHECK(epoch_text({Stage::epoch_ended, 3, 10, 0, 61.25, 3.5, -60.125, 1200}) ==
        "epoch 3/10: loss 61.25, kl 3.50, valid ELBO -60.12, 1200 tokens/s");
  CellProgress language_model = progress_at(2.4, 3);  // a last epoch of fewer steps
  language_model.loss = 7;
  CHECK(epoch_text(language_model) == "epoch 3/3: loss 7.00");
  for (const auto& [epochs, text] : {std::pair{1.0, "resumed after 1 epoch"},
                                     {2.0, "resumed after 2 epochs"},
                                     {120.0, "resumed after 120 epochs"},
                                     {2.25, "resumed after 2.2 epochs"},
                                     {0.25, "resumed after 0.25 epochs"}}) {
    CellProgress progress = progress_at(epochs, 200);
    progress.resumed_after = epochs;
    CHECK(resumed_text(progress) == text);
  }
  CHECK(standing_text(night()) == " (9/40 done, ETA 3 h 18 min)");
  RunSnapshot end;
  end.total = end.done = 4;
  end.worked = end.worked_seconds = 4;
  CHECK(standing_text(end) == " (4/4 done)");
}

TEST_CASE("only a terminal that moves its cursor is drawn on") {
  for (const char* term : {"dumb", ""}) {
    ::setenv("TERM", term, 1);
    CHECK(terminal_style() == ProgressStyle::lines);
  }
}

TEST_CASE("worker messages survive the pipe, NaN included") {
  const auto message =
      parse_worker_line(progress_line({Stage::epoch_ended, 1.5, 3, 0.5, std::nan(""), 0.25, -7.5, 1e6}));
  REQUIRE(message.has_value());
  REQUIRE(message->progress.has_value());
  CHECK(message->progress->stage == Stage::epoch_ended);
  CHECK(message->progress->epochs_done == 1.5);
  CHECK(message->progress->resumed_after == 0.5);
  CHECK(std::isnan(message->progress->loss));
  CHECK(message->progress->kl == 0.25);
  CHECK(message->progress->valid_elbo == -7.5);
  CHECK(parse_worker_line(error_line("bad \"thing\"\n"))->error == "bad \"thing\"\n");
  for (const char* text : {"", "x", "1", "{}", "{\"progress\": 3}", "{\"error\": 3}"}) {
    CHECK_FALSE(parse_worker_line(text).has_value());
  }
}
