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
  CellFiles files = layout.cell("a");
  void put(const std::filesystem::path& path, const char* text = "x") const { write_file_durably(path, text); }
  std::string state() const { return to_string(examine_cell(layout, "a", Manifest(layout.manifest())).state); }
};

}  // namespace

TEST_CASE_METHOD(CellFixture, "the state of a cell follows from its files") {
  CHECK(state() == "missing");
  put(files.config());
  put(files.log());
  CHECK(state() == "missing");
  put(files.journal());
  CHECK(state() == "stale");
  {
    const FileLock lock(files.lock());
    CHECK(lock_is_held(files.lock()));
    CHECK(state() == "running");
  }
  CHECK(state() == "stale");
  Outcome outcome;
  for (const CellStatus recorded : {CellStatus::failed, CellStatus::interrupted, CellStatus::unconfirmed}) {
    outcome.state = recorded;
    write_outcome(files.outcome(), outcome);
    CHECK(state() == to_string(recorded));
  }
}

TEST_CASE_METHOD(CellFixture, "a result counts once the manifest vouches for it, and as long as it stays as it is") {
  put(files.result());
  CHECK(state() == "missing");
  CHECK(examine_cell(layout, "a", Manifest(layout.manifest())).unverified);
  Manifest(layout.manifest()).add("a", files.result(), "hash");
  CHECK(state() == "done");
  Outcome outcome;
  outcome.state = CellStatus::diverged;
  write_outcome(files.outcome(), outcome);
  CHECK(state() == "diverged");
  put(files.result(), "longer than before");
  CHECK(examine_cell(layout, "a", Manifest(layout.manifest())).unverified);
  CHECK_FALSE(finished(examine_cell(layout, "a", Manifest(layout.manifest())).state));
}
