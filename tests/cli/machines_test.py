"""The machines that people have: CPU bindings, quotas, file systems without locks, full disks, umasks."""
import errno
import json
import resource
import shutil

from harness import *

SHIM = os.environ.get("KLBENCH_FAULT_SHIM", str(pathlib.Path(PROGRAM).parent / "klbench_fault_shim.so"))


class MachineTest(CliTest):
    def with_fault(self, kind, error, command="", at=1):
        self.environment.update(LD_PRELOAD=SHIM, KLBENCH_FAULT=kind, KLBENCH_FAULT_ERRNO=str(error),
                                KLBENCH_FAULT_AT=str(at), KLBENCH_FAULT_COMMAND=command,
                                KLBENCH_FAULT_FOLDER=str(self.folder / "results"))

    def without_fault(self):
        del self.environment["LD_PRELOAD"]

    def long_study(self):
        return self.tiny_study(epochs=400, regularizers="[vae, bn_vae, ln_vae]", seeds=1, train_size=400)

    def end(self, process):
        process.kill()
        process.communicate()


class Cpus(MachineTest):
    def cpus_of(self, pid):
        return os.sched_getaffinity(pid)

    def test_bindings_of_openmp_leave_every_worker_all_cpus(self):
        study = self.long_study()
        for name, value in [("OMP_PROC_BIND", "true"), ("OMP_PLACES", "cores"), ("GOMP_CPU_AFFINITY", "0"),
                            ("KMP_AFFINITY", "compact")]:
            self.environment[name] = value
        process = self.start("run", study, "--workers", "2")
        workers = self.wait_until(lambda: len(self.workers_of(process)) == 2 and self.workers_of(process))
        self.wait_until(lambda: len(list((self.folder / "results/tiny").glob("*.journal"))) == 2)
        for pid in [process.pid, *workers]:
            self.assertEqual(self.cpus_of(pid), os.sched_getaffinity(0))
        self.end(process)

    def test_as_many_workers_as_the_cpus_that_it_may_use(self):
        study = self.long_study()
        one = min(os.sched_getaffinity(0))
        for limit in ["affinity", "slurm"]:
            environment = dict(self.environment, **({"SLURM_CPUS_PER_TASK": "1"} if limit == "slurm" else {}))
            process = subprocess.Popen([PROGRAM, "run", study], cwd=self.folder, env=environment, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       preexec_fn=lambda: limit == "affinity" and os.sched_setaffinity(0, {one}))
            self.addCleanup(self._end, process)
            self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.journal")))
            self.assertEqual(len(self.workers_of(process)), 1)
            self.end(process)
            shutil.rmtree(self.folder / "results")


class FileSystems(MachineTest):
    def test_folders_that_cannot_be_synced(self):
        study = self.tiny_study(seeds=1)
        sound = self.undisturbed(study)
        for number in [errno.EINVAL, errno.ENOTSUP]:
            self.with_fault("no_folder_sync", number)
            self.succeeds("run", study)
            self.without_fault()
            self.assertEqual(self.cell_files(), sound)
            shutil.rmtree(self.folder / "results")

    def states(self, study):
        return sorted(row["state"] for row in json.loads(self.succeeds("status", study, "--format", "json").out))

    def test_no_locks_and_still_one_driver(self):
        study = self.long_study()
        for number in [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP]:
            self.with_fault("no_flock", number)
            first = self.start("run", study, "--workers", "1")
            self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.journal")))
            self.assertIn(f"locked by process {first.pid} ", self.refused("run", study, code=1))
            self.assertEqual(self.states(study), ["missing", "missing", "running"])
            self.end(first)  # leaves its locks; its worker ends a moment later
            self.wait_until(lambda: self.states(study) == ["missing", "missing", "stale"])
            second = self.start("run", study, "--workers", "1")
            self.wait_until(lambda: self.workers_of(second))
            second.send_signal(signal.SIGINT)
            second.communicate(timeout=60)
            self.assertEqual(second.returncode, 130)
            self.assertEqual([path.name for path in (self.folder / "results/tiny").glob("*.held")], [])
            self.without_fault()
            shutil.rmtree(self.folder / "results")

    def test_a_full_disk_ends_the_run_at_the_first_cell_with_the_path(self):
        study = self.tiny_study(seeds=2)
        self.with_fault("fail", errno.ENOSPC, "cell", at=4)
        result = self.klbench("run", study, "--workers", "1")
        self.without_fault()
        self.assertEqual(result.code, 1)
        self.assertEqual(result.err.count("started"), 1)
        self.assertRegex(result.out, r"failed [0-9a-f]+ .*results/tiny/.*: No space left on device")
        self.assertIn("1 failed, 3 unfinished", result.out)
        self.assertIn("make room and run it again", result.err)
        self.assertIn("4 done (4 new)", self.succeeds("run", study).out)

    def test_a_limit_on_the_size_of_files_is_an_error_with_the_path(self):
        study = self.tiny_study(seeds=1)
        self.trained(study)
        before = (self.folder / "results/tiny.h5").read_bytes()
        study.write_text(study.read_text().replace("name: kl,", "name: again,"))

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

        for command in ["collect", "run"]:
            result = self.klbench(command, study, preexec_fn=limit)
            self.assertEqual(result.code, 1, result.err)
            self.assertRegex(result.err, r"klbench: results/tiny\.h5.*: cannot write: File too large")
            self.assertEqual((self.folder / "results/tiny.h5").read_bytes(), before)

    def test_the_umask_is_the_users(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        for mask, mode in [(0o002, 0o664), (0o077, 0o600)]:
            self.succeeds("run", study, preexec_fn=lambda mask=mask: os.umask(mask))
            files = [path for path in (self.folder / "results").rglob("*") if path.is_file()]
            self.assertGreaterEqual(len(files), 6)
            for path in files:
                self.assertEqual(path.stat().st_mode & 0o777, mode, path)
            shutil.rmtree(self.folder / "results")


class Hanging(MachineTest):
    def test_a_card_that_is_not_there_is_found_before_anything_is_trained(self):
        study = self.tiny_study()
        for device in ("cuda", "cuda:7"):
            self.assertIn(f"trainer.device is {device}, but this LibTorch sees no CUDA device; valid here: cpu",
                          self.refused("run", study, "--gpus", "2", "--set", f"trainer.device={device}"))
        for cards in (["--gpus", "2"], ["--launcher-option", "gpus=2"]):
            self.assertIn("gpus=2 deals cards to cells, and no cell has trainer.device: cuda",
                          self.refused("run", study, *cards))
        self.assertIn("--gpus", self.refused("run", study, "--gpus", "many"))
        self.assertFalse((self.folder / "results").exists())

    def test_a_plugin_that_sleeps_while_it_is_loaded_is_given_up(self):
        self.write("sleep.c", "#include <unistd.h>\n__attribute__((constructor)) static void s(void) { sleep(1000); }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", "sleep.so", "sleep.c"], cwd=self.folder, check=True)
        self.assertIn("plugin sleep.so: loading it took more than 0.5 s",
                      self.refused("probe", "sleep.so", "--seconds", "0.5"))


if __name__ == "__main__":
    unittest.main()
