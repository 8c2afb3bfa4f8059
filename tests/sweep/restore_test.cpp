#include "sweep/restore.h"

#include "catch.h"
#include "core/build_info.h"
#include "core/files.h"
#include "storage/cell_file.h"
#include "storage/hdf5.h"
#include "temporary_folder.h"

using namespace klbench;

TEST_CASE("a study's file of a newer klbench is refused and stays where it is") {
  const TemporaryFolder folder;
  const ResultsLayout layout{folder.path(), "s"};
  hdf5::Writer writer("study s");
  hdf5::Group& root = writer.root();
  root.set("kind", std::string("study"));
  root.set("schema_version", std::int64_t{kSchemaVersion + 1});
  const std::string image = writer.image();
  write_file_durably(layout.study_file(), image);
  CellTask task;
  task.id = "0123456789abcdef";
  CHECK_THROWS_AS(restorable_cells({task}, layout), NewerResults);
  CHECK_THROWS_AS(restore_cells({task}, layout), NewerResults);
  CHECK(read_file(layout.study_file()) == image);
}

TEST_CASE("cells are not lost where their folder cannot be looked into") {
  const TemporaryFolder folder;
  const ResultsLayout layout{folder.path(), "s"};
  write_file_durably(layout.study_file(), "");
  std::filesystem::create_symlink(layout.folder(), layout.folder());  // of itself
  CellTask task;
  task.id = "0123456789abcdef";
  CHECK_THROWS_WITH(restorable_cells({task}, layout), ContainsSubstring("cannot look there"));
  CHECK_THROWS_WITH(restore_cells({task}, layout), ContainsSubstring("cannot look there"));
}
