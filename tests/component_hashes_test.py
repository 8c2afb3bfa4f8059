"""cmake/component_hashes.py on small source trees: which edits change which hashes."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[1] / "cmake" / "component_hashes.py"
REMEDY = """#include "regularizers/{helper}"
#include "regularizers/registry.h"

/// A comment.
double f(double x) {{ return x + ++y; }}
KLBENCH_REGULARIZER({name}, {{.key = "{name}", .summary = "one (1)", .options = {{{{.name = "a", .default_value = 1.0}}}}}});
"""
FILES = {
    "src/regularizers/builtin/alone.cpp": REMEDY.format(name="alone", helper="regularizer.h"),
    "src/regularizers/builtin/user.cpp": REMEDY.format(name="user", helper="helper.h"),
    "src/regularizers/helper.h": "double helper();\n",
    "src/regularizers/helper.cpp": '#include "regularizers/helper.h"\ndouble helper() { return 1; }\n',
    "src/regularizers/registry.h": '#include "regularizers/regularizer.h"\n',
    "src/regularizers/regularizer.h": "class Regularizer {};\n",
    "src/data/dataset.h": "",
    "src/data/text/words.cpp": "const DatasetRegistrar kRegistrar(1);\n",
    "src/models/decoder.h": "",
    "src/models/decoders/loud.cpp": "KLBENCH_DECODER(Loud)\n",
    "src/data/other.cpp": "int other;\n",
}


class ComponentHashes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="klbench_hashes_")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, text in FILES.items():
            self.write(name, text)
        self.before = self.hashes()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name, old, new):
        self.assertIn(old, FILES[name])
        self.write(name, FILES[name].replace(old, new))

    def run_script(self):
        return subprocess.run([sys.executable, SCRIPT, self.root, self.root / "out/hashes.inc"], capture_output=True, text=True)

    def hashes(self, column=1):
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.split('"') for line in (self.root / "out/hashes.inc").read_text().splitlines()]
        return {row[1]: row[3 if column == 0 else 5] for row in rows}

    def changed(self):
        now = self.hashes()
        return [name for name in self.before if now[name] != self.before[name]]

    def test_every_component_has_a_line_and_nothing_else(self):
        self.assertEqual(list(self.before), ["regularizers/alone", "regularizers/user", "data/words", "models/decoders/loud"])

    def test_comments_white_space_and_help_change_nothing(self):
        name = "src/regularizers/builtin/alone.cpp"
        for old, new in [("/// A comment.", "// Another /* one */"), ("/// A comment.\n", ""), ("double f(double x)", "double f(\n    double x)"),
                         ("x + ++y", "x +\n\t++y"), ('"one (1)"', '"two"'), ("return x", "return /* x */ x")]:
            with self.subTest(new):
                self.edit(name, old, new)
                self.assertEqual(self.changed(), [])

    def test_code_changes_its_own_component_only(self):
        name = "src/regularizers/builtin/alone.cpp"
        for old, new in [("x + ++y", "x++ + y"), ("default_value = 1.0", "default_value = 2.0"), ("return x", "return -x"),
                         ('"a"', '"// a"'), ('.name = "a"', '.name = "a ( b"')]:
            with self.subTest(new):
                self.edit(name, old, new)
                self.assertEqual(self.changed(), ["regularizers/alone"])
        self.edit(name, '"a"', '"a( b"')
        one = self.hashes()
        self.edit(name, '"a"', '"a(b"')
        self.assertNotEqual(one, self.hashes())

    def test_a_helper_changes_those_that_include_it(self):
        for name in ["src/regularizers/helper.h", "src/regularizers/helper.cpp"]:
            with self.subTest(name):
                self.write(name, FILES[name] + "int more;\n")
                self.assertEqual(self.changed(), ["regularizers/user"])
                self.write(name, FILES[name])

    def test_the_interface_and_other_files_change_nothing(self):
        for name in ["src/regularizers/regularizer.h", "src/data/other.cpp", "src/data/dataset.h"]:
            self.write(name, FILES[name] + "int more;\n")
        self.assertEqual(self.changed(), [])

    def test_equal_sources_keep_the_old_hash_over_several_edits(self):
        name = "src/regularizers/builtin/alone.cpp"
        old = self.before["regularizers/alone"]
        lines = "# why edits keep numbers\n"
        for code in ["return x - 0", "return x - 0 - 0"]:
            self.edit(name, "return x", code)
            self.assertEqual(self.changed(), ["regularizers/alone"])
            new = self.hashes(column=0)["regularizers/alone"]
            lines += f"{new} {old}  # minus nothing\n"
            self.write("src/equal_sources.txt", lines)
            self.assertEqual(self.changed(), [])
            self.assertEqual(self.hashes(column=0)["regularizers/alone"], new)
            old = new

    def test_a_wrong_line_of_equal_sources_is_named(self):
        one, two = "0" * 16, "1" * 16
        for text, line in [("abc\n", 1), (f"# a\n{one} {two} {two}\n", 2), (f"{one} {one}\n", 1), (f"{one} {two}\n{one} {two}\n", 2)]:
            with self.subTest(text):
                self.write("src/equal_sources.txt", text)
                done = self.run_script()
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, rf"\A[^\n]*equal_sources.txt:{line}: [^\n]+\n\Z")

    def test_the_table_is_touched_only_when_it_changes(self):
        out = self.root / "out/hashes.inc"
        stamp = out.stat().st_mtime_ns
        self.edit("src/regularizers/builtin/alone.cpp", "/// A comment.", "")
        self.hashes()
        self.assertEqual(out.stat().st_mtime_ns, stamp)


if __name__ == "__main__":
    unittest.main()
