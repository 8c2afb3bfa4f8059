#include "sweep/reuse.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "catch.h"
#include "core/cpus.h"
#include "core/files.h"
#include "storage/cell_file.h"
#include "storage/manifest.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

/// A study's folder with finished cells, of which only their records are looked at.
struct ReuseFixture {
  TemporaryFolder folder;
  ResultsLayout layout{folder.path(), "tiny"};

  static Identity identity(const std::string& method, const std::string& seed, const std::string& source = "1") {
    return {{"component " + method, source}, {"data", "d"}, {"regularizer", method}, {"seed", seed}};
  }
  static CellTask task(const std::string& id, const Identity& of) { return {id, id, "", {}, of}; }
  void finish(const std::string& id, const nlohmann::json& record) const {
    write_file_durably(layout.cell(id).result(), id);
    write_file_durably(layout.cell(id).run_record(), record.dump());
    Manifest(layout.manifest()).add(id, layout.cell(id).result(), content_hash(id));
  }
  void finish_as(const std::string& id, const Identity& of, double seconds = 0) const {
    const nlohmann::json record = {{"identity", of}, {"train_seconds", seconds}, {"evaluation_seconds", 0.0}};
    finish(id, record);
  }
  std::vector<CellFate> fates(const std::vector<CellTask>& tasks, const RunPolicy& policy = {}) const {
    return foresee(tasks, layout, policy);
  }
};

}  // namespace

TEST_CASE_METHOD(ReuseFixture, "A finished cell is reused; of another it is said what differs from the nearest") {
  finish_as("aaaa", identity("bn_vae", "0"));
  finish_as("bbbb", identity("vae", "0"));
  const auto all = fates({task("aaaa", identity("bn_vae", "0")), task("cccc", identity("bn_vae", "0", "2")),
                          task("dddd", identity("vae", "7"))});
  CHECK(all[0].reused);
  CHECK_FALSE(all[0].starts);
  CHECK(all[1].starts);
  CHECK(all[1].why == "the source of bn_vae has changed");
  CHECK(all[2].why == "seed 7 instead of 0");
  CHECK(reuse_lines("tiny", all) == std::vector<std::string>{"tiny: 3 cells, 1 reused, 2 to train",
                                                             "  1: the source of bn_vae has changed",
                                                             "  1: seed 7 instead of 0"});
}

TEST_CASE_METHOD(ReuseFixture, "Without finished cells, or with those from before, that is what is said") {
  const std::vector<CellTask> tasks = {task("cccc", identity("vae", "0"))};
  CHECK(fates(tasks)[0].why == "no cell is finished yet");
  finish("aaaa", nlohmann::json::object());
  CHECK_THAT(fates(tasks)[0].why, ContainsSubstring("from before klbench noted"));
}

TEST_CASE_METHOD(ReuseFixture,
                 "Times are those of finished cells of the same method and size, spread over the workers") {
  finish_as("aaaa", identity("vae", "0"), 100);
  finish_as("bbbb", identity("vae", "1"), 140);
  const auto all = fates({task("cccc", identity("vae", "2")), task("dddd", identity("vae", "3", "2"))});
  CHECK(all[0].seconds == 120.0);
  CHECK(all[1].seconds == 120.0);
  CHECK(estimate_line(all, 1) == "estimated time: 4 min 00 s with 1 worker");
  CHECK(estimate_line(all, 8) == "estimated time: 2 min 00 s with 8 workers");
  const auto other = fates({task("eeee", identity("bn_vae", "0"))});
  CHECK(estimate_line(other, 1) == "estimated time: unknown, no cell of the same method and size is finished");
  CHECK(
      estimate_line({all[0], other[0]}, 1) ==
      "estimated time: more than 2 min 00 s with 1 worker (1 cells are of a method or size that none is finished of)");
  CHECK(estimate_line(fates({task("aaaa", identity("vae", "0"))}), 1) == "estimated time: none, nothing is to train");
}

TEST_CASE_METHOD(ReuseFixture, "Many reasons are cut, and where the rest is found is said") {
  finish_as("aaaa", identity("vae", "0"));
  std::vector<CellTask> tasks;
  for (int seed = 1; seed <= 11; ++seed) {
    tasks.push_back(task(fmt::format("c{}", seed), identity("vae", std::to_string(seed))));
  }
  const auto lines = reuse_lines("tiny", fates(tasks));
  CHECK(lines.size() == 10);
  CHECK(lines.back() == "  3 more reasons: klbench status --why tiny");
}

TEST_CASE_METHOD(ReuseFixture, "Cells that are trained again say for what") {
  finish_as("aaaa", identity("vae", "0"));
  const std::vector<CellTask> tasks = {task("aaaa", identity("vae", "0"))};
  RunPolicy policy;
  policy.again = {0};
  CHECK(fates(tasks, policy)[0].why == "trained again for its weights");
  policy.retrain = true;
  CHECK(fates(tasks, policy)[0].why == "trained again as asked");
}

TEST_CASE_METHOD(ReuseFixture, "Cells that another CPU type trained are reused and named") {
  finish("aaaa", {{"identity", identity("vae", "0")}, {"cpu", "Another CPU"}});
  finish("bbbb", {{"identity", identity("vae", "1")}, {"cpu", cpu_name()}});
  const auto all = fates({task("aaaa", identity("vae", "0")), task("bbbb", identity("vae", "1"))});
  CHECK(all[0].reused);
  CHECK(all[0].why == "reused, trained on another CPU type: Another CPU");
  CHECK(all[1].why == "reused");
  CHECK(
      reuse_lines("tiny", all) ==
      std::vector<std::string>{"tiny: 2 cells, 2 reused, 0 to train",
                               "  1 of the reused trained on another CPU type, which rounds differently: Another CPU"});
}

TEST_CASE_METHOD(ReuseFixture,
                 "Cells that only the study's file has tell what differs, what a cell costs and their CPU") {
  StudyResult study;
  study.name = "tiny";
  study.cells.resize(1);
  study.cells[0].id = "aaaa";
  study.cells[0].status = CellStatus::done;
  const nlohmann::json record = {{"identity", identity("vae", "0")},
                                 {"cpu", "Another CPU"},
                                 {"train_seconds", 50.0},
                                 {"evaluation_seconds", 10.0}};
  study.provenance["aaaa"] = record.dump();
  write_study(layout.study_file(), study);
  const auto all = fates({task("aaaa", identity("vae", "0")), task("bbbb", identity("vae", "1"))});
  CHECK(all[0].reused);
  CHECK(all[0].other_cpu == "Another CPU");
  CHECK(all[1].why == "seed 1 instead of 0");
  CHECK(estimate_line(all, 1) == "estimated time: 1 min 00 s with 1 worker");
}

TEST_CASE_METHOD(ReuseFixture, "Diverged cells are trained again as asked") {
  finish_as("aaaa", identity("vae", "0"));
  Outcome diverged;
  diverged.state = CellStatus::diverged;
  write_outcome(layout.cell("aaaa").outcome(), diverged);
  RunPolicy policy;
  CHECK(fates({task("aaaa", identity("vae", "0"))}, policy)[0].reused);
  policy.retry_diverged = true;
  CHECK(fates({task("aaaa", identity("vae", "0"))}, policy)[0].why == "trained again as asked");
}
