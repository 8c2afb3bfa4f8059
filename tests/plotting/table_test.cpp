#include "plotting/table.h"

#include <algorithm>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "plotting/fixture.h"
#include "plotting/plot.h"
#include "plotting/report.h"
#include "plotting/table_text.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// Best by nll is a. Against b the differences are -.5 .2 -.9: t = -1.2443, p = 0.339 with two degrees of freedom;
/// against c they are -10 -10.1 -10: p = 1.1e-5, three times that after Holm over the three pairs. Hence a is bold, b
/// marked, c neither. What can be found against b, the noisier one: sd .5568, / sqrt 3 = .3215, at level .05 / 3 the
/// noncentrality is 9.8164 (SciPy), hence 3.156; against c: .0577 / sqrt 3 = .0333, hence .327. Median 1.74.
StudyResult three_methods() {
  StudyResult study;
  study.name = "s";
  const std::map<std::string, std::vector<double>> nll = {
      {"a", {100, 101, 102}}, {"b", {100.5, 100.8, 102.9}}, {"c_d", {110, 111.1, 112}}};
  for (const auto& [method, values] : nll) {
    for (std::int64_t seed = 0; seed < 3; ++seed) {
      study.cells.push_back(make_cell(method, seed, {{"nll", values[static_cast<std::size_t>(seed)]}}));
      study.cells.back().config["eval.nll_samples"] = std::int64_t{100};
      auto& final = study.cells.back().final["test"];
      if (method == "a") final["kl"].values = {0.5};
      if (method == "b") final["kl"].values = {1.0 + static_cast<double>(seed)};
    }
  }
  return study;
}

FigureSpec table_spec() {
  FigureSpec spec = make_spec("table", {"nll", "kl"});
  spec.title = "T_1";
  return spec;
}

std::string written(const StudyResult& study, const std::string& extension) {
  const TemporaryFolder folder;
  draw_figure(study, table_spec(), {folder.path(), {"png"}});
  return read_file(folder.path() / ("figure." + extension));
}

}  // namespace

