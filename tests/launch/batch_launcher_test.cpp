// The batch launcher over a system that is played: tasks write what real ones write.
#include "launch/batch_launcher.h"

#include <fstream>
#include <utility>

#include "catch.h"
#include "launch/submissions.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

/// What the player lets happen.
struct Played {
  std::vector<BatchJob> jobs;  ///< as submitted; ids are their places
  std::map<std::string, std::set<std::size_t>> alive;
  std::set<std::string> cancelled;
  bool busy = false, refuses = false;
  bool takes_unheard = false;  ///< the job is taken, and the answer lost
  std::size_t largest = 100;
  std::size_t room = 1000;  ///< tasks, queued and running
};

class PlayedSystem : public BatchSystem {
 public:
  explicit PlayedSystem(Played& played) : played_(played) {}
  std::string submit(const BatchJob& job) override {
    if (played_.busy) throw BatchBusy("queue full");
    std::size_t under_way = 0;
    for (const auto& [id, tasks] : played_.alive) under_way += tasks.size();
    if (under_way + job.count > played_.room) throw BatchFull("QOSMaxSubmitJobPerUserLimit");
    if (played_.refuses) throw BatchRefused("invalid partition");
    const auto id = std::to_string(played_.jobs.size());
    played_.jobs.push_back(job);
    for (std::size_t task = 0; task < job.count; ++task) played_.alive[id].insert(task);
    if (std::exchange(played_.takes_unheard, false)) throw BatchBusy("socket timed out");
    return id;
  }
  std::map<std::string, std::set<std::size_t>> alive(const std::set<std::string>& ids) override {
    if (played_.busy) throw BatchBusy("no answer");
    std::map<std::string, std::set<std::size_t>> found;
    for (const auto& id : ids) found[id] = played_.alive[id];
    return found;
  }
  void cancel(const std::string& id) override {
    played_.cancelled.insert(id);
    played_.alive.erase(id);
  }
  std::string find(const std::string& name) override {
    for (std::size_t i = 0; i < played_.jobs.size(); ++i) {
      if (played_.jobs[i].name == name) return std::to_string(i);
    }
    return "";
  }
  std::size_t largest_job() override { return played_.largest; }

 private:
  Played& played_;
};

struct BatchFixture {
  TemporaryFolder folder;
  Played played;
  std::unique_ptr<Launcher> launcher = fresh();
  std::map<std::size_t, WorkerEnd> ends;
  std::map<std::size_t, double> reached;
  std::vector<std::string> notes;

  std::unique_ptr<Launcher> fresh(std::size_t cells_per_task = 1) {
    return make_batch_launcher(std::make_unique<PlayedSystem>(played),
                               {folder / "jobs", "s", "klbench", cells_per_task, 0.05, 0.3, 0.2});
  }
  void start(std::size_t count) {
    for (std::size_t cell = 0; cell < count; ++cell) {
      LaunchSpec spec;
      spec.cell = cell;
      spec.id = std::string(1, static_cast<char>('a' + cell));
      spec.before = "1 2 3";
      launcher->start(spec);
    }
  }
  void wait(double seconds = 0.1) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    do {
      for (auto& event : launcher->wait(50)) {
        if (event.kind == LaunchEvent::Kind::ended) ends[event.cell] = event.end;
        if (event.kind == LaunchEvent::Kind::progress) reached[event.cell] = event.progress.epochs_done;
        if (event.kind == LaunchEvent::Kind::note) notes.push_back(event.note);
      }
    } while (std::chrono::steady_clock::now() < end);
  }
  std::set<std::string> cells_under_way() const {
    std::set<std::string> ids;
    for (const auto& [id, before] : launcher->under_way()) ids.insert(id);
    return ids;
  }
  /// What a task writes of a cell that has ended.
  void task_ends(const std::string& job, std::size_t task, const std::string& id, int code) {
    WorkerEnd end;
    end.exit_code = code;
    std::ofstream(played.jobs.at(std::stoul(job)).folder / (std::to_string(task) + ".ends"), std::ios::app)
        << end_line(id, end);
  }
};

}  // namespace

