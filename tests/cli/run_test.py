"""Runs of tiny studies: training once, resuming, workers, signals, locks, failures."""
import json
import shutil
import struct

from harness import *


class Run(CliTest):
    def test_a_study_is_trained_once_and_collected(self):
        study = self.tiny_study()
        first = self.succeeds("run", study)
        self.assertIn("tiny: 4 cells, 4 done (4 new)", first.out)
        files = self.cell_files()
        self.assertEqual(len(files), 4)
        times = {path: path.stat().st_mtime_ns for path in (self.folder / "results").rglob("*.h5")}
        self.assertIn(self.folder / "results" / "tiny.h5", times)
        second = self.succeeds("run", study)
        self.assertIn("4 done (0 new)", second.out)
        self.assertEqual(times, {path: path.stat().st_mtime_ns for path in (self.folder / "results").rglob("*.h5")})
        self.succeeds("verify", "tiny")
        self.assertIn("done", self.succeeds("status", "tiny").out)

    def test_the_file_of_a_study_names_its_folder_too(self):
        self.trained(self.tiny_study())
        (self.folder / "results").rename(self.folder / "moved")
        self.assertIn("4 done (0 new)", self.succeeds("run", "moved/tiny.h5").out)
        self.assertFalse((self.folder / "results").exists())

    def test_a_folder_that_is_none_is_refused(self):
        study = self.tiny_study()
        self.assertIn("--results: wants a path, got ''", self.refused("run", study, "--results", ""))
        self.assertIn("tiny.yaml: a file, where a folder is wanted", self.refused("run", study, "--results", study))
        self.assertIn("File name too long", self.refused("status", study, "--results", "r" * 300, code=1))

    def test_growing_a_grid_keeps_finished_cells(self):
        self.trained(self.tiny_study(seeds=1))
        before = self.cell_files()
        self.assertIn("3 done (1 new)", self.succeeds("run", self.tiny_study(seeds=1, regularizers="[vae, bn_vae, ln_vae]")).out)
        after = self.cell_files()
        self.assertEqual(len(after), 3)
        self.assertEqual(before, {cell: after[cell] for cell in before})

    def test_workers_do_not_change_the_numbers(self):
        study = self.tiny_study()
        self.succeeds("run", study, "--results", "one", "--workers", "1")
        self.succeeds("run", study, "--results", "two", "--workers", "2")
        self.assertEqual(self.cell_files(results="one"), self.cell_files(results="two"))
        one, two = ([row for row in self.succeeds("export", f"{name}/tiny.h5", "--format", "csv").out.splitlines()
                     if ",cost," not in row] for name in ("one", "two"))
        self.assertGreater(len(one), 100)
        self.assertEqual(one, two)

    def test_retrain_trains_again_and_gives_the_same_bytes(self):
        study = self.tiny_study(seeds=1)
        self.trained(study)
        before = self.cell_files()
        stamps = {path: path.stat().st_ino for path in (self.folder / "results/tiny").glob("*.h5")}
        self.assertIn("2 done (2 new)", self.succeeds("run", study, "--retrain").out)
        self.assertEqual(before, self.cell_files())
        for path, inode in stamps.items():
            self.assertNotEqual(path.stat().st_ino, inode)

    def test_a_lost_manifest_is_rebuilt_from_verified_cells(self):
        study = self.tiny_study(seeds=1)
        self.trained(study)
        (self.folder / "results/tiny/manifest.tsv").unlink()
        self.assertIn("2 done (0 new)", self.succeeds("run", study).out)
        manifest = (self.folder / "results/tiny/manifest.tsv").read_text()
        self.assertEqual([manifest.count(cell) for cell in self.cell_files()], [1, 1])

    def test_a_damaged_cell_is_found_and_trained_again(self):
        study = self.tiny_study(seeds=1)
        self.trained(study)
        before = self.cell_files()
        victim = next((self.folder / "results/tiny").glob("*.h5"))
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 0xFF
        victim.write_bytes(data)
        self.assertEqual(self.klbench("verify", "tiny").code, 1)
        again = self.succeeds("run", study)
        self.assertIn("2 done (1 new)", again.out)
        self.assertIn("not usable", again.err)
        self.assertEqual(before, self.cell_files())

    def test_export_and_show_read_the_collected_file(self):
        self.trained(self.tiny_study(seeds=1))
        lines = self.succeeds("export", "results/tiny.h5").out.splitlines()
        self.assertTrue(lines[0].startswith("study,cell,label,regularizer,"))
        self.assertGreater(len(lines), 10)
        self.assertTrue(json.loads(self.succeeds("export", "tiny", "--format", "json").out))
        self.assertIn("bn_vae", self.succeeds("show", "tiny").out)
        (self.folder / "results/tiny.h5").unlink()
        self.succeeds("collect", "tiny")
        self.succeeds("verify", "results/tiny.h5")


