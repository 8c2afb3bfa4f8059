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


if __name__ == "__main__":
    unittest.main()
