"""Cells in a batch system, stood in for by background processes of this machine (launcher script)."""
import re

from harness import *

SCRIPT = """launcher:
  name: script
  poll_seconds: 0.2
  submit: 'setsid "$SCRIPT" > "$LOG" 2>&1 < /dev/null & echo $!'
  poll: 'for id in $IDS; do if kill -0 $id 2>/dev/null; then echo $id; fi; done'
  cancel: 'kill -TERM $IDS; true'
"""


class Launchers(CliTest):
    def study(self, **options):
        return self.tiny_study(more=SCRIPT, seeds=1, **options)

    def submissions(self):
        return sorted((self.folder / "results/tiny/jobs").iterdir())

    def published(self):
        lines = (self.folder / "results/tiny/manifest.tsv").read_text().splitlines()
        return [line.split("\t")[0] for line in lines if line]

    def expected(self, study):
        return self.undisturbed(study, "--launcher", "local")

    def test_cells_of_a_batch_system_have_the_bytes_of_local_ones(self):
        study = self.study()
        expected = self.expected(study)
        out = self.succeeds("run", study).out
        self.assertIn("tiny: 2 cells, 2 done (2 new)", out)
        self.assertEqual(self.cell_files(), expected)
        self.assertEqual(len(self.submissions()), 1)
        self.assertIn("2 done (0 new)", self.succeeds("run", study).out)
        self.assertIn("2 cells, 2 done", self.succeeds("status", "tiny").out)
        self.succeeds("gc", "tiny")
        self.assertIn("2 done (0 new)", self.succeeds("run", study).out)

    def test_a_detached_run_goes_on_and_is_taken_up_again(self):
        study = self.study(epochs=40)
        expected = self.expected(study)
        left = self.klbench("run", study, "--detach", "--launcher-option", "cells_per_task=1")
        self.assertEqual(left.code, 0, left.err)
        self.assertIn(" vae: to be submitted", left.err)
        self.assertIn("cells go on in the batch system", left.err)
        self.assertRegex(self.succeeds("status", "tiny").out, r"queued .*job \d+,\d+, task 1")
        self.assertIn("2 done", self.succeeds("run", study).out)
        self.assertEqual(self.cell_files(), expected)
        self.assertEqual(len(self.submissions()), 1)
        self.assertEqual(sorted(self.published()), sorted(expected))

    def killed_once(self, study, there):
        """`run` is killed as soon as there are files in its submission that match `there`, and run again."""
        driver = self.start("run", study)
        self.wait_until(lambda: list((self.folder / "results/tiny").glob(f"jobs/*/{there}")))
        driver.kill()
        driver.wait()
        self.succeeds("run", study)

    def test_a_driver_that_dies_neither_forgets_nor_doubles(self):
        study = self.study(epochs=40)
        expected = self.expected(study)
        self.killed_once(study, "job")
        self.assertEqual(self.cell_files(), expected)
        self.assertEqual(len(self.submissions()), 1)
        self.assertEqual(sorted(self.published()), sorted(expected))

    def test_a_driver_that_dies_before_it_knows_the_job_publishes_each_cell_once(self):
        """A system that cannot be asked by name: the cells go out again, beside those that run."""
        hesitating = SCRIPT.replace("& echo $!", "& echo $!; if [ ! -e asked ]; then touch asked; sleep 20; fi")
        study = self.tiny_study(more=hesitating, seeds=1, epochs=40)
        expected = self.expected(study)
        self.killed_once(study, "*.started")
        self.assertEqual(self.cell_files(), expected)
        self.assertEqual(len(self.submissions()), 2)
        self.assertEqual(sorted(self.published()), sorted(expected))

    def test_options_are_checked_before_anything_runs(self):
        for option, said in {"cells_per_task=0": "wants auto or a number of cells, got '0'",
                             "cells_per_task=some": "got 'some'"}.items():
            self.assertIn(said, self.refused("run", self.study(), "--launcher-option", option))
        for option, said in {"time: 2h": "'time' wants minutes, hours:minutes:seconds or days-hours, e.g. 4:00:00, got '2h'",
                             "memory: lots": "'memory' wants megabytes or a size with K, M, G or T, e.g. 2G, got 'lots'"}.items():
            study = self.tiny_study(more=f"launcher: {{name: slurm, {option}}}\n")
            self.assertRegex(self.refused("plan", study), rf"{study}:\d+:11: launcher slurm: {re.escape(said)}")
        good = "launcher: {name: slurm, time: 1-02:00, memory: 2G, cells_per_task: auto}\n"
        self.succeeds("plan", self.tiny_study(more=good))

    def test_a_request_to_stop_leaves_the_cells_running(self):
        study = self.study(epochs=60)
        driver = self.start("run", study)
        self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.checkpoint")))
        driver.send_signal(signal.SIGINT)
        out, err = driver.communicate(timeout=30)
        self.assertEqual(driver.returncode, 130, err)
        self.assertIn("cells go on in the batch system", err)
        self.assertIn("2 done", self.succeeds("run", study).out)
        self.assertEqual(len(self.submissions()), 1)

    def test_a_request_to_stop_does_not_wait_for_a_system_that_hangs(self):
        """The signal is sent to the driver alone; in a terminal the hanging command would get it, too."""
        hanging = re.sub("poll: .*", "poll: 'touch asked; sleep 100'", SCRIPT)
        driver = self.start("run", self.tiny_study(more=hanging, seeds=1, epochs=60))
        self.wait_until((self.folder / "asked").exists)
        driver.send_signal(signal.SIGTERM)
        _, err = driver.communicate(timeout=30)
        self.assertEqual(driver.returncode, 143, err)
        self.assertIn("cells go on in the batch system", err)
        self.assertIn("2 done", self.succeeds("run", self.study(epochs=60)).out)
        self.assertEqual(len(self.submissions()), 1)

    def test_cancel_ends_the_jobs_at_a_checkpoint(self):
        study = self.study(epochs=300)
        self.succeeds("run", study, "--detach")
        self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.checkpoint")))
        self.assertIn("jobs of 2 cells", self.succeeds("cancel", study).out)
        tasks = [int(path.read_text().split()[1]) for path in (self.folder / "results/tiny").glob("jobs/*/*.started")]
        self.wait_until(lambda: not any(alive(pid) for pid in tasks if pathlib.Path(f"/proc/{pid}").exists()))
        self.assertNotIn("queued", self.succeeds("status", "tiny").out)
        self.assertEqual(self.cell_files(), {})
        self.assertRegex(self.succeeds("logs", "tiny", next((self.folder / "results/tiny").glob("*.log")).stem[:8]).out,
                         "attempt 1")

    def test_a_task_that_is_lost_goes_out_again(self):
        study = self.study(epochs=60)
        expected = self.expected(study)
        driver = self.start("run", study)
        self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.checkpoint")))
        for path in (self.folder / "results/tiny").glob("jobs/*/*.started"):
            os.killpg(int(path.read_text().split()[1]), signal.SIGKILL)
        out, err = driver.communicate(timeout=90)
        self.assertEqual(driver.returncode, 0, err)
        self.assertIn("submitted again", out + err)
        self.assertEqual(self.cell_files(), expected)

    def test_a_cell_that_another_process_is_at_is_waited_for(self):
        """A task that the system believes dead and that runs on beside its second start."""
        study = self.study(epochs=60)
        expected = self.expected(study)
        self.succeeds("run", study, "--detach")
        self.wait_until(lambda: list((self.folder / "results/tiny").glob("*.checkpoint")))
        (submission,) = self.submissions()
        second = self.klbench("task", submission, 0)
        self.assertEqual(second.code, 0, second.err)
        self.succeeds("run", study)
        self.assertEqual(self.cell_files(), expected)
        self.assertEqual(sorted(self.published()), sorted(expected))

    def test_launchers_are_named_by_study_command_line_and_user(self):
        self.environment["XDG_CONFIG_HOME"] = str(self.folder / "config")
        study = self.study()
        self.assertIn("'nowhere'", self.refused("run", study, "--launcher", "nowhere"))
        self.assertIn("did you mean 'submit'", self.refused("run", study, "--launcher-option", "sumbit=x"))
        self.assertIn("wants NAME=VALUE", self.refused("run", study, "--launcher-option", "time"))
        self.assertIn("--detach wants a launcher", self.refused("run", study, "--launcher", "local", "--detach"))
        self.assertIn("'submit' is missing", self.refused("run", self.tiny_study("other"), "--launcher", "script"))
        bad = self.tiny_study("bad", more="launcher: {name: slurm, partitoin: x}\n")
        for command in ("plan", "run"):
            self.assertRegex(self.refused(command, bad), r"bad.yaml:\d+:\d+: unknown option of slurm 'partitoin'")
        self.write("config/klbench/launchers.yaml", "mine:" + SCRIPT[len("launcher:"):].replace("\n", "\n  "))
        out = self.succeeds("run", self.tiny_study("plain"), "--launcher", "mine").out
        self.assertIn("4 done (4 new)", out)
        self.assertTrue((self.folder / "results/plain/jobs").exists())
        self.write("config/klbench/launchers.yaml", "mine: {name: slrm}")
        self.assertRegex(self.refused("run", study, "--launcher", "mine"), r"launchers.yaml:1:\d+: unknown launcher 'slrm'")
        self.assertIn("slurm", self.succeeds("list", "launchers").out)
        self.assertIn("array_limit", self.succeeds("describe", "slurm").out)

    def test_a_submission_that_is_none_is_refused(self):
        self.write("jobs/x/cells.json", "[[")
        self.assertIn("damaged", self.refused("task", "jobs/x", 0))
        self.assertIn("no such file", self.refused("task", "jobs", 0))
        self.write("jobs/y/cells.json", "[]")
        self.assertIn("has 0 tasks", self.refused("task", "jobs/y", 0))


if __name__ == "__main__":
    unittest.main()
