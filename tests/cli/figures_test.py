"""Figures as a user meets them: refused before training, drawn one by one, with whatever gnuplot there is."""
import json
import re
import shutil

from harness import *

PAPER = r"""\documentclass[10pt]{article}
\usepackage{booktabs,graphicx}
\setlength{\textwidth}{7.7cm}\setlength{\parindent}{0pt}
\begin{document}
\includegraphics{curve.pdf}

\input{table.tex}
\end{document}
"""

FIGURES = """  - {{name: good, kind: bars, metric: kl}}
  - {{name: bad, {bad}}}
"""


class Early(CliTest):
    """plan and run refuse what the study will not have, at its place, before anything is trained."""

    def refused_figure(self, bad, *settings, **study):
        path = self.tiny_study(more=FIGURES.format(bad=bad), **study)
        message = self.refused("plan", path, *settings)
        self.assertEqual(message, self.refused("run", path, *settings))
        self.assertFalse((self.folder / "results").exists())
        self.assertRegex(message, r"tiny\.yaml:12:\d+: figure 'bad': ")
        return message

    def test_what_the_study_will_not_have(self):
        for bad, column, message in [
                ("kind: bars, metric: [kl, nil]", 42, "unknown metric on test 'nil' (did you mean 'nll'?); valid: nll, kl, "),
                ("kind: bars, metric: probe_accuracy", 37, "'probe_accuracy' on test; set eval.probe: true"),
                ("kind: bars, metric: nll_500", 37, "; set eval.nll_check_examples"),
                ("kind: table, metric: nll, split: valid", 38, "on valid; it is there as one number on test"),
                ("kind: curve, metric: ppl", 38, "'ppl' by epoch on valid; it is there as one number on test"),
                ("kind: heatmap, metric: kl", 40, "on test; it is there as one number on test and valid, by epoch on train and valid"),
                ("kind: bars, metric: kl, split: train", 48, "unknown split 'train'; valid: test, valid"),
                ("kind: bars, metric: kl, only: [vae, ln_vae]", 53, "unknown method 'ln_vae'"),
                ("kind: sweep, metric: kl, over: model.latent_dim", 48, "'model.latent_dim' is 2 in every cell drawn"),
                ("kind: sweep, metric: kl, over: regularizer.ln_vae.gamma", 48, "unknown option"),
                ("kind: mean_space", 5, "set eval.mean_space: true and model.latent_dim: 1"),
                ("kind: floor", 5, "no remedy with an analytic floor has a swept option")]:
            with self.subTest(bad):
                found = self.refused_figure(bad)
                self.assertIn(message, found)
                self.assertIn(f"tiny.yaml:12:{column}:", found)

    def test_a_language_model_has_no_kl(self):
        study = self.tiny_study(more=FIGURES.format(bad="kind: rate_distortion"))
        self.write("tiny.yaml", study.read_text().replace("regularizer: [vae, bn_vae]", "model.latent_dim: [0]"))
        self.assertIn("a language model has no latent variable", self.refused("plan", study))

    def test_a_sweep_on_a_log_axis_must_be_positive(self):
        message = self.refused_figure("kind: sweep, metric: kl, over: regularizer.sym_bn_vae.tau, log_x: true",
                                      regularizers="[{name: sym_bn_vae, tau: [0.0, 0.5]}]")
        self.assertIn("log_x needs values > 0", message)

    def test_settings_that_narrow_a_study_only_warn(self):
        study = self.tiny_study(more="  - {name: both, kind: bars, metric: kl, only: [vae, bn_vae]}\n")
        result = self.succeeds("plan", study, "--set", "regularizer=vae")
        self.assertRegex(result.err, r"warning: .*tiny\.yaml:11:54: figure 'both': unknown method 'bn_vae'.*--set")
        self.assertEqual(self.succeeds("plan", study).err.count("warning"), 0)
        bad = self.tiny_study(more="  - {name: bad, kind: bars, metric: nil}\n")
        self.assertIn("unknown metric", self.refused("plan", bad, "--set", "regularizer=vae"))

    def test_a_study_that_was_never_run(self):
        study = self.tiny_study()
        for command in ("show", "plot", "export"):
            self.assertRegex(self.refused(command, study), r"no results of study 'tiny' in results: klbench run .*tiny\.yaml makes them$")
            self.assertIn("no results of study 'tiny' in results: give its YAML file", self.refused(command, "tiny"))

    def test_a_report_without_d3_or_results(self):
        self.assertRegex(self.refused("report", "tiny", "--library", "none.js"), r"none\.js: no such file: .*apt install node-d3")
        self.assertIn("not d3.min.js of D3", self.refused("report", "tiny", "--library", self.write("other.js", "1")))
        self.assertIn("tiny", self.refused("report", "tiny", "--library", self.write("d3.js", "scaleLinear")))


