#include "launch/submissions.h"

#include <fstream>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

LaunchSpec cell_spec(const std::string& id) {
  LaunchSpec spec;
  spec.id = id;
  spec.argv = {"klbench", "cell", "--id", id};
  spec.log = "results/s/" + id + ".log";
  spec.result = "results/s/" + id + ".h5";
  spec.attempt = 2;
  spec.timeout = 1.5;
  return spec;
}

void append(const std::filesystem::path& path, const std::string& text) { std::ofstream(path, std::ios::app) << text; }

}  // namespace

TEST_CASE("a submission reads back as it was made, and is open until it is closed") {
  const TemporaryFolder scratch;
  const auto jobs = scratch / "jobs";
  const auto made = make_submission(jobs, {{cell_spec("a"), cell_spec("b")}, {cell_spec("c")}});
  CHECK(made.job().empty());
  made.set_job("123");
  auto open = open_submissions(jobs);
  REQUIRE(open.size() == 1);
  CHECK(open[0].name() == made.name());
  CHECK(open[0].job() == "123");
  REQUIRE(open[0].tasks.size() == 2);
  const LaunchSpec& second = open[0].tasks[0].at(1);
  CHECK(second.id == "b");
  CHECK(second.argv == cell_spec("b").argv);
  CHECK(second.log == cell_spec("b").log);
  CHECK(second.result == cell_spec("b").result);
  CHECK(second.attempt == 2);
  CHECK(second.timeout == 1.5);
  CHECK_FALSE(open[0].cancelled());
  made.cancel();
  CHECK(open[0].cancelled());
  const auto later = make_submission(jobs, {{cell_spec("d")}});
  open = open_submissions(jobs);
  REQUIRE(open.size() == 2);
  CHECK(open[0].name() < open[1].name());
  made.close();
  open = open_submissions(jobs);
  REQUIRE(open.size() == 1);
  CHECK(open[0].name() == later.name());
}

TEST_CASE("a damaged submission is refused by name and passed over among others") {
  const TemporaryFolder scratch;
  const auto jobs = scratch / "jobs";
  make_submission(jobs, {{cell_spec("a")}});
  std::filesystem::create_directories(jobs / "0");
  append(jobs / "0/cells.json", "[[{\"id\": 3}]]");
  CHECK(open_submissions(jobs).size() == 1);
  CHECK_THROWS_WITH(read_submission(jobs / "0"), ContainsSubstring("damaged"));
  CHECK_THROWS_AS(read_submission(jobs / "none"), UsageError);
}

TEST_CASE("ends of cells are read line by line, a torn one never") {
  const TemporaryFolder scratch;
  const auto path = scratch / "0.ends";
  std::int64_t from = 0;
  CHECK(read_ends(path, from).empty());
  WorkerEnd end;
  end.exit_code = kWorkerFailed;
  end.error = "no \"room\"";
  end.log_tail = {"one", "two"};
  const std::string line = end_line("a", end);
  append(path, line + line.substr(0, 20));
  auto found = read_ends(path, from);
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == "a");
  CHECK(found[0].end.exit_code == kWorkerFailed);
  CHECK(found[0].end.error == "no \"room\"");
  CHECK(found[0].end.log_tail == end.log_tail);
  CHECK(read_ends(path, from).empty());
  append(path, line.substr(20) + "nonsense" + end_line("b", {}));  // an end begins its line anew
  found = read_ends(path, from);
  REQUIRE(found.size() == 2);
  CHECK(found[1].id == "b");
  CHECK(read_ends(path, from).empty());
}

TEST_CASE("progress of a task is what was written last") {
  const TemporaryFolder scratch;
  const auto path = scratch / "0.progress";
  CHECK(read_progress(path).id.empty());
  CellProgress progress;
  progress.epochs_done = 1.5;
  progress.epochs = 4;
  append(path, task_progress("a", progress));
  const auto found = read_progress(path);
  CHECK(found.id == "a");
  CHECK(found.progress.epochs_done == 1.5);
  CHECK(found.progress.epochs == 4);
}
