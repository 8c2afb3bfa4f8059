"""Signals, as people and machines send them: nothing is corrupted, nothing lost, and stops are told as what they are."""
import json
import shutil

from harness import *

SHIM = os.environ.get("KLBENCH_FAULT_SHIM", str(pathlib.Path(PROGRAM).parent / "klbench_fault_shim.so"))
PLUGIN = os.environ.get("KLBENCH_FAILING_PLUGIN", str(pathlib.Path(PROGRAM).parent / "failing_plugin.so"))

SIZED = """study: sized
data: {{name: synthetic, train_size: 128, valid_size: 16, test_size: 16, vocabulary_size: 50, min_length: 4, max_length: 8}}
model: {{embedding_dim: {embedding}, hidden_dim: {hidden}, latent_dim: 8}}
trainer: {{epochs: 2, batch_size: 32, max_decays: 0, precision: {precision}}}
eval: {{nll_samples: 5}}
sweep: {{regularizer: [bn_vae], seed: [0]}}
"""


class Storm(CliTest):
    def test_a_storm_of_signals_changes_no_byte(self):
        for precision in ["f32", "bf16"]:
            for embedding, hidden in [(128, 256), (512, 1024)]:
                with self.subTest(precision=precision, hidden=hidden):
                    study = self.write("sized.yaml", SIZED.format(embedding=embedding, hidden=hidden,
                                                                  precision=precision))
                    if precision == "bf16" and self.klbench("plan", study).code == 2:
                        self.skipTest("this CPU has no bf16")
                    shutil.rmtree(self.folder / "results", ignore_errors=True)
                    self.succeeds("run", study)
                    undisturbed = self.cell_files("sized")
                    shutil.rmtree(self.folder / "results")
                    calm = dict(self.environment)
                    self.environment.update(LD_PRELOAD=SHIM, KLBENCH_FAULT="storm", KLBENCH_FAULT_COMMAND="cell",
                                            KLBENCH_FAULT_FOLDER=str(self.folder))
                    self.succeeds("run", study)
                    self.environment = calm
                    self.assertEqual(self.cell_files("sized"), undisturbed)


class Stops(CliTest):
    def long_study(self, **options):
        return self.tiny_study(epochs=400, regularizers="[vae, bn_vae]", seeds=1, train_size=400, **options)

    def training(self, *arguments, workers=2, **options):
        """A run that is in the midst of training."""
        begin = time.time_ns()
        process = self.start("run", *arguments, **options)
        journals = lambda: [path for path in (self.folder / "results/tiny").glob("*.journal")
                            if path.stat().st_mtime_ns > begin]
        self.wait_until(lambda: len(journals()) == workers)
        return process

    def states(self, study):
        return [row["state"] for row in json.loads(self.succeeds("status", study, "--format", "json").out)]

    def test_exit_codes_tell_the_signal_and_cells_stop_at_a_checkpoint(self):
        study = self.long_study()
        for number, code in [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGUSR1, 138)]:
            process = self.training(study, "--workers", "2")
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, code, errors)
            self.assertIn(f"stopped by {number.name}", errors)
            self.assertEqual(errors.count("interrupted after"), 2)
            self.assertEqual(errors.count("stopped at a checkpoint"), 2)
            self.assertEqual(self.states(study), ["interrupted", "interrupted"])

    def test_a_stop_does_not_wait_for_the_last_evaluation(self):
        study = self.tiny_study(epochs=1, regularizers="[vae]", seeds=1)
        study.write_text(study.read_text().replace("nll_samples: 5", "nll_samples: 200000"))
        process = self.start("run", study)
        self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.checkpoint")))
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
        self.assertEqual(process.returncode, 130, errors)
        self.assertEqual(errors.count("stopped at a checkpoint"), 1, errors)
        self.assertEqual(self.states(study), ["interrupted"])

    def test_a_worker_that_is_signalled_stops_at_a_checkpoint(self):
        study = self.long_study()
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGXCPU]:
            process = self.training(study, "--workers", "2")
            for worker in self.workers_of(process):
                os.kill(worker, number)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 1, errors)
            self.assertEqual(errors.count("stopped at a checkpoint"), 2, errors)

    def test_timeout_of_coreutils_is_one_request(self):
        study = self.long_study()
        result = subprocess.run(["timeout", "4", PROGRAM, "run", study, "--workers", "2"], cwd=self.folder,
                                env=self.environment, text=True, capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 124, result.stderr)
        self.assertEqual(result.stderr.count("stopped at a checkpoint"), 2, result.stderr)

    def test_nohup_keeps_a_run_going(self):
        study = self.tiny_study(epochs=30, seeds=1, train_size=400)
        process = subprocess.Popen(["nohup", PROGRAM, "run", study, "--workers", "2"], cwd=self.folder,
                                   env=self.environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(self._end, process)
        self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.journal")))
        for pid in [process.pid, *self.workers_of(process)]:
            os.kill(pid, signal.SIGHUP)
        out, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn("2 done (2 new)", out)

    def state_of(self, pid):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]

    def test_a_stopped_run_stops_its_workers_and_goes_on_with_them(self):
        study = self.long_study()
        process = self.training(study, "--workers", "2")
        workers = self.workers_of(process)
        self.assertEqual(len(workers), 2)
        for number in [signal.SIGTSTP, signal.SIGSTOP]:
            process.send_signal(number)
            self.wait_until(lambda: all(self.state_of(pid) == "T" for pid in [process.pid, *workers]))
            process.send_signal(signal.SIGCONT)
            self.wait_until(lambda: all(self.state_of(pid) in "RS" for pid in [process.pid, *workers]))
            sizes = {path: path.stat().st_size for path in (self.folder / "results/tiny").glob("*.journal")}
            self.wait_until(lambda: all(path.stat().st_size > size for path, size in sizes.items()))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)


class Divergence(CliTest):
    def test_a_divergence_is_confirmed_by_a_replay_and_tells_step_and_quantity(self):
        study = self.tiny_study(seeds=1, regularizers="[{name: failing, how: nan}]", more=f"plugins: [{PLUGIN}]\n")
        result = self.klbench("run", study)
        self.assertEqual(result.code, 1)
        self.assertRegex(result.err, r"loss became nan at step 1; not confirmed yet: replayed in a fresh process")
        self.assertRegex(result.out, r"(?m)^  diverged [0-9a-f]+ failing: loss became nan at step 1$")
        again = self.klbench("run", study)
        self.assertNotIn("started", again.err)
        self.assertRegex(again.out, r"diverged [0-9a-f]+ .*: loss became nan at step 1")
        third = self.klbench("run", study, "--retry-diverged")
        self.assertEqual(third.err.count("started"), 2)
        self.assertIn("1 diverged", third.out)

    def test_a_divergence_that_does_not_repeat_is_no_result(self):
        study = self.tiny_study(seeds=1, regularizers="[{name: failing, how: nan_once}]",
                                more=f"plugins: [{PLUGIN}]\n")
        self.environment["KLBENCH_TEST_MARK"] = str(self.folder / "mark")
        result = self.succeeds("run", study)
        self.assertIn("1 done (1 new)", result.out)
        log = next((self.folder / "results/tiny").glob("*.log")).read_text()
        self.assertIn("the divergence of an earlier attempt at step 1 (loss) did not come again", log)


if __name__ == "__main__":
    unittest.main()