class Drawing(CliTest):
    """One study for all; plots go to scratch folders."""

    def setUp(self):
        super().setUp()
        self.study = self.tiny_study(seeds=1, regularizers="[vae]", more="  - {name: results, kind: table}\n")
        self.trained(self.study)

    def fake_gnuplot(self, commands):
        path = self.write("bin/gnuplot", "#!/bin/sh\nPATH=/usr/bin:/bin\nreal=/usr/bin/gnuplot\nscript=\"$2\"\n" + commands)
        path.chmod(0o755)
        self.environment["PATH"] = f"{path.parent}:{os.environ['PATH']}"

    def drawn(self, result):
        return sorted(pathlib.Path(line).name for line in result.out.splitlines())

    TABLE = ["results.csv", "results.md", "results.tex"]

    def test_one_bad_figure_does_not_stop_the_others(self):
        text = self.study.read_text().replace("figures:\n", "figures:\n  - {name: bad, kind: bars, metric: nil}\n")
        result = self.klbench("plot", "tiny", "--study", self.write("other.yaml", text), "--format", "svg")
        self.assertEqual(result.code, 1)
        self.assertEqual(self.drawn(result), ["kl.gp", "kl.svg"] + self.TABLE)
        self.assertRegex(result.err, r"\Aklbench: .*other\.yaml:10:\d+: figure 'bad': unknown metric on test 'nil'[^\n]*\n\Z")

    def test_a_study_without_figures_has_the_usual_ones(self):
        text = self.study.read_text()
        bare = self.write("bare.yaml", text[:text.index("figures:")])
        result = self.succeeds("plot", "tiny", "--study", bare, "--format", "svg")
        self.assertEqual(self.drawn(result), ["kl.gp", "kl.svg", "kl_by_dimension.gp", "kl_by_dimension.svg",
                                              "kl_by_epoch.gp", "kl_by_epoch.svg", "rate_distortion.gp",
                                              "rate_distortion.svg"] + self.TABLE)
        result = self.succeeds("plot", "tiny", "--study", bare, "--figure", "results")
        self.assertEqual(self.drawn(result), self.TABLE)

    def test_a_figure_without_a_declaration(self):
        result = self.succeeds("plot", "tiny", "--kind", "bars", "--metric", "kl,nll", "--format", "svg", "--width",
                               "acl_page", "--names", "{vae: VAE}", "--title", "none")
        self.assertEqual(self.drawn(result), ["bars.gp", "bars.svg"])
        script = (self.folder / "plots/tiny/bars.gp").read_text()
        self.assertIn("'VAE'", script)
        self.assertNotIn("Final results", script)
        result = self.succeeds("plot", "tiny", "--figure", "kl", "--width", "4", "--format", "svg")
        self.assertEqual(self.drawn(result), ["kl.gp", "kl.svg"])
        self.assertIn("size 384,", (self.folder / "plots/tiny/kl.gp").read_text())  # 4 in at 96
        for arguments, message in [
                (["--kind", "bars"], "--kind: a figure of kind 'bars' wants 'metric'"),
                (["--kind", "bar", "--metric", "kl"], "--kind: unknown figure kind 'bar' (did you mean 'bars'?)"),
                (["--metric", "kl"], "--metric goes with --kind KIND, or with --figure NAME"),
                (["--kind", "table", "--legend", "right"], "--legend: a figure of kind 'table' takes no 'legend'"),
                (["--kind", "curve", "--metric", "kl", "--x-limits", "1"], "--x-limits: 'x_limits' wants two numbers"),
                (["--figure", "kl", "--y-limits", "1000,2000"], "no value lies from 1000 to 2000; they lie from"),
                (["--kind", "curve", "--metric", "kl", "--x-limits", "50,90"], "no value lies from 50 to 90; they")]:
            self.assertIn(message, self.refused("plot", "tiny", *arguments))

    def test_unknown_names_are_errors_of_the_user(self):
        for arguments in (["--kind", "bars", "--metric", "klx"], ["--figure", "kl", "--metric", "klx"]):
            self.assertIn("--metric: figure", self.refused("plot", "results/tiny.h5", *arguments))
        self.assertRegex(self.refused("show", "tiny", "--metric", "klx"), r"\Aklbench: --metric: unknown metric on test 'klx'")
        self.assertRegex(self.refused("show", "tiny", "--split", "tset"), r"\Aklbench: --split: unknown split 'tset'")
        text = self.study.read_text()
        for study in (text, text[:text.index("figures:")]):
            message = self.refused("plan", self.write("named.yaml", study + "names: {bn_vae: BN-VAE}\n"))
            self.assertRegex(message, r"named\.yaml:\d+:9: 'bn_vae' of 'names' is no method, option, value, metric or row")

    def test_figure_and_table_fit_a_column_of_a_paper(self):
        self.succeeds("plot", "tiny", "--kind", "curve", "--metric", "kl", "--width", "acl_column", "--format", "pdf",
                      "--title", "τ γ μ²: naïve")
        self.succeeds("plot", "tiny", "--kind", "table", "--metric", "nll,ppl,elbo,rec,kl,mi,au,swap_gap,rate_used",
                      "--width", "acl_column")
        plots = self.folder / "plots/tiny"
        if not shutil.which("pdffonts") or not shutil.which("pdflatex"):
            self.skipTest("pdffonts (poppler-utils) and pdflatex (texlive-latex-recommended) are not both there")
        fonts = subprocess.run(["pdffonts", "curve.pdf"], cwd=plots, capture_output=True, text=True, check=True).stdout
        self.assertRegex(fonts, "DejaVuSans +(CID )?TrueType.* yes yes yes")
        self.assertNotIn("Type 3", fonts)
        self.write("plots/tiny/paper.tex", PAPER)
        done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=plots,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("Overfull", done.stdout)

    def test_warnings_are_shown_once_and_cost_nothing(self):
        self.fake_gnuplot("echo '\"kl.gp\" line 9: warning: dull data' >&2\nexec $real \"$@\"\n")
        result = self.succeeds("plot", "tiny")
        self.assertEqual(self.drawn(result), ["kl.gp", "kl.pdf", "kl.png", "kl.svg"] + self.TABLE)
        self.assertEqual(result.err.count("dull data"), 1)

    def test_a_missing_terminal_costs_its_format(self):
        self.fake_gnuplot("grep -q pngcairo \"$script\" && { echo \"\\\"kl.gp\\\" line 7: unknown or ambiguous terminal "
                          "type; type just 'set terminal' for a list\" >&2; exit 1; }\nexec $real \"$@\"\n")
        result = self.klbench("plot", "tiny")
        self.assertEqual(result.code, 1)
        self.assertEqual(self.drawn(result), ["kl.gp", "kl.pdf", "kl.svg"] + self.TABLE)
        self.assertRegex(result.err, r"\Aklbench: plots/tiny/kl\.gp: no png: this gnuplot has no terminal pngcairo; "
                                     r"the Debian packages gnuplot-nox, [^\n]+\n\Z")

    def test_a_gnuplot_that_cannot_draw_costs_no_table(self):
        for commands, message in [("exec sleep 600\n", "gnuplot did not finish within 0.5 s"),
                                  ("kill -11 $$\n", "gnuplot was ended by signal 11"),
                                  ("exit 0\n", "gnuplot wrote nothing"),
                                  ("for f in png svg pdf; do echo half > kl.$f; done\n", "incomplete, 5 bytes")]:
            with self.subTest(message):
                self.fake_gnuplot(commands)
                result = self.klbench("plot", "tiny", "--timeout", "0.5")
                self.assertEqual(result.code, 1)
                self.assertEqual(self.drawn(result), ["kl.gp"] + self.TABLE)
                self.assertRegex(result.err, r"\Aklbench: plots/tiny/kl\.gp: no png, svg, pdf: [^\n]+\n\Z")
                self.assertIn(message, result.err)
                self.assertEqual(sorted(path.name for path in (self.folder / "plots/tiny").iterdir()),
                                 ["kl.gp"] + self.TABLE)

    def test_no_gnuplot(self):
        self.environment["PATH"] = str(self.folder)
        result = self.klbench("plot", "tiny")
        self.assertEqual(result.code, 1)
        self.assertEqual(self.drawn(result), ["kl.gp"] + self.TABLE)
        self.assertIn("cannot start gnuplot: No such file or directory; the Debian package gnuplot-nox", result.err)

    @unittest.skipUnless(pathlib.Path("/usr/share/nodejs/d3/dist/d3.min.js").is_file(), "no node-d3")
    def test_the_report(self):
        self.assertEqual(self.succeeds("report", "tiny").out, "plots/tiny/report.html\n")
        page = (self.folder / "plots/tiny/report.html").read_text()
        data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))
        exported = json.loads(self.succeeds("export", "tiny", "--format", "json").out)
        nll, = (row["value"] for row in exported if (row["split"], row["metric"]) == ("test", "nll"))
        self.assertAlmostEqual(data["cells"]["finals"]["test"]["nll"][0], nll, delta=1e-5 * nll)
        self.assertIn("component_0", data["latents"]["names"][0])
        self.assertEqual(data["study"]["yaml"], self.study.read_text())
        self.assertEqual(self.succeeds("report", self.study, "--out", "here/page.html").out, "here/page.html\n")
        self.assertIn("/proc/nowhere", self.refused("report", "tiny", "--out", "/proc/nowhere/page.html", code=1))
        for folder in (".", "new/"):
            self.assertEqual(self.refused("report", "tiny", "--out", folder),
                             f"klbench: {folder}: a folder, where a file is wanted\n")

    def test_folders_that_cannot_be_written_are_named(self):
        self.write("file", "")
        for folder in ["file", "/proc/nowhere"]:
            result = self.klbench("plot", "tiny", "--out", folder)
            self.assertEqual((result.code, result.out), (2 if folder == "file" else 1, ""))
            self.assertRegex(result.err, rf"\Aklbench: {re.escape(folder)}[^\n]*: [^\n]+\n\Z")

    def test_nobody_reads_and_nobody_writes(self):
        """Standard input closed; standard output a pipe that was closed at once, or a full disk."""
        for redirection in ["<&-", "<&- 2>&-"]:
            subprocess.run(["sh", "-c", f'exec "$0" plot tiny --format svg --out a {redirection}', PROGRAM], check=True,
                           cwd=self.folder, env=self.environment, capture_output=True, timeout=60)
        for target, name in [("| exec true; exit ${PIPESTATUS[0]}", "b"), (">/dev/full", "c")]:
            process = subprocess.run(["bash", "-c", f'"$0" plot tiny --format svg --out {name} {target}', PROGRAM],
                                     cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60)
            said = (1, "klbench: cannot write to standard output: No space left on device\n") if name == "c" else (0, "")
            self.assertEqual((process.returncode, process.stderr), said)
        for name in "abc":
            self.assertTrue((self.folder / name / "results.tex").exists(), name)
            self.assertTrue((self.folder / name / "kl.svg").exists(), name)

    def test_what_is_missing_is_said(self):
        grown = self.tiny_study(seeds=2, regularizers="[vae]", more="  - {name: results, kind: table}\n")
        self.succeeds("collect", grown)
        missing = {row["id"] for row in json.loads(self.succeeds("plan", grown, "--format", "json").out)}
        missing -= set(self.cell_files())
        shown = self.succeeds("show", "tiny").out
        self.assertIn("tiny: 2 cells, 1 done, 1 missing\n", shown)
        self.assertIn(f"missing: {missing.pop()}\n", shown)
        self.succeeds("plot", "tiny", "--format", "svg")
        for name in ["kl.svg", "results.md"]:
            self.assertIn("1 cell missing", (self.folder / "plots/tiny" / name).read_text())