class KeptCells(CliTest):
    def test_samples_reconstructions_and_interpolations_of_a_kept_model(self):
        self.trained(self.tiny_study(seeds=1, regularizers="[bn_vae]", more="keep: {model: true}\n"))
        model = next((self.folder / "results/tiny").glob("*.model"))
        samples = self.succeeds("sample", model, "--count", "4").out
        self.assertEqual(len(samples.splitlines()), 4)
        self.assertEqual(samples, self.succeeds("sample", str(model)[:-len(".model")], "--count", "4").out)
        pairs = self.succeeds("reconstruct", model, "--count", "100", "--first", "10").out.splitlines()
        self.assertEqual([len(pair.split("\t")) for pair in pairs], [2] * 6)  # 16 test sentences
        ends = self.succeeds("reconstruct", model, "--count", "2").out.splitlines()
        line = self.succeeds("interpolate", model, "--steps", "3").out.split("\n")
        self.assertEqual([line[0], line[2]], [pair.split("\t")[1] for pair in ends])
        self.assertIn("0 to 15", self.refused("interpolate", model, "--to", "16"))
        self.assertIn("keep.model", self.refused("sample", "results/tiny/none"))

    def picture(self, *arguments):
        """A plain PGM as rows of grey values."""
        magic, size, white, *lines = self.succeeds(*arguments).out.splitlines()
        self.assertEqual((magic, white), ("P2", "255"))
        self.assertLess(max(map(len, lines)), 70)
        width, height = map(int, size.split())
        values = [int(value) for line in lines for value in line.split()]
        self.assertEqual(len(values), width * height)
        return [values[row * width:(row + 1) * width] for row in range(height)]

    def test_pictures_of_a_kept_model_of_images(self):
        height, width, count = 6, 5, 20
        grey = bytes(255 * ((i + i // 7) % 3 == 0) for i in range(height * width * count))
        for split in ("train", "valid", "test"):
            (self.folder / split).write_bytes(struct.pack(">IIII", 0x803, count, height, width) + grey)
        (self.folder / "images.yaml").write_text("""study: images
data: {name: idx_images, train: train, valid: valid, test: test, binarise: threshold}
model: {latent_dim: 2}
trainer: {epochs: 1}
eval: {nll_samples: 2}
keep: {model: true}
sweep: {regularizer: [vae]}
""")
        self.succeeds("run", "images.yaml")
        drawn = self.picture("sample", "images/", "--count", "12")  # 10 and 2, 2 grey pixels between them
        self.assertEqual((len(drawn), len(drawn[0])), (2 * (height + 2) - 2, 10 * (width + 2) - 2))
        self.assertEqual({drawn[height][0], drawn[0][width]}, {128})
        pairs = self.picture("reconstruct", "images/", "--count", "3", "--first", "1")
        for row in range(height):
            for example in range(3):
                begin = (example + 1) * height * width + row * width
                self.assertEqual(pairs[row][example * (width + 2):][:width], list(grey[begin:begin + width]))
        line = self.picture("interpolate", "images/", "--from", "1", "--to", "3", "--steps", "4")
        self.assertEqual([row[:width] for row in line], [row[:width] for row in pairs[height + 2:]])
        self.assertEqual([row[-width:] for row in line], [row[-width:] for row in pairs[height + 2:]])


    def test_collect_keeps_what_only_the_studys_file_holds(self):
        study = self.tiny_study(seeds=1)
        self.trained(study)
        whole = (self.folder / "results/tiny.h5").read_bytes()
        first, second = sorted((self.folder / "results/tiny").glob("*.h5"))
        first.unlink()
        result = self.succeeds("collect", study)
        self.assertIn("2 of 2 cells", result.out)
        self.assertIn(f"{first.stem}: kept from", result.err)
        self.assertEqual((self.folder / "results/tiny.h5").read_bytes(), whole)
        second.write_bytes(second.read_bytes()[:-100])
        result = self.klbench("collect", study)
        self.assertEqual(result.code, 1)
        self.assertIn(f"damaged: {second.relative_to(self.folder)}", result.out)
        self.assertIn("2 of 2 cells", result.out)

    def test_a_smaller_grid_says_what_its_file_leaves_out_and_how_it_came_about(self):
        study = self.tiny_study(seeds=1)
        self.trained(study)
        result = self.succeeds("run", study, "--set", "regularizer=vae")
        self.assertIn("1 cells that are not in this grid are left out; they stay in results/tiny", result.err)
        self.assertIn(b"# --set regularizer=vae", (self.folder / "results/tiny.h5").read_bytes())
        self.assertIn("2 done (0 new)", self.succeeds("run", study).out)

    def test_cells_that_only_the_study_file_has_outlive_a_smaller_grid(self):
        study = self.tiny_study(seeds=1)
        self.trained(study)
        file, folder = self.folder / "results/tiny.h5", self.folder / "results/tiny"
        whole = file.read_bytes()
        for smaller in (["collect"], ["run"]):
            shutil.rmtree(folder)
            result = self.succeeds(*smaller, study, "--set", "regularizer=vae")
            self.assertIn("1 cells that are not in this grid are left out; they stay in results/tiny", result.err)
            self.assertIn("2 done (0 new)", self.succeeds("run", study).out)
            self.assertEqual(file.read_bytes(), whole)
            self.succeeds("verify", study)

    def test_a_mistyped_metric_of_a_figure_is_found_before_anything_runs(self):
        study = self.tiny_study(more="  - {name: t, kind: table, metric: [kl, nlll]}\n")
        self.assertIn("figure 't': unknown metric on test 'nlll' (did you mean 'nll'?)", self.refused("run", study))


class Failures(CliTest):
    def test_a_cell_over_its_time_fails_and_the_others_go_on(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]", epochs=1000000)
        result = self.klbench("run", study, "--timeout", "3")
        self.assertEqual(result.code, 1)
        self.assertIn("timed out after 3 s", result.out)
        self.assertIn("1 failed", result.out)
        status = self.succeeds("status", study).out
        self.assertIn("failed", status)
        self.assertIn("timed out", status)

    def test_divergence_is_a_result_and_not_trained_twice(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]")
        setting = ["--set", "trainer.lr=1e30", "--set", "trainer.clip=0", "--set", "trainer.epochs=3"]
        first = self.klbench("run", study, *setting)
        self.assertEqual(first.code, 1, first.err)
        self.assertIn("1 diverged", first.out)
        again = self.klbench("run", study, *setting)
        self.assertEqual(again.code, 1)
        self.assertIn("1 diverged", again.out)
        self.assertIn("(0 new)", again.out)

    def test_a_driver_that_cannot_write_says_where(self):
        study = self.tiny_study(seeds=1)
        self.write("results", "a file, not a folder")
        self.assertIn("results: a file, where a folder is wanted", self.refused("run", study))

    def test_only_selects(self):
        study = self.tiny_study(seeds=1)
        self.assertIn("0 done (0 new)", self.klbench("run", study, "--only", "failed").out)
        self.assertIn("2 done (2 new)", self.succeeds("run", study, "--only", "missing").out)


class Interruptions(CliTest):
    def long_study(self, **options):
        return self.tiny_study(epochs=9, seeds=1, train_size=2000, **options)

    def start_and_wait(self, study, *arguments, cells=1):
        """A run of which so many cells have written a checkpoint."""
        begin = time.time_ns()
        process = self.start("run", study, *arguments)
        folder = self.folder / "results/tiny"
        fresh = lambda path: path.stat().st_mtime_ns > begin
        self.wait_until(lambda: len(list(filter(fresh, folder.glob("*.checkpoint")))) >= cells)
        return process

    def test_sigterm_stops_at_a_checkpoint_and_run_continues_bit_for_bit(self):
        study = self.long_study()
        expected = self.undisturbed(study)
        for number, code in [(signal.SIGTERM, 143), (signal.SIGINT, 130)]:
            process = self.start_and_wait(study)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, code, err)
            self.assertIn("continues", err)
        self.assertIn("interrupted", self.succeeds("status", "tiny").out)
        self.assertIn("2 done", self.succeeds("run", study).out)
        self.assertEqual(self.cell_files(), expected)
        self.assertEqual(list((self.folder / "results/tiny").glob("*.tmp*")), [])

    def test_a_second_signal_ends_everything_at_once(self):
        process = self.start_and_wait(self.tiny_study(epochs=100000, seeds=1, train_size=2000), "--workers", "2")
        workers = self.workers_of(process)
        self.assertEqual(len(workers), 2)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)  # deaf to the first
        process.send_signal(signal.SIGTERM)
        time.sleep(1.2)  # within a second it would be the same request
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 143)
        self.assertFalse(any(alive(worker) for worker in workers))

    def test_a_killed_worker_is_a_failure_that_a_retry_mends(self):
        study = self.long_study(regularizers="[vae]")
        expected = self.undisturbed(study)
        process = self.start_and_wait(study, "--retries", "1")
        os.kill(self.workers_of(process)[0], signal.SIGKILL)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("SIGKILL", err)
        self.assertEqual(self.cell_files(), expected)

    def test_a_killed_driver_takes_its_workers_along_and_leaves_a_study_that_continues(self):
        study = self.long_study()
        expected = self.undisturbed(study)
        process = self.start_and_wait(study, "--workers", "2", cells=2)
        workers = self.workers_of(process)
        process.kill()
        process.communicate()
        self.wait_until(lambda: not any(alive(worker) for worker in workers))
        self.assertIn("stale", self.succeeds("status", study).out)
        self.assertIn("2 done", self.succeeds("run", study, "--only", "interrupted", "--workers", "2").out)
        self.assertEqual(self.cell_files(), expected)

    def test_a_second_run_is_refused_naming_the_first(self):
        study = self.tiny_study(epochs=100000, seeds=1)
        process = self.start_and_wait(study)
        message = self.refused("run", study, code=1)
        self.assertIn(f"process {process.pid} ", message)
        self.assertIn("running", self.succeeds("status", study).out)


if __name__ == "__main__":
    unittest.main()
