#!/usr/bin/env python3
"""The results page in a headless Chromium, by clicking: selection, table, curves, drawer, files, address, keyboard,
phone, print, dark. Exit code 77, with the reason, where there is no Chromium or no Selenium.

    KLBENCH=build/klbench KLBENCH_PLOTTING_TESTS=build/plotting_tests /usr/bin/python3 tests/browser/report_test.py
"""
import base64
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("KLBENCH", str(ROOT / "build" / "klbench"))
FIXTURE = os.environ.get("KLBENCH_PLOTTING_TESTS", str(ROOT / "build" / "plotting_tests"))
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900"]
STUDY = """study: by_hand
data: {name: synthetic}
sweep: {regularizer: [vae, bn_vae]}
"""


def why_not():
    """Why the page cannot be opened here; empty where it can."""
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            return f"no {program} (apt-get install chromium chromium-driver)"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "no Selenium (apt-get install python3-selenium)"
    if not pathlib.Path("/usr/share/nodejs/d3/dist/d3.min.js").is_file():
        return "no D3 (apt-get install node-d3)"
    return ""


class Report(unittest.TestCase):
    """One page, made of results that plotting_tests writes (tests/plotting/page_test.cpp), with text that would like to
    be a script."""

    @classmethod
    def setUpClass(cls):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="klbench_report_"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        environment = dict(os.environ, KLBENCH_PAGE_STUDY=str(cls.folder / "by_hand.h5"), XDG_CACHE_HOME=str(cls.folder))
        subprocess.run([FIXTURE, "writes the study of the browser test"], check=True, env=environment, capture_output=True)
        (cls.folder / "by_hand").mkdir()
        (cls.folder / "by_hand" / "vae-0.samples.txt").write_text(
            "# reconstructions: x\na <b>b</b>\n  a c\n\n# samples from the prior\nd e\n\n# interpolations\nf\n")
        cls.klbench("report", "by_hand.h5")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in [*FLAGS, f"--user-data-dir={cls.folder / 'profile'}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        cls.addClassCleanup(cls.driver.quit)
        cls.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(cls.folder)})

    @classmethod
    def klbench(cls, *arguments):
        done = subprocess.run([PROGRAM, *arguments], cwd=cls.folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def setUp(self):
        self.open()

    def tearDown(self):
        self.assertEqual([entry["message"] for entry in self.driver.get_log("browser")], [])

    def open(self, hash=""):
        self.driver.get("about:blank")
        self.driver.get(f"file://{self.folder}/plots/by_hand/report.html{hash}")
        self.wait_for("return document.body.dataset.drawn === 'all'")

    def run_js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait_for(self, script):
        for _ in range(200):
            found = self.run_js(script)
            if found:
                return found
            time.sleep(0.02)
        self.fail(f"never true: {script}")

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def click(self, selector, text=None):
        """Clicks the first element of the selector, with this text."""
        for element in self.all(selector):
            if text is None or element.text.strip() == text:
                self.run_js("arguments[0].scrollIntoView({block: 'center'})", element)
                element.click()
                return
        self.fail(f"no {selector} {text or ''}")

    def choose(self, name, value):
        self.run_js("const [name, value] = arguments; const select = [...document.querySelectorAll('select')].find((each) => "
                    "each.getAttribute('aria-label') === name); select.value = value; "
                    "select.dispatchEvent(new Event('change'))", name, value)

    def rows(self):
        return [element.text for element in self.all("#results tbody th[scope=row] button span:not(.tag)")]

    def row_class(self, label):
        """The class of a row's marks: r4."""
        return self.run_js("return [...document.querySelectorAll('.chip')].find((each) => "
                           "each.textContent.trim() === arguments[0]).className.match(/r\\d+/)[0]", label)

    def copied(self, button):
        self.run_js("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }")
        self.click("#results .tools button", button)
        return self.wait_for("return window.copied")

    def compare(self, a, b, metric):
        return json.loads(self.klbench("compare", "by_hand.h5", a, b, "--metric", metric, "--format", "json"))["metrics"][0]

    def test_the_page_is_whole_and_asks_for_nothing(self):
        self.assertEqual([element.text for element in self.all("h2")][:8],
                         ["Results", "Training", "Rate and distortion", "Dimensions", "Latents", "Pictures", "Samples", "Cells"])
        self.assertEqual(self.run_js("return performance.getEntriesByType('resource').filter((each) => !each.name.startsWith('data:')).length"), 0)
        page = (self.folder / "plots" / "by_hand" / "report.html").read_text()
        self.assertNotRegex(page, r'(src|href)\s*=\s*["\']?https?:')

    def test_text_of_users_is_text(self):
        self.assertIn("</script><script>window.hostile = 1</script>", self.all(".question")[0].text)
        self.assertIn("<img src=x onerror=", self.all("header")[0].text)
        self.click("#texts .choice button", "reconstructions")
        self.assertIn("a <b>b</b>", self.all("#texts .source")[0].text)
        self.assertIsNone(self.run_js("return window.hostile ?? null"))
        self.assertEqual(self.all("img"), [])

    def test_failures_have_the_ends_of_their_logs(self):
        self.click("#failures summary")
        self.assertIn("exited with code 7", self.all("#failures")[0].text)
        self.assertIn("the last line of its log", self.all("#failures pre")[0].text)

    def test_one_selection_for_all_panels_in_the_address(self):
        self.assertIn("bn_vae", self.rows())
        marks = ("#curves", "#rate", "#dimensions", "#cells")
        index = self.row_class("bn_vae")[1:]
        for panel in marks:
            self.assertGreater(len(self.all(f"{panel} .r{index}")), 0, panel)
        self.click(".chip", "bn_vae")
        self.assertNotIn("bn_vae", self.rows())
        for panel in marks:
            self.assertEqual(len(self.all(f"{panel} .r{index}")), 0, panel)
        self.click(".choice button", "95% band")
        self.choose("Facets", "regularizer.sym_bn_vae.tau")
        self.assertEqual(len(self.all("#curves svg.chart")), 5)  # four values of tau, and the rows without it
        self.assertGreater(len(self.all("#curves path.band")), 0)
        hash = self.run_js("return location.hash")
        self.assertEqual(hash, f"#hide={index}&facet=regularizer.sym_bn_vae.tau&show=band")
        self.open(hash)
        self.assertNotIn("bn_vae", self.rows())
        self.assertEqual(len(self.all("#results tr.facet")), 5)
        self.click("#selection button", "Reset")
        self.assertIn("bn_vae", self.rows())
        chip = next(element for element in self.all(".chip") if element.text.strip() == "free_bits")
        self.run_js("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true, shiftKey: true}))", chip)
        self.assertEqual(self.rows(), ["free_bits"])
        self.click(".chip", "all")
        self.assertEqual(self.run_js("return location.hash"), "")

    def test_differences_to_any_baseline_are_those_of_compare(self):
        for baseline in ("vae", "ln_vae"):
            row = self.run_js("return [...document.querySelectorAll('select[aria-label=Baseline] option')].find((each) => each.textContent === arguments[0]).value", baseline)
            self.choose("Baseline", row)
            self.click("#results .choice button", f"differences to {baseline}")
            csv = [line.split(",") for line in self.copied("Copy CSV").splitlines()]
            place = {name: i for i, name in enumerate(csv[0])}
            line = next(line for line in csv if line[0] == "bn_vae")
            expected = self.compare("bn_vae", baseline, "nll")
            for name, key in (("nll_difference", "difference"), ("nll_low", "low"), ("nll_high", "high"), ("nll_mean", "mean_a")):
                self.assertAlmostEqual(float(line[place[name]]), expected[key], delta=1e-4 * max(1, abs(expected[key])))
            shown = f"{expected['difference']:+.2f}".replace("-", "−")
            cell = self.run_js("return [...document.querySelectorAll('#results tbody tr')].find((each) => each.textContent.startsWith('bn_vae')).querySelectorAll('td[data-row]')[0].textContent")
            self.assertTrue(cell.startswith(shown), cell)
            self.run_js("delete window.copied")
        self.click("#results .choice button", "values")

    def test_notes_are_about_what_is_shown(self):
        notes = "return document.querySelector('#results .notes').textContent"
        values = self.run_js(notes)
        estimate = r"nll, ppl: importance-weighted bound with only 100 samples"
        for mark in ("Mean ± standard deviation over seeds; 3 seeds a row", "Bold: best mean", "†: cannot",
                     "°: cannot be told from the baseline vae", estimate):
            self.assertIn(mark, values)
        self.click("#results .choice button", "differences to vae")
        differences = self.run_js(notes)
        for mark in ("Mean ±", "Bold", "†", "°"):
            self.assertNotIn(mark, differences)
        self.assertIn("3 seeds a row", differences)
        self.assertIn("bold where it is at most 0.05", self.all("#results .caption")[0].text)
        listed = r"Smallest difference to vae[^:]*: ([^.]*nll [\d.]+)"
        self.assertRegex(differences, listed)
        self.click("#results .picker summary", "Columns")
        self.click("#results input[value='nll']")
        self.assertNotRegex(self.run_js(notes), listed + r"|examples \(nll|, nll\)|\(nll\)|nll, ppl:")
        self.assertIn("ppl: importance-weighted bound", self.run_js(notes))
        self.click("#results .choice button", "values")
        self.assertIn("Bold: best mean", self.run_js(notes))

    def test_floors_that_are_not_in_force_are_said_where_they_are_drawn(self):
        said = "loor not in force: sym_bn_vae tau=.7 (r = 0.5)"
        for panel in ("header", "#curves"):
            self.assertIn(said, self.all(panel)[0].text)
        self.click(".chip", "tau=.7")
        self.assertIn(said, self.all("header")[0].text)
        self.assertNotIn(said, self.all("#curves")[0].text)

    def test_sorting_and_latex(self):
        self.click("#results thead button", "kl")
        kl = self.copied("Copy LaTeX")
        self.assertIn(r"\begin{tabular}", kl)
        self.assertIn(r"free\_bits", kl)
        self.assertEqual(self.all("#results th[aria-sort=ascending]")[0].text.split()[0], "kl")
        values = [float(value) for value in re.findall(r"^[^&]+&[^&]+&[^&]+&[^&]+& \$(?:\\mathbf\{)?([\d.]+)", kl, re.M)]
        self.assertGreater(len(values), 5)
        self.assertEqual(values, sorted(values))
        if shutil.which("pdflatex"):
            (self.folder / "copied.tex").write_text("\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n" +
                                                    kl + "\\end{document}\n")
            done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "copied.tex"],
                                  cwd=self.folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_no_minus_before_a_zero(self):
        vae = next(row for row in self.all("#results tbody tr") if row.text.startswith("vae"))
        self.assertIn("0.0000 ± 0.0005", vae.text)
        self.assertNotRegex(vae.text, r"[-−]0\.0000")

    def test_keyboard_in_the_table_and_tooltip(self):
        from selenium.webdriver.common.keys import Keys
        cell = self.all("#results td[tabindex='0']")[0]
        self.run_js("arguments[0].focus()", cell)
        cell.send_keys(Keys.ARROW_DOWN)
        self.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        focused = self.driver.switch_to.active_element
        self.assertEqual(focused.get_attribute("data-column"), "1")
        self.assertIn("over n = 3 seeds", self.all("#tip")[0].text)
        focused.send_keys(Keys.ESCAPE)
        self.assertFalse(self.all("#tip")[0].is_displayed())

    def test_epochs_are_linked_and_the_slider_moves_dimensions(self):
        from selenium.webdriver.common.keys import Keys
        chart = self.all("#curves svg.chart")[0]
        self.run_js("arguments[0].focus()", chart)
        chart.send_keys(Keys.ARROW_LEFT)
        self.assertTrue(self.all("#tip")[0].text.startswith("epoch 11"))
        self.assertEqual(len(self.all("#curves .cursor line")), len(self.all("#curves svg.chart")))
        row = self.row_class("bn_vae")
        # light-dark(rgb(241, 245, 250), ...): the darker the larger; KL rises by 1 - exp(-epoch / 3)
        light = f"return document.querySelector('#dimensions g.strip.{row} rect').style.fill.match(/\\d+/g).slice(0, 3).map(Number)"
        last = self.run_js(light)
        slider = self.all("#dimensions input[type=range]")[0]
        self.run_js("arguments[0].focus()", slider)
        slider.send_keys(Keys.HOME)
        self.assertIn("moment=1", self.run_js("return location.hash"))
        self.assertEqual(slider.get_attribute("aria-valuetext"), "epoch 1, valid")
        ground, share = 241, 1 - math.exp(-1 / 3)
        first = self.run_js(light)
        self.assertLess(last[0], first[0])
        self.assertAlmostEqual(ground - first[0], share * (ground - last[0]), delta=5)
        slider.send_keys(Keys.END)
        self.assertEqual(self.run_js(light), last)
        self.assertEqual(slider.get_attribute("aria-valuetext"), "end, test")

    def test_a_language_model_is_a_line_of_equal_cost(self):
        """rec + kl is the same at both ends of its line, by the tick texts of the axes."""
        line = self.run_js("""
            const at = (element, name) => Number(element.getAttribute(name));
            const line = document.querySelector(`#rate line.curve.${arguments[0]}`);
            const ticks = [...document.querySelectorAll('#rate .axis text')].map((text) =>
                [text.getAttribute('text-anchor'), Number(text.textContent), at(text, 'x'), at(text, 'y')]);
            const scale = (side, place) => {
              const [a, b] = ticks.filter(([anchor]) => anchor === side);
              return (pixel) => a[1] + (b[1] - a[1]) * (pixel - a[place]) / (b[place] - a[place]);
            };
            const kl = scale('middle', 2), rec = scale('end', 3);
            return [1, 2].map((end) => [kl(at(line, `x${end}`)), rec(at(line, `y${end}`))]);""", self.row_class("lstm_lm"))
        csv = self.copied("Copy CSV").splitlines()
        nll = next(float(dict(zip(csv[0].split(","), row.split(",")))["rec_mean"])
                   for row in csv if row.startswith("lstm_lm,"))
        (kl, rec), (kl_end, rec_end) = line
        self.assertGreater(kl_end - kl, 1)
        self.assertAlmostEqual(kl + rec, nll, delta=0.02)
        self.assertAlmostEqual(kl_end + rec_end, nll, delta=0.02)

    def test_arrow_keys_go_through_the_points_of_rate_and_distortion(self):
        from selenium.webdriver.common.keys import Keys
        chart = self.all("#rate svg.chart")[0]
        self.run_js("arguments[0].focus()", chart)
        seen = []
        for _ in range(3):
            self.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
            seen.append(self.driver.switch_to.active_element.get_attribute("aria-label"))
            self.assertTrue(self.all("#tip")[0].is_displayed())
            self.assertEqual(seen[-1].split(":")[0], self.all("#tip b")[0].text)
        self.assertRegex(seen[0], r"^lstm_lm: no rate decoder without z, nll [\d.]+$")
        self.assertRegex(seen[1], r": (one run|mean of) .*, rate \(KL\) [\d.]+, distortion [\d.]+, −ELBO [\d.]+$")
        self.assertEqual(len(set(seen)), 3)
        self.driver.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
        self.assertEqual(self.driver.switch_to.active_element.get_attribute("aria-label"), seen[1])
        self.driver.switch_to.active_element.send_keys(Keys.TAB)
        self.assertFalse(self.all("#tip")[0].is_displayed())

    def test_any_metric_by_epoch(self):
        self.click("#curves .picker summary", "Metrics")
        self.click("#curves input[value='valid/mi']")
        self.assertEqual(len(self.all("#curves svg.chart")), 2)
        self.assertIn("metrics=valid%2Fkl%2Cvalid%2Fmi", self.run_js("return location.hash"))
        self.click("#curves .picker summary", "Log axes")
        self.click("#curves .picker:nth-child(2) input[value='valid/kl']")
        self.assertIn("log=valid%2Fkl", self.run_js("return location.hash"))

    def test_the_drawer_of_a_cell(self):
        self.click("#results tbody button.row span", "bn_vae")
        drawer = self.all("#drawer")[0]
        self.assertTrue(drawer.is_displayed())
        self.assertIn("regularizer.bn_vae.gamma", drawer.text)
        self.assertIn("cell=bn_vae-0", self.run_js("return location.hash"))
        self.assertNotIn("tagged", drawer.text)
        self.click("#drawer .choice button", "seed 1")
        self.assertIn("bn_vae-1, tagged first, headline", drawer.text)
        self.click("#drawer .head button")
        self.assertFalse(drawer.is_displayed())
        self.open("#cell=vae-0")
        self.assertTrue(self.all("#drawer")[0].is_displayed())

    def test_every_panel_gives_its_svg(self):
        self.click("#texts .choice button", "reconstructions")
        for panel in ("curves", "rate", "dimensions", "latents", "pictures", "texts"):
            self.click(f"#{panel} .tools button", "SVG")
            path = self.folder / f"{panel}.svg"
            for _ in range(200):
                if path.is_file():
                    break
                time.sleep(0.02)
            root = xml.etree.ElementTree.parse(path).getroot()
            self.assertGreater(len(root.findall(".//{*}text")), 2 if panel == "texts" else 5, panel)
            self.assertIn("vae", "".join(root.itertext()))
            if panel == "latents":
                self.assertIn("3 other labels", [text.text for text in root.findall(".//{*}text")])
        written = [text.text for text in root.findall(".//{*}text")]
        self.assertEqual(written, ["vae, seed 0", "a <b>b</b>", "a c"])

    def test_every_panel_gives_the_yaml_that_draws_it(self):
        entries, names = "figures:\n", []
        for panel in ("results", "curves", "rate", "dimensions", "latents", "pictures"):
            self.click(f"#{panel} .tools button", "YAML")
            text = self.all("#text-dialog pre")[0].text
            entries += "".join(line + "\n" for line in text.splitlines() if line.startswith("  - "))
            self.click("#text-dialog .head button")
        names = re.findall(r"name: (\w+)", entries)
        self.assertEqual(len(names), len(set(names)))
        (self.folder / "again.yaml").write_text(STUDY + entries)
        drawn = self.klbench("plot", "by_hand.h5", "--study", "again.yaml", "--format", "svg")
        for name in names:
            self.assertIn(f"{name}.", drawn)

    def test_of_many_labels_the_most_frequent_have_a_colour(self):
        colours = self.run_js("return [...document.querySelectorAll('#latents .dot')].map((dot) => getComputedStyle(dot).backgroundColor)")
        self.assertEqual(len(colours), 12)  # 200 points: labels 0 to 7 have 17, the others 16
        self.assertEqual(len(set(colours[:9])), 9)
        self.assertEqual(len(set(colours[9:])), 1)
        self.assertNotIn(colours[9], colours[:9])

    def test_names_for_screen_readers(self):
        unnamed = self.run_js("""return [...document.querySelectorAll('button, select, input, summary, svg.chart')].filter((each) =>
            !(each.getAttribute('aria-label') || each.textContent.trim() || each.closest('label'))).map((each) => each.outerHTML.slice(0, 80))""")
        self.assertEqual(unnamed, [])
        for section in self.all("section.panel"):
            self.assertTrue(self.all(f"#{section.get_attribute('aria-labelledby')}"))

    def test_phone_dark_and_print(self):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True})
        self.open()
        self.assertLessEqual(self.run_js("return document.documentElement.scrollWidth"), 390)
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        luminance = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0)"
        self.open("#theme=dark")
        self.assertLess(self.run_js(luminance), 150)
        self.open("#theme=light")
        self.assertGreater(self.run_js(luminance), 700)
        self.open("#theme=dark")
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        self.run_js("dispatchEvent(new Event('beforeprint'))")
        self.assertGreater(self.run_js(luminance), 700)  # no dark pages
        self.assertTrue(self.run_js("return document.getElementById('failures').open"))
        for hidden in (".tools button", ".controls", "#cells"):
            self.assertTrue(all(not each.is_displayed() for each in self.all(hidden)), hidden)
        for panel in ("results", "curves", "rate", "dimensions", "latents", "pictures", "texts"):
            self.assertTrue(self.all(f"#{panel}")[0].is_displayed(), panel)
        self.run_js("dispatchEvent(new Event('afterprint'))")
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        pdf = base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        self.assertTrue(2 <= pages <= 12, pages)
        if shutil.which("pdftotext"):
            text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
            for title in ("Results", "Training", "Rate and distortion", "Dimensions", "Latents", "Pictures", "Samples"):
                self.assertRegex(text, rf"(?m)^[ \f]*{title}")
            self.assertIn("the last line of its log", text)
            self.assertNotIn("Copy LaTeX", text)


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main()
