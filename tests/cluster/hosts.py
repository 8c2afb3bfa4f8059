"""Hosts made of this machine: each has a name and processes of its own (namespaces of the kernel), a clock of its own,
and sees a folder through tests/faults/host.c as over a network file system. As root."""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
PROGRAM = os.environ.get("KLBENCH", str(BUILD / "klbench"))
SHIM = os.environ.get("KLBENCH_HOST_SHIM", str(BUILD / "klbench_host_shim.so"))
LOCK_SECONDS = 2  # of silence, after which a lock is taken over
DIE_WITH_PARENT = (1, signal.SIGKILL)  # prctl(PR_SET_PDEATHSIG)


def why_not():
    """The reason why no hosts can be made here; empty: they can."""
    if os.geteuid() != 0:
        return "namespaces are made as root"
    missing = [program for program in ("unshare", "nsenter") if not shutil.which(program)]
    if missing:
        return f"{', '.join(missing)} not installed (apt-get install util-linux)"
    made = subprocess.run(["unshare", "--uts", "--pid", "--fork", "--mount-proc", "hostname", "klbench"],
                          capture_output=True, text=True)
    return "" if made.returncode == 0 else f"no namespaces here: {made.stderr.strip()}"


def wait_until(true, seconds, what):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def children_of(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


class Host:
    """`shared`: the folder it shares with others. `clock`: seconds ahead. `flock`: errno of flock; 0: it holds on this
    host alone. `late`: seconds for which attributes are remembered."""

    def __init__(self, name, number, scratch, shared, clock=0, flock=0, late=0):
        self.shared = pathlib.Path(shared)
        cache = pathlib.Path(scratch) / f"cache-{number}"
        cache.mkdir()
        self.environment = dict(os.environ, LD_PRELOAD=SHIM, KLBENCH_HOST_FOLDER=str(shared),
                                KLBENCH_HOST_NUMBER=str(number), KLBENCH_HOST_CLOCK=str(clock),
                                KLBENCH_HOST_FLOCK=str(flock), KLBENCH_HOST_LATE=str(late),
                                KLBENCH_HOST_CACHE=str(cache), KLBENCH_LOCK_SECONDS=str(LOCK_SECONDS),
                                HOME=str(shared), XDG_CACHE_HOME=str(self.shared / "cache"), OMP_NUM_THREADS="1",
                                OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
        self._started = []
        self._outer = subprocess.Popen(
            ["unshare", "--uts", "--pid", "--fork", "--mount-proc", "sh", "-c",
             f"hostname {name} && echo up && while :; do sleep 1000; done"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=lambda: ctypes.CDLL(None).prctl(*DIE_WITH_PARENT))
        assert self._outer.stdout.readline() == "up\n"
        (self._init,) = children_of(self._outer.pid)

    def start(self, *argv, out=subprocess.PIPE):
        self._started.append(
            subprocess.Popen(["nsenter", "-t", str(self._init), "--uts", "--pid", "--mount", "env",
                              f"--chdir={self.shared}", *map(str, argv)], env=self.environment, text=True,
                             stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT))
        return self._started[-1]

    def klbench(self, *arguments):
        return self.start(PROGRAM, *arguments)

    def run(self, *arguments, timeout=120):
        """(exit code, output) of klbench"""
        process = self.klbench(*arguments)
        out, _ = process.communicate(timeout=timeout)
        return process.returncode, out

    def die(self):
        """All of its processes at once, as when the power fails."""
        if self._outer.poll() is None:
            os.kill(self._init, signal.SIGKILL)
            for process in self._started:  # a stopped nsenter would never let its process go
                process.send_signal(signal.SIGCONT)
            self._outer.communicate()

    @staticmethod
    def pid_of(process):
        """Outside, of what start() started."""
        return children_of(process.pid)[0]

    @classmethod
    def signal(cls, process, number, with_children=False):
        driver = cls.pid_of(process)
        for pid in [driver, *(children_of(driver) if with_children else [])]:
            os.kill(pid, number)
        if number == signal.SIGCONT:  # nsenter stops with what it started
            process.send_signal(number)


class Queue(threading.Thread):
    """A batch system on hosts, for the launcher `script`: each job runs on the host that is next."""

    def __init__(self, spool, hosts):
        super().__init__(daemon=True)
        self.spool = pathlib.Path(spool)
        self.spool.mkdir()
        self.hosts = hosts
        self._running, self._ends, self._taken = {}, threading.Event(), 0
        self.start()

    def launcher(self):
        done = f"{self.spool}/$i.done"
        return (f"{{name: script, poll_seconds: 0.5, cells_per_task: 1, "
                f"submit: 'unset LD_PRELOAD; i=$NAME; cp $SCRIPT {self.spool}/$i.new && mv {self.spool}/$i.new {self.spool}/$i.job && echo $i', "
                f"poll: 'for i in $IDS; do [ -e {done} ] || echo $i; done', "
                f"cancel: 'for i in $IDS; do touch {self.spool}/$i.cancel; done'}}")

    def run(self):
        while not self._ends.wait(0.05):
            for script in sorted(self.spool.glob("*.job")):
                host = self.hosts[self._taken % len(self.hosts)]
                self._taken += 1
                started = script.rename(script.with_suffix(".sh"))
                with open(script.with_suffix(".out"), "w") as out:
                    self._running[script.stem] = host.start("sh", started, out=out)
            for request in self.spool.glob("*.cancel"):
                request.unlink()
                if request.stem in self._running:
                    Host.signal(self._running[request.stem], signal.SIGTERM)
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    del self._running[name]
                    (self.spool / f"{name}.done").touch()

    def end(self):
        self._ends.set()
        self.join()
