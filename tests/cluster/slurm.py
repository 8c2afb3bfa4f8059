"""A whole Slurm on this machine for the time of a test: munge, a controller, two nodes of one CPU each, and in a
partition of its own a third with two cards, which are files. As root."""
import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import time

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol"]

CONFIG = """ClusterName=klbench
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/run/munge.sock,cred_expire=5
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort={port}
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
SlurmdParameters=config_overrides
SlurmdTimeout=10
MpiDefault=none
ReturnToService=2
MinJobAge=300
KillWait=5
PriorityType=priority/basic
JobRequeue=1
MaxArraySize=101
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={port1} CPUs=1 RealMemory=2000 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={port2} CPUs=1 RealMemory=2000 State=UNKNOWN
NodeName=n3 NodeHostname={host} NodeAddr=127.0.0.1 Port={port3} CPUs=2 Gres=gpu:2 RealMemory=2000 State=UNKNOWN
GresTypes=gpu
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
PartitionName=cards Nodes=n3 MaxTime=INFINITE State=UP
"""

NODES = ("n1", "n2", "n3")


def why_not():
    """The reason why Slurm cannot be started here; empty: it can."""
    missing = [program for program in PROGRAMS if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if missing:
        return f"{', '.join(missing)} not installed (apt-get install slurm-wlm munge)"
    return "" if os.geteuid() == 0 else "Slurm's daemons are started as root"


class Slurm:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for part in ("state", *(f"spool/{node}" for node in NODES), "run", "log"):
            (self.folder / part).mkdir(parents=True)
        os.chmod(self.folder, 0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        port = 20000 + os.getpid() % 10000 * 4
        self.config = self.folder / "slurm.conf"
        self.config.write_text(CONFIG.format(host=socket.gethostname(), folder=self.folder, port=port, port1=port + 1,
                                             port2=port + 2, port3=port + 3))
        for card in (0, 1):
            os.mknod(self.folder / f"card{card}", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        (self.folder / "gres.conf").write_text(f"NodeName=n3 Name=gpu File={self.folder}/card[0-1]\n")
        self.environment = dict(os.environ, SLURM_CONF=str(self.config), PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")

    def _start(self, *argv):
        subprocess.run(argv, env=self.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        run, log = self.folder / "run", self.folder / "log"
        self._start("munged", "--force", f"--key-file={self.folder}/munge.key", f"--socket={run}/munge.sock",
                    f"--pid-file={run}/munged.pid", f"--log-file={log}/munged.log", f"--seed-file={run}/munged.seed")
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self.wait_until(lambda: self.ask("sinfo", "-h", "-o", "%T %D").strip() == f"idle {len(NODES)}", 60, "idle nodes")

    def start_controller(self):
        self._start("slurmctld")

    def start_node(self, node):
        self._start("slurmd", "-N", node)

    def pid(self, name):
        return int((self.folder / "run" / f"{name}.pid").read_text())

    def kill(self, name, number=signal.SIGKILL):
        try:
            os.kill(self.pid(name), number)
        except (FileNotFoundError, ProcessLookupError):
            pass

    def ask(self, *argv):
        return subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=60).stdout

    def jobs(self):
        """{(job, task): state} of what is queued or runs."""
        lines = self.ask("squeue", "-h", "-r", "-o", "%F %K %T").split("\n")
        return {(job, int(task)): state for job, task, state in (line.split() for line in lines if line.strip())}

    @staticmethod
    def wait_until(true, seconds, what):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} s for {what}")
            time.sleep(0.2)

    def stop(self):
        for job, _ in self.jobs():
            self.ask("scancel", job)
        for name in (*(f"slurmd-{node}" for node in NODES), "slurmctld", "munged"):
            self.kill(name, signal.SIGTERM if name == "munged" else signal.SIGKILL)
        subprocess.run(["pkill", "-KILL", "-f", f"slurmstepd.*{self.folder}"], check=False)
