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
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

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

/// A script of one curve.
Script curve_script(std::vector<std::string> commands = {"plot x"}) { return {{}, std::move(commands), 3, 2}; }

/// A gnuplot that is found in place of the real one, which it may run as $real.
class FakeGnuplot {
 public:
  explicit FakeGnuplot(const std::string& commands) : path_(with(bin_.path(), commands)) {}

 private:
  static const fs::path& with(const fs::path& folder, const std::string& commands) {
    write_program(folder / "gnuplot",
                  "#!/bin/sh\nPATH=/usr/bin:/bin\nreal=/usr/bin/gnuplot\nscript=\"$2\"\n" + commands);
    return folder;
  }

  TemporaryFolder bin_;
  Path path_;
};

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
  const auto canary = (folder.path() / "canary").string();
  draw_script(curve_script({"set title \"`touch " + canary + "`\"", "plot x"}), folder.path(), "x", {"svg"});
  CHECK(fs::exists(canary));
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
  CHECK(draw_script(curve_script(commands), folder.path(), "x", {"svg"}).problems.empty());
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
    const Drawing drawing = draw_figure(study, spec, {folder.path()});
    CHECK(drawing.problems.empty());
    CHECK(drawing.warnings.empty());
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
    REQUIRE_THROWS_AS(draw_figure(full_study(2), spec, {folder.path()}), UsageError);
  }
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("gnuplot's own message comes through, and no figure of an earlier run stands in") {
  const TemporaryFolder folder;
  write_file_durably(folder.path() / "x.svg", "of an earlier run");
  const Drawing drawing =
      draw_script(curve_script({"plot x", "plot no_such_variable"}), folder.path(), "x", {"svg", "png"});
  CHECK(drawing.files == std::vector<fs::path>{folder.path() / "x.gp"});
  CHECK(drawing.problems ==
        std::vector<std::string>{(folder.path() / "x.gp").string() +
                                 ": no svg, png: gnuplot failed with exit code 1: undefined variable: "
                                 "no_such_variable"});
  CHECK_FALSE(fs::exists(folder.path() / "x.svg"));
}

TEST_CASE("a gnuplot that only warns draws, and is heard once") {
  const TemporaryFolder folder;
  const FakeGnuplot fake("echo \"\\\"x.gp\\\" line $$: warning: nothing there\" >&2\nexec $real \"$@\"\n");
  const Drawing drawing = draw_script(curve_script(), folder.path(), "x", {"svg", "png"});
  CHECK(drawing.problems.empty());
  CHECK(drawing.files.size() == 3);
  CHECK(drawing.warnings == std::vector<std::string>{"gnuplot says warning: nothing there"});
}

TEST_CASE("a terminal that gnuplot lacks costs its own format only") {
  const TemporaryFolder folder;
  const FakeGnuplot fake(
      "if grep -q pngcairo \"$script\"; then\n"
      "  echo '\"x.gp\" line 3: unknown or ambiguous terminal type; type just set terminal for a list' >&2; exit 1\n"
      "fi\nexec $real \"$@\"\n");
  const Drawing drawing = draw_script(curve_script(), folder.path(), "x", {"png", "svg", "pdf"});
  CHECK(drawing.files ==
        std::vector<fs::path>{folder.path() / "x.svg", folder.path() / "x.pdf", folder.path() / "x.gp"});
  CHECK(drawing.problems == std::vector<std::string>{(folder.path() / "x.gp").string() +
                                                     ": no png: this gnuplot has no terminal pngcairo; the Debian "
                                                     "packages gnuplot-nox, gnuplot-x11 and gnuplot-qt bring it"});
  CHECK_THAT(read_file(folder.path() / "x.gp"), !ContainsSubstring("pngcairo") && ContainsSubstring("pdfcairo"));
}