class Rows(CliTest):
    def test_a_row_a_seed_in_the_order_of_a_metric(self):
        self.trained(self.tiny_study(more="  - {name: results, kind: table, metric: kl}\n"))
        exported = json.loads(self.succeeds("export", "tiny", "--format", "json").out)
        by_seed = sorted((row["value"], row["regularizer"], row["seed"]) for row in exported
                         if (row["split"], row["metric"], row["epoch"]) == ("test", "nll", None))
        self.assertEqual(len(by_seed), 4)
        rows = [f"{method} (seed={seed})" for value, method, seed in reversed(by_seed)]
        self.succeeds("plot", "tiny", "--per-seed", "--sort=-nll", "--format", "svg")
        table = (self.folder / "plots/tiny/results.md").read_text().replace("\\_", "_")
        self.assertEqual(re.findall(r"^\| (\w+ \(seed=\d\))", table, re.M), rows)
        self.assertNotRegex(table, r"±|\| \*\*|°|†")
        script = (self.folder / "plots/tiny/kl.gp").read_text()
        entries = [script.find(f"kl of {row}, 1 seeds") for row in rows]
        self.assertEqual(entries, sorted(entries))
        self.assertGreater(entries[0], 0)
        result = self.klbench("plot", "tiny", "--split", "valid", "--format", "svg")
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertIn("valid", (self.folder / "plots/tiny/results.md").read_text())
        result = self.klbench("plot", "tiny", "--split", "test", "--format", "svg")
        self.assertEqual(result.code, 1)
        self.assertRegex(result.err, r"\Aklbench: figure 'kl': --split: a figure of kind 'curve' is drawn by epoch[^\n]*\n\Z")
        self.assertIn("plots/tiny/results.md", result.out)
        self.assertIn("unknown metric of --sort 'nlll'", self.refused("plot", "tiny", "--sort", "nlll"))

    def test_the_yaml_of_another_grid_or_study_is_no_name_for_these_results(self):
        study = self.tiny_study()
        self.trained(study)
        self.assertEqual(self.succeeds("show", study).err, "")
        text = study.read_text()
        other = self.write("elsewhere/tiny.yaml", text)
        for command in (["show"], ["plot"], ["export"], ["compare", "vae", "bn_vae"]):
            message = self.refused(command[0], other, *command[1:])
            self.assertIn("tiny.yaml, which names the study 'tiny' as well", message)
        study.write_text(text.replace("epochs: 2", "epochs: 1"))
        result = self.succeeds("show", study)
        self.assertRegex(result.err, r"\Aklbench: (\d+) of the \1 cells are of another grid than \S+tiny\.yaml names now; "
                                     r"klbench status --why \S+tiny\.yaml\n\Z")
        self.assertEqual(self.succeeds("show", "tiny").err, "")

    def test_a_part_of_a_row_is_no_row(self):
        self.trained(self.tiny_study())
        for command in (["show", "tiny", "--baseline", "vae seed=0"], ["compare", "tiny", "bn_vae", "vae seed=0"]):
            self.assertIn("'vae seed=0' is a part of a row; name the row, and choose among its cells with --filter",
                          self.refused(*command))

    def test_what_an_unfinished_study_lacks_may_be_what_is_not_there_yet(self):
        study = self.tiny_study()
        self.trained(study)
        text = study.read_text()
        study.write_text(text.replace("[vae, bn_vae]", "[vae, {name: free_bits, total: [1, 2]}]"))
        self.succeeds("collect", study)
        for command in (["compare", "vae", "free_bits"], ["show", "--filter", "method=free_bits"],
                        ["show", "--filter", "total=2"]):
            self.assertIn("; 4 of 6 cells have no result\n", self.refused(command[0], "results/tiny.h5", *command[1:]))


if __name__ == "__main__":
    unittest.main()
