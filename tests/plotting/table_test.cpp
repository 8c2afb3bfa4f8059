#include "plotting/table.h"

#include <algorithm>

#include "catch.h"
#include "core/error.h"
#include "core/files.h"
#include "plotting/fixture.h"
#include "plotting/plot.h"
#include "plotting/report.h"
#include "temporary_folder.h"

using namespace klbench;
using namespace klbench::testing;

namespace {

/// Best by nll is a. Against b the differences are -.5 .2 -.9: t = -1.2443, p = 0.339 with two degrees of freedom;
/// against c they are -10 -10.1 -10: p < 0.001. Hence a and b are marked, c is not.
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

| method | nll ↓ | kl |
| --- | ---: | ---: |
| a | **101.00 ± 1.00** | 0.50 ± 0.00 |
| b | **101.40 ± 1.31** | 2.00 ± 1.00 |
| c\_d | 111.03 ± 1.00 | – |

Mean ± standard deviation over seeds; 3 seeds a row (a headline table wants 5 or more).

Bold: cannot be told from the best of its column (paired t-test by seed, Holm's correction within the column, level 0.05).

nll: importance-weighted bound with only 100 samples a sentence (default 500).
)");
}

TEST_CASE("table in LaTeX") {
  CHECK(written(three_methods(), "tex") == R"(% T_1
\begin{tabular}{lrr}
\toprule
method & nll $\downarrow$ & kl \\
\midrule
a & $\mathbf{101.00 \pm 1.00}$ & $0.50 \pm 0.00$ \\
b & $\mathbf{101.40 \pm 1.31}$ & $2.00 \pm 1.00$ \\
c\_d & $111.03 \pm 1.00$ & -- \\
\bottomrule
\end{tabular}
\par\footnotesize Mean $\pm$ standard deviation over seeds; 3 seeds a row (a headline table wants 5 or more).
\par\footnotesize Bold: cannot be told from the best of its column (paired t-test by seed, Holm\textquotesingle{}s correction within the column, level 0.05).
\par\footnotesize nll: importance-weighted bound with only 100 samples a sentence (default 500).
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
  study.cells.back().status = "diverged";
  study.missing = {"x"};
  const std::string csv = written(study, "csv");
  const std::string expected_start =
      "method,seeds,diverged,nll_mean,nll_std,nll_n,nll_best,kl_mean,kl_std,kl_n,kl_best\n"
      "a,3,0,101,1,3,1,0.5,0,3,0\n"
      "b,3,0,101.4";
  CHECK(csv.substr(0, expected_start.size()) == expected_start);
  CHECK_THAT(csv, ContainsSubstring(",3,1,2,1,3,0\n\"c,\"\"d\"\"\",2,1,111,1.4142135623730951,2,0,,,0,0\n# Mean"));
  CHECK_THAT(csv, ContainsSubstring("Rows with fewer than 3 shared seeds are not compared (nll)."));
  CHECK_THAT(csv, ContainsSubstring("# diverged, left out: c,\"d\" (1 of 3).\n# 1 cell missing.\n"));
}

TEST_CASE("table for a terminal") {
  CHECK(print_table(three_methods(), {"nll", "kl"}) == R"(s, test
method          nll ↓            kl
------------------------------------
a       101.00 ± 1.00*  0.50 ± 0.00
b       101.40 ± 1.31*  2.00 ± 1.00
c_d     111.03 ± 1.00             –
Mean ± standard deviation over seeds; 3 seeds a row (a headline table wants 5
or more).
*: cannot be told from the best of its column (paired t-test by seed, Holm's
correction within the column, level 0.05).
nll: importance-weighted bound with only 100 samples a sentence (default 500).
)");
  REQUIRE_THROWS_AS(print_table(three_methods(), {"nlll"}), UsageError);
}

TEST_CASE("fewer than three shared seeds mark nothing") {
  StudyResult study = three_methods();
  study.cells.erase(
      std::remove_if(study.cells.begin(), study.cells.end(),
                     [](const CellResult& cell) { return std::get<std::int64_t>(cell.config.at("seed")) == 2; }),
      study.cells.end());
  const std::string text = written(study, "md");
  CHECK_THAT(text, !ContainsSubstring("**10") && ContainsSubstring("2 seeds a row") &&
                       ContainsSubstring("No row is marked as best: that takes at least 3 seeds shared between rows."));
}

TEST_CASE("Holm's correction decides over a whole column") {
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
  CHECK_THAT(print_table(study), ContainsSubstring("101.00 ± 0.35*\n"));
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
             ContainsSubstring("mi ↑") && ContainsSubstring("4.98 ± 0.02*") && !ContainsSubstring("1.01 ± 0.01*"));
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
  diverged.cells[1].status = "diverged";
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