TEST_CASE_METHOD(BatchFixture, "cells go out together, and their ends and progress are read from files") {
  start(3);
  CHECK_FALSE(launcher->settled());
  wait();
  CHECK(launcher->settled());
  REQUIRE(played.jobs.size() == 1);
  CHECK(played.jobs[0].count == 3);
  CHECK(cells_under_way() == std::set<std::string>{"a", "b", "c"});
  CellProgress progress;
  progress.epochs_done = 2;
  progress.epochs = 5;
  std::ofstream(played.jobs[0].folder / "2.progress") << task_progress("c", progress);
  task_ends("0", 0, "a", kWorkerDone);
  task_ends("0", 1, "b", kWorkerFailed);
  wait(1.2);
  REQUIRE(ends.size() == 2);
  CHECK(ends[0].exit_code == kWorkerDone);
  CHECK(ends[1].exit_code == kWorkerFailed);
  CHECK(reached == std::map<std::size_t, double>{{2, 2.0}});
  CHECK(cells_under_way() == std::set<std::string>{"c"});
  CHECK(open_submissions(folder / "jobs").size() == 1);
  task_ends("0", 2, "c", kWorkerDone);
  wait(1.2);
  CHECK(ends.size() == 3);
  CHECK(open_submissions(folder / "jobs").empty());
}

TEST_CASE_METHOD(BatchFixture, "tasks hold several cells, jobs no more tasks than the system takes") {
  launcher = fresh(2);
  played.largest = 2;
  start(7);
  wait();
  REQUIRE(played.jobs.size() == 2);
  CHECK(played.jobs[0].count == 2);
  CHECK(played.jobs[1].count == 2);
  CHECK(read_submission(played.jobs[1].folder).tasks[1].size() == 1);
}

TEST_CASE_METHOD(BatchFixture, "what is more than the system has room for goes out in parts") {
  played.room = 3;
  start(7);
  std::vector<std::string> cells;  // in the order in which they were taken
  for (std::size_t job = 0; cells.size() < 7; ++job) {
    for (int tries = 0; tries < 50 && played.jobs.size() <= job; ++tries) wait(0.1);
    REQUIRE(played.jobs.size() > job);
    const auto tasks = read_submission(played.jobs[job].folder).tasks;
    CHECK(tasks.size() <= 3);
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      cells.push_back(tasks[task].at(0).id);
      task_ends(std::to_string(job), task, cells.back(), kWorkerDone);
    }
    CHECK(launcher->settled() == (cells.size() == 7));
    played.alive.erase(std::to_string(job));
  }
  CHECK(cells == std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"});
  wait(1.2);
  CHECK(ends.size() == 7);
  CHECK(open_submissions(folder / "jobs").empty());
}

TEST_CASE_METHOD(BatchFixture, "another driver takes up what the first has submitted, also without its job's id") {
  const bool knows_id = GENERATE(true, false);
  start(2);
  wait();
  if (!knows_id) std::filesystem::remove(played.jobs[0].folder / "job");
  task_ends("0", 0, "a", kWorkerDone);
  launcher = fresh();
  CHECK(cells_under_way() == std::set<std::string>{"b"});
  CHECK(launcher->under_way().at("b") == "1 2 3");  // what is published since then is its result
  start(2);                                         // a again: its end was read before, it goes out anew
  wait();
  REQUIRE(played.jobs.size() == 2);
  CHECK(played.jobs[1].count == 1);
  task_ends("0", 1, "b", kWorkerDone);
  task_ends("1", 0, "a", kWorkerDone);
  wait(1.2);
  CHECK(ends.size() == 2);
}

TEST_CASE_METHOD(BatchFixture, "a busy system is asked again and loses nothing") {
  played.busy = true;
  start(1);
  wait();
  CHECK(played.jobs.empty());
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], ContainsSubstring("queue full"));
  CHECK_FALSE(launcher->settled());
  CHECK(cells_under_way() == std::set<std::string>{"a"});  // the intent stands
}

