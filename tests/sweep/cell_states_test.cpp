#include "sweep/cell_states.h"

#include "catch.h"
#include "core/files.h"
#include "storage/lock.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

struct CellFixture {
  TemporaryFolder folder;
  ResultsLayout layout{folder.path(), "tiny"};
  CellFixture() { std::filesystem::create_directories(layout.folder()); }
  void put(const char* suffix, const char* text = "x") const { write_file_durably(layout.cell("a", suffix), text); }
  std::string state() const { return to_string(examine_cell(layout, "a", Manifest(layout.manifest())).state); }
};

}  // namespace

TEST_CASE_METHOD(CellFixture, "the state of a cell follows from its files") {
  CHECK(state() == "missing");
  put(".config.yaml");
  put(".log");
  CHECK(state() == "missing");
  put(".journal");
  CHECK(state() == "stale");
  {
    const FileLock lock(layout.cell("a", ".lock"));
    CHECK(lock_is_held(layout.cell("a", ".lock")));
    CHECK(state() == "running");
  }
  CHECK(state() == "stale");
  Outcome outcome;
  for (const CellState recorded : {CellState::failed, CellState::interrupted}) {
    outcome.state = recorded;
    write_outcome(layout.cell("a", ".outcome.json"), outcome);
    CHECK(state() == to_string(recorded));
  }
}

TEST_CASE_METHOD(CellFixture, "a result counts once the manifest vouches for it, and as long as it stays as it is") {
  put(".h5");
  CHECK(state() == "missing");
  CHECK(examine_cell(layout, "a", Manifest(layout.manifest())).unverified);
  Manifest(layout.manifest()).add("a", layout.cell("a", ".h5"), "hash");
  CHECK(state() == "done");
  Outcome outcome;
  outcome.state = CellState::diverged;
  write_outcome(layout.cell("a", ".outcome.json"), outcome);
  CHECK(state() == "diverged");
  put(".h5", "longer than before");
  CHECK(examine_cell(layout, "a", Manifest(layout.manifest())).unverified);
  CHECK_FALSE(finished(examine_cell(layout, "a", Manifest(layout.manifest())).state));
}
