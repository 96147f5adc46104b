"""CPU time and memory of processes, from /proc."""

import os
import resource
import statistics
import time

TICK = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()
median = statistics.median


def _stat(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    own, children = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return int(fields[1]), own / TICK, children / TICK


def cpu(pid):
    """Seconds of user and system time of a process."""
    return _stat(pid)[1]


def family_cpu(parent):
    """The same with all its children, those that have ended included: a PostgreSQL cluster."""
    while True:
        _, own, ended = _stat(parent)
        living, missed = 0.0, False
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                ppid, seconds, _ = _stat(pid)
            except (FileNotFoundError, ProcessLookupError):
                missed = True
                continue
            if ppid == parent:
                living += seconds
        # A child that ended meanwhile may have been counted twice or not at all.
        if not missed and _stat(parent)[2] == ended:
            return own + ended + living
        time.sleep(0.01)


def ended_children():
    """The same of our own children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_mib(pid):
    """Resident memory now and at its highest."""
    found = {}
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                found[name] = int(value.split()[0]) / 1024
    return found["VmRSS"], found["VmHWM"]


def _busy():
    with open("/proc/stat") as file:
        values = [int(value) for value in file.readline().split()[1:9]]
    return (sum(values) - values[3] - values[4]) / TICK


class Watch:
    """What the machine did while something was measured: ours, the load generator's, everybody else's."""

    def __init__(self, cpu_of_ours):
        self._ours = cpu_of_ours
        self._load = time.process_time()
        self._start = (time.monotonic(), _busy(), cpu_of_ours())

    def stop(self):
        began, busy, ours = self._start
        self.seconds = time.monotonic() - began
        self.ours = self._ours() - ours
        self.generator = time.process_time() - self._load
        others = _busy() - busy - self.ours - self.generator
        self.others_share = max(0.0, others / (self.seconds * CORES))
        return self
