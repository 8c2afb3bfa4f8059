#include "core/shell.h"

#include "catch.h"
#include "core/process.h"

using namespace klbench;

TEST_CASE("file names are one word of the shell") {
  for (const std::string name : {"plain/a-b_1.txt", "a b", "it's", "$(x)", "a\nb", "`x`", "\\"}) {
    CHECK(run_process({"/bin/sh", "-c", "printf %s " + shell_word(name)}).out == name);
  }
  CHECK(shell_word("-r") == "'./-r'");
}
