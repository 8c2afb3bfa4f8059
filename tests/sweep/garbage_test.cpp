#include "sweep/garbage.h"

#include "catch.h"
#include "core/files.h"
#include "storage/lock.h"
#include "temporary_folder.h"

using namespace klbench;

namespace {

const std::string kInGrid = "aaaaaaaaaaaaaaaa";
const std::string kOutside = "00000000000000ff";
const std::string kOther = "1234567890abcdef";

struct GarbageFixture {
  TemporaryFolder folder;
  ResultsLayout layout{folder.path(), "tiny"};
  std::vector<CellTask> grid = {{kInGrid, "vae", "a: 1\n"}};

  void write(const std::string& name) { write_file_durably(layout.folder() / name, "12345"); }
  Garbage find() const { return find_garbage(layout, grid); }
};

}  // namespace

TEST_CASE_METHOD(GarbageFixture, "the files of cells outside the grid are garbage, each cell's result last") {
  for (const char* suffix : {".h5", ".log", ".run.json", ".config.yaml", ".h5.edited"}) write(kOutside + suffix);
  for (const char* suffix : {".h5", ".log", ".journal"}) write(kInGrid + suffix);
  write(kOther + ".checkpoint");
  const Garbage garbage = find();
  REQUIRE(garbage.cells.size() == 2);
  CHECK(garbage.cells[0].id == kOutside);
  CHECK(garbage.cells[0].finished);
  CHECK(garbage.cells[0].files.size() == 4);
  CHECK(garbage.cells[0].files.back() == layout.cell(kOutside).result());
  CHECK(garbage.cells[0].bytes == 20);
  CHECK(garbage.cells[0].label.empty());  // "12345" is no configuration
  CHECK(garbage.cells[1].id == kOther);
  CHECK_FALSE(garbage.cells[1].finished);
  remove_garbage(garbage, layout);
  CHECK(std::filesystem::exists(layout.cell(kOutside).result().string() + ".edited"));
  CHECK(std::filesystem::exists(layout.cell(kInGrid).journal()));
  CHECK_FALSE(std::filesystem::exists(layout.cell(kOutside).result()));
  CHECK(find().cells.empty());
}

TEST_CASE_METHOD(GarbageFixture, "temporaries are leftovers, or go with their cell") {
  write(kInGrid + ".h5.tmp.1.0");
  write("plan.json.tmp.1.1");
  write("../tiny.h5.tmp.1.2");
  write("../tiny2.h5.tmp.1.3");
  write(kOutside + ".h5.tmp.1.4");
  const Garbage garbage = find();
  CHECK(garbage.leftovers == std::vector<std::filesystem::path>{layout.cell(kInGrid).result().string() + ".tmp.1.0",
                                                                layout.folder() / "plan.json.tmp.1.1",
                                                                layout.root / "tiny.h5.tmp.1.2"});
  CHECK(garbage.leftover_bytes == 15);
  REQUIRE(garbage.cells.size() == 1);
  CHECK_FALSE(garbage.cells[0].finished);
}

TEST_CASE_METHOD(GarbageFixture, "nothing else is garbage, nor what somebody works on") {
  for (const char* name : {"lock", "manifest.tsv", "collected.tsv", "plan.json", "notes.txt", "00ff.h5",
                           "00000000000000FF.h5", "00000000000000ff", "00000000000000ffa.h5"}) {
    write(name);
  }
  write(kOther + ".h5");
  write(kOther + ".h5.tmp.1.0");
  const FileLock busy(layout.cell(kOther).lock());
  const Garbage garbage = find();
  CHECK(garbage.cells.empty());
  CHECK(garbage.leftovers.empty());
}
