"""Stops by the signals that people and machines send, and storms of signals that mean nothing."""
import os
import re
import signal
import subprocess
import time

from lab import STUDY_ARGUMENTS, Fault, Scratch, Tally, random_of, study_text, undisturbed, workers_of

STOPS_OF_A_STUDY = 200


def trials(size):
    """Studies of 2 x stop_seeds cells (40 in full), each stopped again and again at random moments by the signals that
    people and machines send; it ends with the bytes of an undisturbed one."""
    text = study_text(10, "[vae, bn_vae]", f"{{range: [0, {size['stop_seeds']}]}}", width=256)
    for number in range(-(-size["stops"] // STOPS_OF_A_STUDY)):
        stops = min(STOPS_OF_A_STUDY, size["stops"] - number * STOPS_OF_A_STUDY)
        yield lambda number=number, stops=stops: stop_study(text, stops, random_of(f"stops {number}"))


def stop_study(text, stops, random):
    _, reference = undisturbed(text, "--workers", "2")
    tally = Tally()
    while tally.injected < stops:
        with Scratch(text) as scratch:
            while tally.injected + scratch.tally.injected < stops and len(scratch.published()) < len(reference):
                stop_one_run(scratch, random, len(reference))
                scratch.check_published(reference, "stops")
            scratch.recover(reference, "stops", "--workers", "2", verify=True)
            tally.add(scratch.tally)
    return tally


def stop_one_run(scratch, random, cells):
    """One run, stopped by a signal to the driver, by timeout(1), which signals twice, or by a signal to a worker; it
    counts where the run did not end before."""
    number = random.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
    wait = random.uniform(0.3, 1.3)
    way = random.choice(["driver", "driver", "timeout", "worker"])
    under = ["timeout", f"--signal={number.value}", f"{wait:.3f}"] if way == "timeout" else []
    process = scratch.start("run", *STUDY_ARGUMENTS, "--workers", "2", under=under)
    if way != "timeout":
        time.sleep(wait)
        victims = workers_of(process.pid) if way == "worker" else [(process.pid, "")]
        for pid, _ in victims[:1]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue  # it had just ended
    if way == "worker":  # the driver goes on with the others
        time.sleep(random.uniform(0, 0.3))
        process.terminate()
    output, _ = communicate(scratch, process, "stops")
    scratch.tally.injected += process.returncode != 0
    codes = {"timeout": {0, 124}, "worker": {0, 1, 143, -signal.SIGTERM}}.get(way, {0, 128 + number, -number})
    scratch.tally.expect(process.returncode in codes,
                         f"stop of {way} by {number.name}: exit code {process.returncode}: {output[-300:]}")
    scratch.tally.expect(process.returncode != 0 or len(scratch.published()) == cells,
                         f"stop of {way} by {number.name}: exit code 0, and cells are missing: {output[-300:]}")
    crashed = re.findall(r"SIG(?:SEGV|BUS|ABRT|FPE|ILL)|corrupted", output)
    scratch.tally.crashes += len(crashed)
    scratch.tally.expect(not crashed and "diverged" not in output and " failed" not in output,
                         f"stop of {way} by {number.name}: {output[-600:]}")


def communicate(scratch, process, where):
    try:
        return process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        scratch.tally.hangs += 1
        scratch.tally.notes.append(f"{where}: a stopped run does not end")
        return process.communicate()


def storms(size):
    """Workers under a storm of signals, every millisecond, give the bytes of undisturbed ones."""
    for precision in ("f32", "bf16"):
        for width in (128, 512):
            def trial(precision=precision, width=width):
                text = study_text(2, width=width).replace("precision: f32", f"precision: {precision}")
                with Scratch(text) as scratch:
                    if scratch.study("plan").code == 2:  # bf16 on a CPU that has none
                        return scratch.tally
                _, reference = undisturbed(text)
                with Scratch(text) as scratch:
                    scratch.tally.injected += 1
                    result = scratch.study("run", fault=Fault("storm", "cell"))
                    scratch.tally.expect(result.code == 0, f"storm, {precision}, {width}: {result.text[-400:]}")
                    scratch.check_final(reference, f"storm, {precision}, {width}", verify=False)
                    return scratch.tally
            yield trial
