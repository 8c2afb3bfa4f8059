#!/usr/bin/python3
"""Injects faults into klbench and counts what they break; every column of the table but the second must be 0.

  run.py --quick                          some of every kind (a minute)
  run.py --full --out build/faults.csv    all of them
  run.py --full --only kill,power_loss    some kinds"""
import argparse
import concurrent.futures
import csv
import errno
import os
import pathlib
import re
import signal
import sys
import time

import damage
import power_loss
import stops
from lab import (PLUGIN, STUDY_ARGUMENTS, Fault, Scratch, Tally, forget_references, journal_records, random_of, read_log,
                 study_text, trace, undisturbed, workers_of)

COLUMNS = ["fault", "injected", "lost_epochs", "partial_files", "different_files", "crashes", "hangs"]
ONE = study_text()
SIZES = {
    "quick": dict(kill=4, stops=6, stop_seeds=1, kills=8, kill_seeds=1, images=12, errors=1, drivers=2, methods=2,
                  ways=["segfault", "exit_0", "exit_7", "throw", "nan"],
                  damage=dict(verified=130, finished=(1, 1), study=(3, 1), running=(2, 2))),
    "full": dict(kill=None, stops=1000, stop_seeds=20, kills=300, kill_seeds=20, images=300, errors=None, drivers=50,
                 methods=3,
                 ways=["segfault", "exit_0", "exit_7", "abort", "throw", "hang", "leak", "nan"],
                 damage=dict(verified=4000, finished=(2, 20), study=(150, 1), running=(12, 20))),
}


