#include "storage/set_aside.h"

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "temporary_folder.h"

using namespace klbench;

TEST_CASE("Files set aside keep their content, each under a name of its own") {
  const TemporaryFolder folder;
  for (const char* name : {"a.h5.edited", "a.h5.edited.2", "a.h5.edited.3"}) {
    folder.write("a.h5", name);
    CHECK(set_aside(folder / "a.h5") == folder / name);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "a.h5"));
  CHECK(read_file(folder / "a.h5.edited") == "a.h5.edited");
  CHECK(read_file(folder / "a.h5.edited.3") == "a.h5.edited.3");
  CHECK_THROWS_WITH(set_aside(folder / "a.h5"), ContainsSubstring("a.h5: cannot be set aside"));
}
