#!/usr/bin/env python3
"""What the source tree promises before anything is built: a copied one says what to delete, and the container files take
the same steps with files that are there. usage: tree_test.py"""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[1]


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="klbench_tree_"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_a_tree_copied_with_its_build_says_what_to_delete(self):
        shutil.copy(SOURCE / "Makefile", self.folder)
        shutil.copytree(SOURCE / "cmake", self.folder / "cmake")
        for name, home in (("build", "/elsewhere/klbench"), ("build-fuzz", self.folder)):
            (self.folder / name).mkdir()
            (self.folder / name / "CMakeCache.txt").write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={home}\n")
        for target in ("build", "test", "bench"):
            made = subprocess.run(["make", target], cwd=self.folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(made.returncode, 2)
            self.assertEqual(made.stderr.splitlines()[0], "build/ was made in /elsewhere/klbench and this tree is a copy: "
                             "rm -r build, then the same command again")

    def test_container_files_take_the_same_steps(self):
        steps = subprocess.run(["python3", SOURCE / "tests/container_steps.py", self.folder], capture_output=True, text=True)
        self.assertEqual(steps.returncode, 0, steps.stderr)
        self.assertIn("/src/cmake/containers/install.sh", steps.stdout)
        for name in ("cmake/setup.sh", "src/main.cpp", "configs/data/synthetic.yaml", "tests/CMakeLists.txt"):
            self.assertTrue((self.folder / "src" / name).is_file(), name)


if __name__ == "__main__":
    unittest.main()