TEST_CASE_METHOD(BatchFixture, "what will never be taken is said, and nothing is under way") {
  played.refuses = true;
  start(1);
  CHECK_THROWS_WITH(launcher->wait(10), ContainsSubstring("invalid partition"));
  CHECK(open_submissions(folder / "jobs").empty());
}

TEST_CASE_METHOD(BatchFixture, "cancelled jobs end their cells as interrupted") {
  start(2);
  wait();
  launcher->request_stop();
  CHECK(played.cancelled == std::set<std::string>{"0"});
  wait(1);
  REQUIRE(ends.size() == 2);
  CHECK(ends[0].exit_code == kWorkerInterrupted);
  CHECK(ends[0].stop_requested);
  launcher = fresh();
  CHECK(cells_under_way().empty());
}

TEST_CASE_METHOD(BatchFixture, "a task that is gone goes out again, three times in a row at most") {
  start(1);
  for (int job = 0; job < 3; ++job) {
    wait(0.3);
    REQUIRE(played.jobs.size() == static_cast<std::size_t>(job + 1));
    played.alive.clear();
    wait(1);
  }
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].exit_code == kWorkerFailed);
  CHECK_THAT(ends[0].error, ContainsSubstring("3 tasks in a row"));
}

TEST_CASE_METHOD(BatchFixture, "a job whose answer was lost is found again, not submitted twice") {
  played.takes_unheard = true;
  start(2);
  wait(0.6);
  CHECK(played.jobs.size() == 1);
  CHECK(launcher->settled());
  task_ends("0", 0, "a", kWorkerDone);
  task_ends("0", 1, "b", kWorkerDone);
  wait(1.2);
  CHECK(ends.size() == 2);
}

TEST_CASE_METHOD(BatchFixture, "an intent that never reached the system is made anew of what is wanted") {
  played.busy = true;
  start(2);
  wait();
  launcher = fresh();
  played.busy = false;
  CHECK(cells_under_way() == std::set<std::string>{"a", "b"});
  start(1);  // b is no part of the grid any more
  wait(0.3);
  REQUIRE(played.jobs.size() == 1);
  CHECK(played.jobs[0].count == 1);
  CHECK(cells_under_way() == std::set<std::string>{"a"});
}

TEST_CASE_METHOD(BatchFixture, "what is stopped before it reached the system ends as interrupted") {
  played.busy = true;
  start(2);
  wait();
  launcher->request_stop();
  wait();
  REQUIRE(ends.size() == 2);
  CHECK(ends[1].exit_code == kWorkerInterrupted);
  CHECK(open_submissions(folder / "jobs").empty());
}

TEST_CASE_METHOD(BatchFixture, "of a task that is lost again and again only the cell it was at is given up") {
  launcher = fresh(2);
  start(2);
  for (int job = 0; job < 3; ++job) {
    wait(0.3);
    REQUIRE(played.jobs.size() == static_cast<std::size_t>(job + 1));
    std::ofstream(played.jobs.back().folder / "0.started") << "n1 1\n";
    played.alive.clear();
    wait(1);
  }
  REQUIRE(ends.size() == 1);
  CHECK(ends.contains(0));
  REQUIRE(played.jobs.size() == 4);
  CHECK(read_submission(played.jobs[3].folder).tasks[0].at(0).id == "b");
}

TEST_CASE_METHOD(BatchFixture,
                 "a cell that went out again is the newer submission's, and an end said twice counts once") {
  launcher = fresh(2);
  start(2);
  wait(0.3);
  played.alive.clear();  // both are lost, and go out again
  wait(1);
  REQUIRE(played.jobs.size() == 2);
  std::filesystem::remove(played.jobs[0].folder / "closed");  // as if it were still open for another task
  launcher = fresh(2);
  start(2);
  wait(1);
  CHECK(played.jobs.size() == 2);
  task_ends("1", 0, "a", kWorkerDone);
  task_ends("1", 0, "a", kWorkerFailed);
  wait(1.2);
  REQUIRE(ends.size() == 1);
  CHECK(ends[0].exit_code == kWorkerDone);
}