def some(items, count):
    """`count` of them, spread evenly; all where it is None."""
    items = list(items)
    if count is None or count >= len(items):
        return items
    return [items[(2 * i + 1) * len(items) // (2 * count)] for i in range(count)]


def kill_cell(fault):
    """A cell's process dies at a call; the cell goes on from there."""
    finished, reference = undisturbed(ONE)
    cell = next(iter(reference))
    with Scratch(ONE) as scratch:
        scratch.cells.mkdir()
        config = f"{cell}.config.yaml"
        (scratch.cells / config).write_bytes((finished.cells / config).read_bytes())
        killed = scratch.cell(cell, fault)
        scratch.tally.expect(killed.code == -signal.SIGKILL, f"{fault}: not killed")
        scratch.tally.injected += 1
        scratch.recover(reference, str(fault))
        return scratch.tally


def kill_driver(fault):
    _, reference = undisturbed(ONE)
    with Scratch(ONE) as scratch:
        killed = scratch.study("run", fault=fault)
        scratch.tally.expect(killed.code == -signal.SIGKILL, f"{fault}: not killed")
        scratch.tally.injected += 1
        time.sleep(0.05)  # its worker dies with it
        scratch.recover(reference, str(fault), verify=True)
        return scratch.tally


def kill_trials(size):
    for command, trial in [("cell", kill_cell), ("run", kill_driver)]:
        calls = trace(ONE, command)
        whole = [Fault("kill", command, number + 1) for number in range(len(calls))]
        torn = [Fault("tear", command, number + 1) for number, (call, _) in enumerate(calls) if call == "write"]
        for fault in some(whole, size["kill"]) + some(torn, size["kill"] and size["kill"] // 2):
            yield lambda trial=trial, fault=fault: trial(fault)


def random_kills(size):
    """Workers and drivers die at random moments of studies of many cells, until there were enough deaths."""
    random = random_of("kills")
    text = study_text(6, "[vae, bn_vae]", f"{{range: [0, {size['kill_seeds']}]}}")
    _, reference = undisturbed(text, "--workers", "2")
    tally = Tally()
    while tally.injected < size["kills"]:
        deaths = []
        with Scratch(text) as scratch:
            while scratch.tally.injected + tally.injected < size["kills"] and len(scratch.published()) < len(reference):
                kill_in_one_run(scratch, reference, random, size["kills"] - tally.injected, deaths)
            scratch.recover(reference, "random kills", "--workers", "2", verify=True)
            for cell, epochs, log_end in deaths:
                scratch.count_lost(cell, epochs, log_end, "random kills")
            lines = (scratch.cells / "manifest.tsv").read_text().split("\n")
            times = [sum(line.startswith(cell + "\t") for line in lines) for cell in reference]
            scratch.tally.expect(set(times) == {1}, f"random kills: cells published {times} times")
            tally.add(scratch.tally)
    return tally


def kill_in_one_run(scratch, reference, random, enough, deaths):
    """One driver, whose workers are killed now and then until it is killed itself or ends."""
    process = scratch.start("run", *STUDY_ARGUMENTS, "--workers", "2", "--retries", "1000")
    while process.poll() is None and scratch.tally.injected < enough:
        wait_for_a_moment(scratch, random)
        victims = workers_of(process.pid)
        if random.random() < 0.25:
            process.kill()
        elif victims:
            victims = [random.choice(victims)]
            os.kill(victims[0][0], signal.SIGKILL)
        else:
            continue
        scratch.tally.injected += 1
        wait_for_the_end(victims)
        deaths += [death_of(scratch, cell) for _, cell in victims]
        scratch.check_published(reference, "random kills")
    if process.poll() is None:
        process.kill()
        wait_for_the_end(workers_of(process.pid))
    process.communicate()


def wait_for_the_end(workers):
    """Of processes that are being killed."""
    end = time.monotonic() + 10
    while any(is_alive(pid) for pid, _ in workers) and time.monotonic() < end:
        time.sleep(0.002)


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def death_of(scratch, cell):
    """(cell, acknowledged epochs, where its log ends) when its worker died; 0 epochs where it has a result."""
    journal, log = scratch.cells / f"{cell}.journal", scratch.cells / f"{cell}.log"
    has_result = (scratch.cells / f"{cell}.h5").exists()
    epochs = journal_records(journal.read_bytes()) if journal.exists() and not has_result else 0
    return cell, epochs, log.stat().st_size if log.exists() else 0


def wait_for_a_moment(scratch, random):
    """A random time, or until some cell has just begun its journal, and a little more."""
    if random.random() < 0.5:
        time.sleep(random.uniform(0.1, 1.2))
        return
    begin = time.time_ns()
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if any(newer(path, begin) for path in scratch.cells.glob("*.journal")):
            break
        time.sleep(0.002)
    time.sleep(random.uniform(0, 0.06))


def newer(path, begin):
    try:
        return path.stat().st_mtime_ns > begin
    except FileNotFoundError:
        return False


def missing_calls(kind, numbers):
    """The whole study on a file system that lacks a system call."""
    for number in numbers:
        def trial(number=number):
            text = study_text(seeds="[0, 1]")
            _, reference = undisturbed(text)
            with Scratch(text) as scratch:
                scratch.tally.injected += 1
                fault = Fault(kind, error=number)
                result = scratch.study("run", fault=fault)
                scratch.tally.expect(result.code == 0, f"{fault}: {result.text[-400:]}")
                scratch.check_final(reference, str(fault))
                return scratch.tally
        yield trial


def power_trials(size):
    _, reference = undisturbed(ONE)
    with Scratch(ONE) as scratch:
        log = scratch.folder / "calls"
        scratch.study("run", fault=Fault("log", log=str(log)))
        calls, root = read_log(log), str(scratch.data / "results")
    calls = [call for call in calls if (call[1] + "/").startswith(root + "/")]
    for number in range(size["images"]):
        yield lambda number=number: power_loss_image(calls, root, reference, number)


def power_loss_image(calls, root, reference, number):
    random = random_of(f"image {number}")
    at = random.randint(1, len(calls))
    disk = power_loss.Disk(root)
    for call in calls[:at]:
        disk.do(*call)
    cell = next(iter(reference))
    journal = disk.now.get(f"{root}/s/{cell}.journal")
    with Scratch(ONE) as scratch:
        scratch.tally.injected += 1
        power_loss.write_image(disk.image(random), root, scratch.data / "results")
        acknowledged = {cell: journal_records(journal.safe)} if journal else {}
        scratch.recover(reference, f"image {number}, power lost after call {at}", acknowledged=acknowledged,
                        verify=number % 4 == 0)
        return scratch.tally


def error_trials(size, number, refused):
    for command in ("cell", "run"):
        points = [at + 1 for at, (call, _) in enumerate(trace(ONE, command)) if call in refused]
        for at in some(points, size["errors"]):
            yield lambda command=command, at=at: error_trial(Fault("fail", command, at, number))


def error_trial(fault):
    """From one call on the disk refuses: a clear end with the path, nothing finished is harmed, a rerun mends it."""
    finished, before = undisturbed(study_text(seeds="[7]"))
    both = study_text(seeds="[7, 0]")
    _, reference = undisturbed(both)
    with Scratch(both, copy_of=finished) as scratch:
        scratch.tally.injected += 1
        result = scratch.study("run", fault=fault)
        complete = scratch.published() == reference
        scratch.tally.expect(result.code == 1 or (result.code == 0 and complete),
                             f"{fault}: exit code {result.code}: {result.text[-300:]}")
        scratch.tally.expect(result.code == 0 or "data/" in result.text, f"{fault}: no path in {result.text[-300:]}")
        scratch.tally.expect(all(scratch.published().get(cell) == data for cell, data in before.items()),
                             f"{fault}: earlier results are harmed")
        scratch.recover(reference, str(fault))
        return scratch.tally


def two_drivers(number):
    text = study_text(seeds="{range: [0, 2]}")
    _, reference = undisturbed(text)
    with Scratch(text) as scratch:
        scratch.tally.injected += 1
        both = [scratch.start("run", *STUDY_ARGUMENTS), scratch.start("run", *STUDY_ARGUMENTS)]
        results = [scratch.end(process) for process in both]
        codes = sorted(result.code for result in results)
        scratch.tally.expect(codes in ([0, 0], [0, 1]), f"two drivers end with {codes}: {[r.text for r in results]}")
        for result, other in zip(results, reversed(both)):
            scratch.tally.expect(result.code == 0 or f"locked by process {other.pid} " in result.text,
                                 f"two drivers: the second does not name the first, {other.pid}: {result.text}")
        scratch.check_final(reference, f"two drivers, {number}")
        lines = (scratch.cells / "manifest.tsv").read_text().split("\n")
        doubled = [cell for cell in reference if sum(line.startswith(cell) for line in lines) != 1]
        scratch.tally.expect(not doubled, f"two drivers: {doubled} not published once")
        return scratch.tally


def failing_cells(size):
    ways = size["ways"]
    _, reference = undisturbed(study_text(regularizers="[vae, bn_vae]"))
    text = study_text(regularizers=f"[vae, {{name: failing, how: [{', '.join(ways)}]}}, bn_vae]",
                      more=f"plugins: [{PLUGIN}]\n")
    limits = ["--timeout", "30", "--max-rss", "1000", "--workers", "2"]
    with Scratch(text) as scratch:
        result = scratch.start("run", *STUDY_ARGUMENTS, *limits)
        output, _ = result.communicate(timeout=300)
        scratch.tally.injected += len(ways)
        scratch.tally.expect(result.returncode == 1, f"failing cells: exit code {result.returncode}")
        for way in ways:
            scratch.tally.expect(re.search(rf"(?m)^  (failed|diverged) [0-9a-f]+ failing how={way}: .", output),
                                 f"failing cells: no reason for {way}: {output[-900:]}")
        published = scratch.published()
        scratch.tally.different_files += sum(published.get(cell) != data for cell, data in reference.items())
        times = {cell: (scratch.cells / f"{cell}.h5").stat().st_mtime_ns for cell in reference}
        again = scratch.start("run", *STUDY_ARGUMENTS, "--only", "failed", *limits)
        output, _ = again.communicate(timeout=300)
        failing = len(ways) - ("nan" in ways)
        scratch.tally.expect(len(re.findall(r": started, attempt 2", output)) == failing and
                             len(re.findall(r": started", output)) == failing, f"--only failed runs others: {output}")
        scratch.tally.expect(times == {cell: (scratch.cells / f"{cell}.h5").stat().st_mtime_ns for cell in reference},
                             "--only failed touches finished cells")
        return scratch.tally


def workers_trials(size):
    names = ["vae", "bn_vae", "sym_bn_vae"][:size["methods"]]
    _, reference = undisturbed(study_text(regularizers=f"[{', '.join(names)}]", seeds="[0, 1]"))
    for workers in (1, 2, 4):
        def trial(workers=workers):
            shuffled = list(names)
            random_of(f"order {workers}").shuffle(shuffled)
            with Scratch(study_text(regularizers=f"[{', '.join(shuffled)}]", seeds="[1, 0]")) as scratch:
                scratch.tally.injected += 1
                scratch.recover(reference, f"{workers} workers", "--workers", str(workers), verify=True)
                return scratch.tally
        yield trial


KINDS = {
    "kill": kill_trials,
    "signals": stops.trials,
    "storm": stops.storms,
    "no_folder_sync": lambda size: missing_calls("no_folder_sync", [errno.EINVAL, errno.ENOTSUP]),
    "no_flock": lambda size: missing_calls("no_flock", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP]),
    "random_kill": lambda size: [lambda: random_kills(size)],
    "power_loss": power_trials,
    "disk_full": lambda size: error_trials(size, errno.ENOSPC, ("write", "create", "mkdir")),
    "file_too_large": lambda size: error_trials(size, errno.EFBIG, ("write",)),
    "read_only": lambda size: error_trials(size, errno.EROFS, ("write", "create", "open", "mkdir", "rename", "remove")),
    "io_error": lambda size: error_trials(size, errno.EIO, ("write", "sync")),
    "damaged_files": lambda size: damage.trials(random_of, size["damage"], trace(ONE, "cell")),
    "two_drivers": lambda size: [lambda number=number: two_drivers(number) for number in range(size["drivers"])],
    "failing_cells": lambda size: [lambda: failing_cells(size)],
    "order_and_workers": workers_trials,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--quick", dest="size", action="store_const", const="quick", default="quick")
    amount.add_argument("--full", dest="size", action="store_const", const="full")
    parser.add_argument("--only", default=",".join(KINDS), help="kinds, separated by commas")
    parser.add_argument("--out", help="CSV file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    # nohup ignores HUP, and a shell's `&` INT: runs would inherit that and not stop, or not yet, where one comes early.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    rows, good = [], True
    print(f"{COLUMNS[0]:18}", *COLUMNS[1:], flush=True)
    for kind in arguments.only.split(","):
        begin = time.monotonic()
        tally = Tally()
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            trials = [pool.submit(trial) for trial in KINDS[kind](SIZES[arguments.size])]
            for future in concurrent.futures.as_completed(trials):
                tally.add(future.result())
                if time.monotonic() - begin > 60:  # a campaign that is broken off has shown something, too
                    print(f"  {kind} so far:", *tally.numbers(), file=sys.stderr, flush=True)
        rows.append([kind, *tally.numbers()])
        good = good and tally.good() and tally.injected > 0
        seconds = time.monotonic() - begin
        print("{:18} {:8} {:11} {:13} {:15} {:7} {:5}".format(*rows[-1]), f"  ({seconds:.0f} s)", flush=True)
        for note in tally.notes[:20]:
            print("  " + note.replace("\n", "\n    "), flush=True)
    forget_references()
    if arguments.out:
        with open(arguments.out, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
