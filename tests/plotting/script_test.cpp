#include "plotting/script.h"

#include <cmath>
#include <cstdlib>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "plotting/fixture.h"
#include "plotting/plot.h"
#include "plotting/script_file.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;
namespace fs = std::filesystem;

namespace {

/// Everything gnuplot, a shell or XML could take for more than text.
const std::string kHostile =
    "a'b''c \"q\" `touch canary` $(touch canary) !touch canary @x {/=30 x} } { ^2 _3 %d %% \\ \\n & &amp; <b> ~ #\n"
    "!touch canary\nsystem('touch canary')\n''; system('touch canary') # ''''; system(\"touch canary\") #";

/// As the SVG terminal writes it.
std::string xml(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : std::string(1, c);
  return out;
}

/// PATH within one test.
class Path {
 public:
  explicit Path(const fs::path& folder) : before_(std::getenv("PATH")) { ::setenv("PATH", folder.c_str(), 1); }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;
  ~Path() { ::setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

void write_program(const fs::path& path, const std::string& text) {
  write_file_durably(path, text);
  fs::permissions(path, fs::perms::owner_all);
}

std::string message_of(const fs::path& script, const std::vector<std::string>& formats) {
  try {
    run_gnuplot(script, formats);
  } catch (const UsageError&) {
    FAIL("a failure of gnuplot is no mistake of the user");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("quoted text stands for itself") {
  CHECK(quote("plain") == "'plain'");
  CHECK(quote("it's") == R"('it'."\047".'s')");
  CHECK(quote("a\nb\tc") == "'a\\nb\\tc'");
  CHECK(quote("`x` $(y) \\") == "'`x` $(y) \\'");
}

TEST_CASE("numbers read back") {
  CHECK(std::stod(number(0.1 + 0.2)) == 0.1 + 0.2);
  CHECK(number(std::nan("")) == "NaN");
}

TEST_CASE("what would run a command if it were not quoted, does") {
  const TemporaryFolder folder;
  const auto script = write_script({{}, {"set title \"`touch canary`\"", "plot x"}, 3, 2}, folder.path(), "x", {"svg"});
  run_gnuplot(script, {"svg"});
  CHECK(fs::exists(folder.path() / "canary"));
}

TEST_CASE("no run of quotes ends a string") {
  const TemporaryFolder folder;
  std::vector<std::string> commands = {"set xrange [0:1]"};
  std::string quotes;
  for (int i = 0; i < 9; ++i, quotes += "'") {
    for (const char* rest : {"; system('touch canary') #", "; system(\"touch canary\") #", "", "x'"}) {
      commands.push_back("set label " + quote(quotes + rest) + " at screen 0.1,0.1 noenhanced");
    }
  }
  commands.push_back("plot x");
  run_gnuplot(write_script({{}, commands, 3, 2}, folder.path(), "x", {"svg"}), {"svg"});
  CHECK_FALSE(fs::exists(folder.path() / "canary"));
  const std::string svg = read_file(folder.path() / "x.svg");
  CHECK_THAT(svg, ContainsSubstring(">''; system('touch canary') #<") && ContainsSubstring(">''x'<"));
}

TEST_CASE("hostile text is drawn as text and runs nothing") {
  const TemporaryFolder folder;
  StudyResult study;
  study.name = kHostile;
  for (const std::int64_t seed : {0, 1}) {
    for (const char* option : {"plain", "other"}) {
      CellResult cell = full_cell(kHostile, seed, 3);
      cell.config["data.text"] = std::string(option) == "plain" ? std::string("x") : kHostile.substr(0, 20);
      cell.config["regularizer.a.'`touch canary`"] = 0.5 + static_cast<double>(cell.config["data.text"].index());
      cell.final["test"][kHostile].values = {1.5};
      study.cells.push_back(cell);
    }
  }
  for (FigureSpec spec : {spec_for("bars"), spec_for("curve"), spec_for("rate_distortion"), spec_for("heatmap"),
                          spec_for("histogram"), spec_for("latent"), spec_for("moments"), spec_for("dynamics")}) {
    spec.title = kHostile;
    if (spec.kind == "bars") spec.metrics = {"kl", kHostile};
    draw_figure(study, spec, folder.path(), {"svg", "png", "pdf"});
    INFO(spec.kind);
    CHECK_FALSE(fs::exists(folder.path() / "canary"));
    CHECK_FALSE(fs::exists("canary"));
    const std::string svg = read_file(folder.path() / (spec.name + ".svg"));
    CHECK_THAT(svg, ContainsSubstring(xml("`touch canary` $(touch canary)")));
    CHECK(svg.find("\n!touch") == std::string::npos);
  }
  // A method's name is one label of the bars, in one piece.
  CHECK_THAT(read_file(folder.path() / "bars.svg"), ContainsSubstring(">" + xml(one_line(kHostile))));
}

TEST_CASE("hostile figure names are refused") {
  const TemporaryFolder folder;
  for (const char* name : {"", "../x", "|touch canary", "a b", ".x", "-x", "a'b", "a\nb"}) {
    FigureSpec spec = spec_for("bars");
    spec.name = name;
    REQUIRE_THROWS_AS(draw_figure(full_study(2), spec, folder.path(), {"svg"}), UsageError);
  }
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("gnuplot's own message comes through") {
  const TemporaryFolder folder;
  write_file_durably(folder.path() / "x.svg", "of an earlier run");
  const auto script = write_script({{}, {"plot x", "plot no_such_variable"}, 3, 2}, folder.path(), "x", {"svg"});
  const std::string message = message_of(script, {"svg"});
  CHECK_THAT(message, ContainsSubstring("no_such_variable") && ContainsSubstring("x.gp"));
  CHECK(message.find('\n') == std::string::npos);
  CHECK_FALSE(fs::exists(folder.path() / "x.svg"));
}

TEST_CASE("a gnuplot that complains, draws nothing, dies or is missing is a failure") {
  const TemporaryFolder folder;
  const auto script = write_script({{}, {"plot x"}, 3, 2}, folder.path(), "x", {"svg"});
  const Path path(folder.path());
  CHECK_THAT(message_of(script, {"svg"}), ContainsSubstring("cannot start gnuplot"));
  const fs::path fake = folder.path() / "gnuplot";
  write_program(fake, "#!/bin/sh\necho '\"x.gp\" line 3: warning: nothing there' >&2\nexit 0\n");
  CHECK_THAT(message_of(script, {"svg"}), ContainsSubstring("nothing there"));
  write_program(fake, "#!/bin/sh\nexit 0\n");
  CHECK_THAT(message_of(script, {"svg"}), ContainsSubstring("unwritten"));
  write_program(fake, "#!/bin/sh\nkill -9 $$\n");
  CHECK_THAT(message_of(script, {"svg"}), ContainsSubstring("signal 9"));
}

TEST_CASE("the locale of the user changes nothing") {
  const TemporaryFolder folder;
  const auto script = write_script({{}, {"set title 'τ'", "plot x"}, 3, 2}, folder.path(), "x", {"svg"});
  const char* before = std::getenv("LC_ALL");
  const std::string old = before ? before : "";
  ::setenv("LC_ALL", "C", 1);
  CHECK(run_gnuplot(script, {"svg"}).size() == 1);
  before ? ::setenv("LC_ALL", old.c_str(), 1) : ::unsetenv("LC_ALL");
  CHECK_THAT(read_file(folder.path() / "x.svg"), ContainsSubstring("τ"));
}

TEST_CASE("a folder that cannot be written is named") {
  const TemporaryFolder folder;
  write_file_durably(folder.path() / "file", "x");
  REQUIRE_THROWS_AS(write_script({{}, {"plot x"}, 3, 2}, folder.path() / "file", "x", {"svg"}), Error);
}
