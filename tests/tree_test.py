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

    def setup(self, system, prefix=None):
        """What cmake/setup.sh prints on a system where nothing is installed and apt knows no node-d3."""
        shutil.copytree(SOURCE / "cmake", self.folder / "cmake", dirs_exist_ok=True)
        (self.folder / "os-release").write_text(system)
        programs = {"dpkg-query": "exit 1", "apt-get": 'echo "$@" >>"$LOG"', "apt-cache": '[ "$2" != node-d3 ]', "id": "echo 0"}
        for name, text in programs.items():
            (self.folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (self.folder / name).chmod(0o755)
        environment = {"PATH": f"{self.folder}:/usr/bin:/bin", "OS_RELEASE": str(self.folder / "os-release"),
                       "LOG": str(self.folder / "log")}
        if prefix:
            environment["CMAKE_PREFIX_PATH"] = f"/nowhere:{prefix}"
        return subprocess.run([self.folder / "cmake/setup.sh"], env=environment, capture_output=True, text=True, timeout=60)

    def test_setup_leaves_out_what_is_named_and_what_ubuntu_lacks(self):
        debian = self.setup("ID=debian\nVERSION_ID=12\n")
        self.assertEqual(debian.returncode, 0, debian.stderr)
        listed = [line for line in (SOURCE / "cmake/debian_packages.txt").read_text().splitlines() if line[:1] not in ("", "#")]
        self.assertEqual(debian.stdout.split(), ["installing:", *listed])
        torch = self.folder / "torch/share/cmake/Torch"
        torch.mkdir(parents=True)
        without = [package for package in listed if package not in ("libtorch-dev", "python3-torch")]
        self.assertEqual(self.setup("ID=debian\nVERSION_ID=12\n", self.folder / "torch").stdout, debian.stdout)
        (torch / "TorchConfig.cmake").touch()
        for prefix in (self.folder / "torch", torch.parent):
            self.assertEqual(self.setup("ID=debian\nVERSION_ID=12\n", prefix).stdout.split(), ["installing:", *without])
        ubuntu = self.setup('ID=ubuntu\nVERSION_ID=24.04\nPRETTY_NAME="Ubuntu 24.04"\n')
        self.assertEqual(ubuntu.stdout.split(), ["installing:", *(package for package in listed if package != "node-d3")])
        self.assertIn("Ubuntu 24.04 has no package node-d3", ubuntu.stderr)
        self.assertNotIn("node-d3", (self.folder / "log").read_text().splitlines()[-1].split())

    def test_setup_names_what_is_missing_on_another_system(self):
        for name in ("dirname", "c++", "cmake", "python3"):
            (self.folder / name).symlink_to(shutil.which(name))
        (self.folder / "os-release").write_text('ID=fedora\nVERSION_ID=41\nPRETTY_NAME="Fedora Linux 41"\n')
        shutil.copytree(SOURCE / "cmake", self.folder / "tree/cmake")
        environment = {"PATH": str(self.folder), "OS_RELEASE": str(self.folder / "os-release")}
        there = [*map(shutil.which, ("ninja", "gnuplot", "h5dump"))]
        for missing in (there, []):
            made = subprocess.run([self.folder / "tree/cmake/setup.sh"], env=environment, capture_output=True, text=True, timeout=60)
            named = "missing: ninja gnuplot h5dump; on Fedora Linux 41 nothing is installed by make (cmake/debian_packages.txt has Debian's names)\n"
            self.assertEqual((made.returncode, made.stdout, made.stderr), (1, "", named) if missing else (0, "", ""))
            for path in missing:
                (self.folder / pathlib.Path(path).name).symlink_to(path)

    def test_another_prefix_than_before_is_not_ignored(self):
        shutil.copy(SOURCE / "Makefile", self.folder)
        (self.folder / "cmake").mkdir()
        (self.folder / "build").mkdir()
        (self.folder / "build/build.ninja").touch()
        for name, text in (("cmake/setup.sh", "true"), ("cmake/cmake", 'echo "$@" >>log')):
            (self.folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (self.folder / name).chmod(0o755)
        fresh = "--preset release --fresh"
        for prefix, calls in (("", []), ("/opt/torch", [fresh]), ("/opt/torch", []), ("/opt/other", [fresh]), ("", [])):
            (self.folder / "log").write_text("")
            environment = {"PATH": f"{self.folder}/cmake:/usr/bin:/bin", "CMAKE_PREFIX_PATH": prefix}
            subprocess.run(["make", "configure"], cwd=self.folder, env=environment, check=True, timeout=60)
            self.assertEqual((self.folder / "log").read_text().splitlines(), calls, prefix)

    def test_container_files_take_the_same_steps(self):
        steps = subprocess.run(["python3", SOURCE / "tests/container_steps.py", self.folder], capture_output=True, text=True)
        self.assertEqual(steps.returncode, 0, steps.stderr)
        self.assertIn("/src/cmake/containers/install.sh", steps.stdout)
        for name in ("cmake/setup.sh", "src/main.cpp", "configs/data/synthetic.yaml", "tests/CMakeLists.txt"):
            self.assertTrue((self.folder / "src" / name).is_file(), name)


if __name__ == "__main__":
    unittest.main()
