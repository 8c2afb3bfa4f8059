"""What a run tells while it goes on: lines, the live table, terminals of all kinds."""
import fcntl
import json
import pty
import re
import shutil
import struct
import termios
import threading

from harness import *

NUMBER = r"-?\d+\.\d\d"


class Terminal:
    """A terminal of so many columns that keeps what is written to it."""

    def __init__(self, columns):
        self.master, self.slave = pty.openpty()
        self.text = b""
        self.resize(columns)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def resize(self, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def _read(self):
        try:
            while chunk := os.read(self.master, 65536):
                self.text += chunk
        except OSError:  # the other end is closed
            pass

    def lines(self):
        return re.split(r"\r\n|\x1b\[\d+A\x1b\[J", self.text.decode())

    def close(self):
        os.close(self.slave)
        self.reader.join()
        os.close(self.master)


class Progress(CliTest):
    def long_study(self):
        return self.tiny_study(epochs=12, seeds=1, train_size=2000)

    def start_in(self, terminal, study, **environment):
        process = subprocess.Popen([PROGRAM, "run", study, "--workers", "1"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                   env=dict(self.environment, **environment), stdout=subprocess.DEVNULL,
                                   stderr=terminal.slave)
        self.addCleanup(self._end, process)
        return process

    def shown_in(self, columns, **environment):
        """What a terminal of so many columns shows of a run."""
        terminal = Terminal(columns)
        self.assertEqual(self.start_in(terminal, self.long_study(), **environment).wait(timeout=120), 0)
        terminal.close()
        return terminal

    def test_lines_hold_the_numbers_that_the_results_record(self):
        study = self.tiny_study(seeds=1, regularizers="[vae]", epochs=2)
        err = self.succeeds("run", study).err
        told = re.findall(rf"epoch (\d)/2: loss ({NUMBER}), kl ({NUMBER}), valid ELBO ({NUMBER}), \d+ tokens/s", err)
        rows = json.loads(self.succeeds("export", "tiny", "--format", "json").out)
        value = {(row["split"], row["metric"], row["epoch"]): row["value"] for row in rows}
        expected = [tuple([str(epoch)] + [f"{value[split, metric, epoch]:.2f}" for split, metric in
                                          [("train", "loss"), ("train", "kl"), ("valid", "elbo")]]) for epoch in (1, 2)]
        self.assertEqual(told, expected)
        self.assertRegex(err, r"done after \d+ s \(1/1 done\)")
        self.assertEqual(len(re.findall(r" tokens/s \(0/1 done(, ETA \d+ s)?\)\n", err)), 2)

    def test_a_resumed_cell_says_how_far_it_was(self):
        study = self.tiny_study(epochs=100000, seeds=1, regularizers="[vae]", train_size=640)
        process = self.start("run", study)
        checkpoints = lambda: list((self.folder / "results/tiny").glob("*.checkpoint"))
        self.wait_until(checkpoints)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        again = self.start("run", study)
        line = self.wait_until(lambda: re.search(r": resumed after (\d+)(\.\d+)? epochs?\n", again.stderr.readline()))
        self.assertGreaterEqual(int(line[1]), 0)

    def test_a_terminal_gets_a_table_that_redraws_itself(self):
        lines = self.shown_in(120, TERM="xterm").lines()
        heads = [line for line in lines if re.match(r"tiny, \d/2 done, 1 running, ", line)]
        self.assertTrue(heads, lines[-20:])
        self.assertTrue(any(re.search(r"ETA \d", line) for line in heads), heads)
        self.assertTrue(any(re.match(rf"  vae +epoch \d+\.\d/12  loss {NUMBER}  kl {NUMBER}  valid ELBO {NUMBER}  \d+ "
                                     r"tokens/s\Z", line) for line in lines), lines[-20:])

    def test_a_narrow_terminal_keeps_what_matters(self):
        lines = self.shown_in(20, TERM="xterm").lines()
        heads = [line for line in lines if re.match(r"\d/2", line)]
        self.assertTrue(any(re.fullmatch(r"1/2 (done, )?ETA \d+ (s|min)", line) for line in heads), heads)
        rows = [line for line in lines if re.match(r"(  (bn_)?vae  )?(epoch|starting|evaluating)", line)]
        self.assertTrue(any(re.search(r"epoch \d+\.\d/12\Z", row) for row in rows), rows)
        self.assertTrue(all(len(line) < 20 for line in heads + rows), heads + rows)

    def test_a_terminal_may_be_resized_during_a_run(self):
        terminal = Terminal(120)
        process = self.start_in(terminal, self.long_study(), TERM="xterm")
        self.wait_until(lambda: b" running, " in terminal.text)
        terminal.resize(30)
        self.wait_until(lambda: any(line.startswith(("0/2 done, ETA", "1/2 done, ETA")) for line in terminal.lines()))
        # The old table, two lines of up to 119 characters, is taken back as a terminal of 30 columns wraps it.
        self.assertRegex(terminal.text.decode(), r"\x1b\[[3-9]A\x1b\[J")
        process.terminate()
        process.wait(timeout=60)
        terminal.close()

    def test_terminals_that_cannot_move_their_cursor_get_lines(self):
        for term in ["dumb", ""]:
            text = self.shown_in(80, TERM=term).text.decode()
            self.assertNotIn("\x1b", text)
            self.assertRegex(text, r"epoch 12/12: loss")
            shutil.rmtree(self.folder / "results")

    def test_no_escapes_without_a_terminal(self):
        self.environment["TERM"] = "xterm"
        self.assertNotIn("\x1b", self.succeeds("run", self.tiny_study(seeds=1)).err)


class Watch(CliTest):
    """klbench watch: a terminal of its own, which has it as it was afterwards."""

    def setUp(self):
        super().setUp()
        self.environment.update(TERM="xterm", LC_ALL="C.UTF-8", COLORTERM="", COLUMNS="100")

    def watch(self, terminal, *arguments):
        """In the foreground of its terminal, so that keys and changes of size reach it."""
        process = subprocess.Popen([PROGRAM, "watch", *arguments], cwd=self.folder, env=self.environment,
                                   stdin=terminal.slave, stdout=terminal.slave, stderr=terminal.slave,
                                   start_new_session=True,
                                   preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def screen(terminal):
        """The lines of the last frame that is whole."""
        frames = re.findall(r"\x1b\[H(.*?)\x1b\[J", terminal.text.decode(errors="ignore"), re.S)
        return re.sub(r"\x1b\[[\d;]*[mK]", "", frames[-1]).split("\r\n") if frames else []

    def running(self):
        """A study whose first cell has some epochs and goes on."""
        self.start("run", self.tiny_study(epochs=100000, seeds=1), "--workers", "1")
        self.wait_until(lambda: [path for path in (self.folder / "results/tiny").glob("*.journal")
                                 if path.stat().st_size > 2000])

    def test_a_run_in_a_terminal(self):
        self.running()
        terminal = Terminal(100)
        before = termios.tcgetattr(terminal.slave)
        process = self.watch(terminal, "tiny", "--interval", "0.2")
        row = self.wait_until(lambda: [line for line in self.screen(terminal) if re.match(
            rf"● vae +0/1 +1 running +\d+/100000 +{NUMBER} +{NUMBER}", line)])
        self.assertTrue(row)
        lines = self.screen(terminal)
        self.assertRegex(lines[0], r"^tiny: 2 cells, 1 missing, 1 running")
        self.assertRegex(lines[3], r"^◆ bn_vae +0/1 +1 missing")
        self.assertEqual(lines[4], "KL divergence, valid (nats per example), mean over seeds")
        self.assertEqual(len(lines), 24)
        self.assertTrue(re.search("[\u2801-\u28ff●]", "".join(lines[5:])), lines)
        terminal.resize(40)
        self.wait_until(lambda: max(map(len, self.screen(terminal))) <= 40)
        self.assertTrue(any(re.match(r"● vae +0/1 +\d+/100000", line) for line in self.screen(terminal)))
        self.assertNotEqual(termios.tcgetattr(terminal.slave), before)
        os.write(terminal.master, b"\x03")
        self.assertEqual(process.wait(timeout=20), 130)
        self.assertEqual(termios.tcgetattr(terminal.slave), before)
        terminal.close()
        text = terminal.text.decode()
        self.assertTrue(text.startswith("\x1b[?1049h\x1b[?25l") and text.endswith("\x1b[?25h\x1b[?1049l"), text[-99:])

    def test_a_change_of_size_is_shown_at_once_and_q_ends_it(self):
        self.running()
        terminal = Terminal(100)
        process = self.watch(terminal, "tiny", "--interval", "600", "--metric", "loss", "--split", "train")
        self.wait_until(lambda: "training loss, train (nats per example), mean over seeds" in self.screen(terminal))
        terminal.resize(50)
        self.wait_until(lambda: max(map(len, self.screen(terminal))) <= 50)
        os.write(terminal.master, b"q")
        self.assertEqual(process.wait(timeout=20), 0)
        terminal.close()

    def test_plain_text_in_a_pipe(self):
        self.trained(self.tiny_study())
        rows = json.loads(self.succeeds("export", "tiny", "--format", "json").out)
        value = lambda metric, method: sum(row["value"] for row in rows if (row["split"], row["metric"], row["epoch"],
                                           row["regularizer"]) == ("valid", metric, 2, method)) / 2
        out = self.succeeds("watch", "tiny").out
        self.assertNotIn("\x1b", out)
        lines = out.splitlines()
        self.assertEqual(lines[0], "tiny: 4 cells, 4 done")
        self.assertEqual(lines[1].split("  ")[-2:], ["valid KL", "valid ELBO"])
        for line, marker, method in [(lines[2], "●", "vae"), (lines[3], "◆", "bn_vae")]:
            self.assertEqual(line.split(), [marker, method, "2/2", "2/2", f"{value('kl', method):.2f}",
                                            f"{value('elbo', method):.2f}"])
        self.environment["LC_ALL"] = "C"
        self.assertTrue(self.succeeds("watch", "tiny.yaml").out.isascii())
        terminal = Terminal(100)  # over: nothing to wait for
        self.assertEqual(self.watch(terminal, "tiny").wait(timeout=20), 0)
        terminal.close()
        self.assertIn("tiny: 4 cells, 4 done", terminal.text.decode())
        for path in (self.folder / "results/tiny").iterdir():
            if path.name != "plan.json":
                path.unlink() if path.is_file() else shutil.rmtree(path)
        self.assertEqual(self.succeeds("watch", "tiny").out.splitlines()[0], "tiny: 4 cells, 4 collected")

    def test_what_cannot_be_watched(self):
        self.assertIn("did you mean 'kl'?", self.refused("watch", "tiny", "--metric", "klx"))
        self.assertIn("no study 'tiny'", self.refused("watch", "tiny"))
        (self.folder / "results").mkdir()
        (self.folder / "results" / "tiny.h5").touch()
        self.assertIn("there is only results/tiny.h5", self.refused("watch", "tiny"))
        self.refused("watch", "tiny", "--interval", "0")


if __name__ == "__main__":
    unittest.main()