TEST_CASE("a gnuplot that is not there, dies, draws nothing or half a file leaves no figure and says so once") {
  const TemporaryFolder folder;
  const auto problem = [&] {
    write_file_durably(folder.path() / "x.png", "of an earlier run");
    const Drawing drawing = draw_script(curve_script(), folder.path(), "x", {"png", "svg"});
    CHECK(drawing.files == std::vector<fs::path>{folder.path() / "x.gp"});
    CHECK_FALSE(fs::exists(folder.path() / "x.png"));
    REQUIRE_FALSE(drawing.problems.empty());
    return drawing.problems.back();
  };
  {
    const TemporaryFolder empty;
    const Path path(empty.path());
    CHECK(problem() == (folder.path() / "x.gp").string() +
                           ": no png, svg: cannot start gnuplot: No such file or directory; the Debian package "
                           "gnuplot-nox brings it");
  }
  {
    const FakeGnuplot fake("echo 'out of memory' >&2\nkill -11 $$\n");
    CHECK_THAT(problem(), EndsWith("no png, svg: gnuplot was ended by signal 11: out of memory\\n"));
  }
  {
    const FakeGnuplot fake("exit 0\n");
    CHECK_THAT(problem(), ContainsSubstring("no png, svg: gnuplot wrote nothing"));
  }
  {
    const FakeGnuplot fake("$real \"$@\"\nfor f in x.png x.svg; do [ -e $f ] && truncate -s -30 $f; done\nexit 0\n");
    CHECK_THAT(problem(), ContainsSubstring("gnuplot left it incomplete") && ContainsSubstring("full?"));
  }
  {
    const FakeGnuplot fake("touch x.png x.svg\n");
    CHECK_THAT(problem(), ContainsSubstring("no png, svg: gnuplot left it incomplete, 0 bytes"));
  }
}

TEST_CASE("a gnuplot that hangs is ended, and not asked for the other formats") {
  const TemporaryFolder folder;
  const fs::path asked = folder.path() / "asked";
  const FakeGnuplot fake("echo once >> " + asked.string() + "\nexec sleep 600\n");
  const Drawing drawing = draw_script(curve_script(), folder.path(), "x", {"png", "svg", "pdf"}, 0.3);
  CHECK(drawing.problems == std::vector<std::string>{(folder.path() / "x.gp").string() +
                                                     ": no png, svg, pdf: gnuplot did not finish within 0.3 s"});
  CHECK(read_file(asked) == "once\n");
}

TEST_CASE("nothing but the figures is left behind") {
  const TemporaryFolder folder, scratch;
  ::setenv("TMPDIR", scratch.path().c_str(), 1);
  draw_script(curve_script(), folder.path(), "x", {"svg"});
  draw_script(curve_script({"plot nothing"}), folder.path(), "x", {"svg"});
  ::setenv("TMPDIR", "/no/such/folder", 1);
  const Drawing drawing = draw_script(curve_script(), folder.path(), "x", {"svg"});
  ::unsetenv("TMPDIR");
  CHECK(fs::is_empty(scratch.path()));
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
  REQUIRE(drawing.problems.size() == 1);
  CHECK_THAT(drawing.problems[0], EndsWith("no svg: /no/such/folder: cannot make a folder to draw in: No such file or "
                                           "directory"));
}

TEST_CASE("the locale of the user changes nothing") {
  const TemporaryFolder folder;
  const char* before = std::getenv("LC_ALL");
  const std::string old = before ? before : "";
  ::setenv("LC_ALL", "C", 1);
  CHECK(draw_script(curve_script({"set title 'τ'", "plot x"}), folder.path(), "x", {"svg"}).warnings.empty());
  before ? ::setenv("LC_ALL", old.c_str(), 1) : ::unsetenv("LC_ALL");
  CHECK_THAT(read_file(folder.path() / "x.svg"), ContainsSubstring("τ"));
}

TEST_CASE("a folder that cannot be written is named") {
  const TemporaryFolder folder;
  write_file_durably(folder.path() / "file", "x");
  for (const fs::path& bad : {folder.path() / "file", fs::path("/proc/nowhere")}) {
    std::string message;
    try {
      draw_script(curve_script(), bad, "x", {"svg"});
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK_THAT(message, StartsWith(bad.string()));
  }
}