TEST_CASE("table in Markdown") {
  CHECK(written(three_methods(), "md") == R"(**T\_1**

| method | NLL ↓ | KL |
| --- | ---: | ---: |
| a | **101.0 ± 1.0** | 0.5 ± 0.0 |
| b | 101.4 ± 1.3† | 2.0 ± 1.0 |
| c\_d | 111.0 ± 1.0 | – |

Mean ± standard deviation over seeds; 3 seeds a row (a headline table wants 5 or more).

Bold: best mean of its column. †: cannot be told from it (level 0.05 after Holm's correction over all pairs of rows, as the best is chosen by the data).

Rows are paired by seed alone, on these very examples (nll).

Smallest difference to the best that had a chance of 80% to be found (at Holm's strictest level, median over rows): nll 1.7.

nll: importance-weighted bound with only 100 samples an example (default 500).
)");
}

TEST_CASE("table in LaTeX") {
  CHECK(written(three_methods(), "tex") == R"(% T_1
% \usepackage{booktabs}
\begin{tabular}{lrr}
\toprule
method & NLL $\downarrow$ & KL \\
\midrule
a & $\mathbf{101.0 \pm 1.0}$ & $0.5 \pm 0.0$ \\
b & $101.4 \pm 1.3^{\dagger}$ & $2.0 \pm 1.0$ \\
c\_d & $111.0 \pm 1.0$ & -- \\
\bottomrule
\end{tabular}
{\footnotesize\noindent Mean $\pm$ standard deviation over seeds; 3 seeds a row (a headline table wants 5 or more).\par}
{\footnotesize\noindent Bold: best mean of its column. $^{\dagger}$: cannot be told from it (level 0.05 after Holm's correction over all pairs of rows, as the best is chosen by the data).\par}
{\footnotesize\noindent Rows are paired by seed alone, on these very examples (nll).\par}
{\footnotesize\noindent Smallest difference to the best that had a chance of 80\% to be found (at Holm's strictest level, median over rows): nll 1.7.\par}
{\footnotesize\noindent nll: importance-weighted bound with only 100 samples an example (default 500).\par}
)");
}

TEST_CASE("table in CSV") {
  StudyResult study = three_methods();
  study.cells.pop_back();  // c_d has two seeds: 110, 111.1
  study.cells.pop_back();
  study.cells.pop_back();
  study.cells.push_back(make_cell("c,\"d\"", 0, {{"nll", 110}}));
  study.cells.push_back(make_cell("c,\"d\"", 1, {{"nll", 112}}));
  study.cells.push_back(make_cell("c,\"d\"", 2));
  study.cells.back().status = CellStatus::diverged;
  study.missing = {"x"};
  const std::string csv = written(study, "csv");
  const std::string expected_start =
      "method,seeds,diverged,nll_mean,nll_std,nll_n,nll_best,nll_near_best,kl_mean,kl_std,kl_n,kl_best,kl_near_best\n"
      "a,3,0,101,1,3,1,0,0.5,0,3,0,0\n"
      "b,3,0,101.4";
  CHECK(csv.substr(0, expected_start.size()) == expected_start);
  CHECK_THAT(csv,
             ContainsSubstring(",3,0,1,2,1,3,0,0\n\"c,\"\"d\"\"\",2,1,111,1.4142135623730951,2,0,0,,,0,0,0\n# Mean"));
  CHECK_THAT(csv, ContainsSubstring("Not tested are rows that share fewer than 3 seeds,"));
  CHECK_THAT(csv, ContainsSubstring("# diverged, left out: c,\"d\" (1 of 3).\n# 1 cell missing.\n"));
}

TEST_CASE("table for a terminal") {
  CHECK(print_table(three_methods(), {.metrics = {"nll", "kl"}}) == R"(s, test
method        nll ↓          kl
--------------------------------
a       101.0 ± 1.0*  0.5 ± 0.0
b       101.4 ± 1.3†  2.0 ± 1.0
c_d     111.0 ± 1.0           –
Mean ± standard deviation over seeds; 3 seeds a row (a headline table wants 5 or
more).
*: best mean of its column. †: cannot be told from it (level 0.05 after Holm's
correction over all pairs of rows, as the best is chosen by the data).
Rows are paired by seed alone, on these very examples (nll).
Smallest difference to the best that had a chance of 80% to be found (at Holm's
strictest level, median over rows): nll 1.7.
nll: importance-weighted bound with only 100 samples an example (default 500).
)");
  REQUIRE_THROWS_AS(print_table(three_methods(), {.metrics = {"nlll"}}), UsageError);
}

TEST_CASE("with fewer than three shared seeds the best mean is bold and nothing is compared") {
  StudyResult study = three_methods();
  study.cells.erase(
      std::remove_if(study.cells.begin(), study.cells.end(),
                     [](const CellResult& cell) { return std::get<std::int64_t>(cell.config.at("seed")) == 2; }),
      study.cells.end());
  const std::string text = written(study, "md");
  CHECK_THAT(text,
             ContainsSubstring("| a | **100.50") && !ContainsSubstring("†") && ContainsSubstring("2 seeds a row"));
  CHECK_THAT(text, ContainsSubstring("Not tested are rows that share fewer than 3 seeds,") && !ContainsSubstring("‡"));
  CHECK_THAT(text, !ContainsSubstring("Smallest difference"));
}

TEST_CASE("Holm's correction decides over all pairs of a column") {
  // Against the best the differences have mean 1, sd .35 (p = 0.0384 alone): told apart from one rival, not from two.
  StudyResult study;
  study.name = "s";
  const std::vector<double> shift = {0.65, 1, 1.35};
  for (std::size_t seed = 0; seed < 3; ++seed) {
    const auto number = static_cast<std::int64_t>(seed);
    study.cells.push_back(make_cell("best", number, {{"nll", 100}}));
    study.cells.push_back(make_cell("rival", number, {{"nll", 100 + shift[seed]}}));
  }
  CHECK_THAT(print_table(study), ContainsSubstring("101.00 ± 0.35\n"));
  for (std::size_t seed = 0; seed < 3; ++seed) {
    study.cells.push_back(make_cell("other", static_cast<std::int64_t>(seed), {{"nll", 100 + shift[2 - seed]}}));
  }
  CHECK_THAT(print_table(study), ContainsSubstring("101.00 ± 0.35†\n"));
}

TEST_CASE("a row that is not tested has a mark of its own") {  // as its difference is the same for all seeds
  StudyResult study = three_methods();
  for (std::int64_t seed = 0; seed < 3; ++seed) {
    study.cells.push_back(make_cell("d", seed, {{"nll", 105 + static_cast<double>(seed)}}));
  }
  CHECK_THAT(
      print_table(study, {.metrics = {"nll"}}),
      ContainsSubstring("d       106.0 ± 1.0‡\n") && ContainsSubstring("(‡ where others of the\ncolumn are: nll)"));
  CHECK_THAT(written(study, "tex"), ContainsSubstring("d & $106.0 \\pm 1.0^{\\ddagger}$"));
}

TEST_CASE("rows are compared with the baseline in every column, kl too") {
  // nll to a as in three_methods, now with two rows: b p = .339, c p = 2.2e-5. kl of b to a: .5 1.5 2.5, t = 2.598,
  // p = .1217; interval 1.5 -+ 4.302653 / sqrt 3.
  StudyResult study = three_methods();
  study.baseline = "a";
  const std::string text = print_table(study, {.metrics = {"nll", "kl"}});
  CHECK_THAT(text, ContainsSubstring("a (baseline)  101.0 ± 1.0*   0.5 ± 0.0\n"
                                     "b             101.4 ± 1.3†°  2.0 ± 1.0°\n"
                                     "c_d           111.0 ± 1.0            –\n"));
  CHECK_THAT(written(study, "md"), ContainsSubstring("°: cannot be told from the baseline a (level 0.05") &&
                                       ContainsSubstring("Smallest difference to a that had"));
  CHECK_THAT(written(study, "tex"),
             ContainsSubstring("a (baseline) & $\\mathbf{101.0 \\pm 1.0}$") &&
                 ContainsSubstring("b & $101.4 \\pm 1.3^{\\dagger\\circ}$ & $2.0 \\pm 1.0^{\\circ}$"));
  const std::string csv = written(study, "csv");
  CHECK_THAT(csv, ContainsSubstring("kl_near_best,kl_difference,kl_low,kl_high,kl_p\n"));
  CHECK_THAT(csv, ContainsSubstring(",1.5,-0.98") && ContainsSubstring(",3.98") && ContainsSubstring(",0.1216"));
  study.baseline = "gone";
  CHECK_THAT(print_table(study, {.metrics = {"nll"}}),
             ContainsSubstring("The baseline 'gone' is no row of this table."));
}

TEST_CASE("higher is better where the metric says so") {
  StudyResult study;
  study.name = "s";
  for (std::int64_t seed = 0; seed < 3; ++seed) {
    study.cells.push_back(make_cell("low", seed, {{"mi", 1 + 0.01 * static_cast<double>(seed)}}));
    study.cells.push_back(make_cell("high", seed, {{"mi", 5 - 0.02 * static_cast<double>(seed)}}));
  }
  const std::string text = print_table(study);
  CHECK_THAT(text,
             ContainsSubstring("mi ↑") && ContainsSubstring("4.980 ± 0.020*") && !ContainsSubstring("1.010 ± 0.010*"));
}

TEST_CASE("five seeds make a headline, one has no spread") {
  StudyResult study = full_study(5);
  CHECK_THAT(print_table(study), ContainsSubstring("5 seeds a row.") && !ContainsSubstring("headline"));
  study = full_study(1);
  const std::string text = print_table(study);
  CHECK_THAT(text, ContainsSubstring("1 seed a row") && !ContainsSubstring("±"));
  StudyResult diverged;
  diverged.name = "s";
  diverged.cells = {make_cell("vae", 0, {{"kl", 1}}), make_cell("bn_vae", 0)};
  diverged.cells[1].status = CellStatus::diverged;
  CHECK_THAT(print_table(diverged), ContainsSubstring("bn_vae  diverged"));
}

TEST_CASE("markup in labels is text") {
  StudyResult study;
  study.name = "s";
  study.cells = {make_cell("a|b*`x`<i>&$_%#^~\\{}", 0, {{"nll", 1}, {"kl", 2}})};
  CHECK_THAT(written(study, "md"), ContainsSubstring(R"(| a\|b\*\`x\`\<i\>\&\$\_%\#^\~\\\{\} |)"));
  CHECK_THAT(
      written(study, "tex"),
      ContainsSubstring(
          R"(a|b*\textasciigrave{}x\textasciigrave{}\textless{}i\textgreater{}\&\$\_\%\#\textasciicircum{}\textasciitilde{}\textbackslash{}\{\} & $1.00$)"));
}

TEST_CASE("numbers have two digits of their error") {
  const auto printed = [](const std::vector<double>& values, double error = 0) {
    StudyResult study;
    study.name = "s";
    for (std::size_t seed = 0; seed < values.size(); ++seed) {
      study.cells.push_back(make_cell("vae", static_cast<std::int64_t>(seed), {{"mi", values[seed]}}));
      if (error > 0) study.cells.back().final["test"]["mi"].attributes["error"] = error;
    }
    return print_table(study, {.metrics = {"mi"}});
  };
  CHECK_THAT(printed({1.0, 1.3, 1.6}), ContainsSubstring("1.30 ± 0.30"));
  CHECK_THAT(printed({100, 112, 124}), ContainsSubstring("112 ± 12"));
  CHECK_THAT(printed({1.001, 1.004, 1.007}), ContainsSubstring("1.0040 ± 0.0030"));
  CHECK_THAT(printed({1.23456}, 0.021),
             ContainsSubstring(" 1.235\n") && !ContainsSubstring("best"));  // one seed: the estimate's own error
  CHECK_THAT(printed({1.23456}), ContainsSubstring(" 1.23\n"));
}

TEST_CASE("no minus stands before a zero") {
  CHECK(fixed_number(-0.0004, 3) == "0.000");
  CHECK(fixed_number(-0.4, 0) == "0");
  CHECK(fixed_number(-0.0006, 3) == "-0.001");
  CHECK(fixed_number(0, 2) == "0.00");
  StudyResult study;
  study.name = "s";
  study.cells = {make_cell("vae", 0, {{"mi", -0.00052}}), make_cell("vae", 1, {{"mi", 0.00048}})};
  const TemporaryFolder folder;
  draw_figure(study, make_spec("table", {"mi"}), {folder.path()});
  CHECK_THAT(read_file(folder.path() / "figure.md"),
             ContainsSubstring("0.0000 ± 0.0007") && !ContainsSubstring("-0.0"));
  CHECK_THAT(read_file(folder.path() / "figure.tex"), ContainsSubstring("0.0000") && !ContainsSubstring("-0.0"));
}

TEST_CASE("a table may have a row a metric, and names of its own") {
  const TemporaryFolder folder;
  FigureSpec spec = table_spec();
  spec.transpose = true;
  spec.names = {{"c_d", "CD"}, {"kl", "rate γ²"}, {"a", "α"}};
  draw_figure(three_methods(), spec, {folder.path()});
  CHECK_THAT(read_file(folder.path() / "figure.md"),
             ContainsSubstring("| metric | α | b | CD |\n| --- | ---: | ---: | ---: |\n"
                               "| NLL ↓ | **101.0 ± 1.0** | 101.4 ± 1.3† | 111.0 ± 1.0 |\n"
                               "| rate γ² | 0.5 ± 0.0 | 2.0 ± 1.0 | – |\n"));
  CHECK_THAT(read_file(folder.path() / "figure.tex"),
             ContainsSubstring("\\begin{tabular}{lrrr}\n\\toprule\nmetric & $\\alpha$ & b & CD \\\\\n") &&
                 ContainsSubstring("rate $\\gamma$$^{2}$ & "));
  CHECK_THAT(read_file(folder.path() / "figure.csv"), ContainsSubstring("\nc_d,3,0,"));  // read by programs
}

TEST_CASE("a LaTeX table that must fit a column stands in several below each other") {
  const TemporaryFolder folder;
  FigureSpec spec = table_spec();
  spec.metrics = {"nll", "ppl", "rec", "kl", "mi", "au"};
  const auto tabulars = [&](double width) {
    spec.width = width;
    draw_figure(full_study(3), spec, {folder.path()});
    const std::string text = read_file(folder.path() / "figure.tex");
    std::size_t count = 0;
    for (auto at = text.find("\\toprule"); at != std::string::npos; at = text.find("\\toprule", at + 1)) ++count;
    CHECK_THAT(text, ContainsSubstring("sym\\_bn\\_vae ($\\tau$=.3)") && ContainsSubstring("_{\\pm "));
    return count;
  };
  CHECK(tabulars(16 / 2.54) == 1);
  CHECK(tabulars(7.7 / 2.54) >= 2);
}
