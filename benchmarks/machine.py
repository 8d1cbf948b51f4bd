"""The machine that measures: a core for the server, one for those who load it, and what a process has used."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def pin(core: int) -> None:
    """Keep this process on one core; without the right to, it stays where it is."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {core})


def favour() -> bool:
    """Let this process and those it starts from now on run before all ordinary work, where the system lets us.

    Without it, other programs on the same cores make ticks late that the server is not to blame for.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        return False
    return True


def pin_other(pid: int, core: int) -> None:
    """Keep another process with all its threads on one core."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(thread), {core})


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used until now, with all its threads (proc(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def load_average() -> float:
    """Programs that wanted to run in the last minute."""
    return os.getloadavg()[0]
