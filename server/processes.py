"""Starts a process of the office, watches it and starts it again when it has gone or hangs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
"""Where the packages lie; a started process finds them there whatever the working folder is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionSettings:
    """How long is too long."""

    check_seconds: float = 0.25
    """How often somebody looks whether the process still beats."""
    silent_checks: int = 12
    """So many looks without a beat: it hangs. Looks are counted, not seconds, so that an office which was held up
    itself blames nobody."""
    start_checks: int = 120
    """The same until the first beat."""
    spare_checks: int | None = None
    """After so many looks at a process that beats, another is started that waits to take its place: what it has to
    load is loaded by then. None: no spare, and each restart takes as long as the first start."""
    end_seconds: float = 2.0
    """What a process gets to end by itself when it is asked to."""
    wait_seconds: float = 0.25
    """The wait before the second restart in a row; the first comes at once. It doubles each time."""
    most_wait_seconds: float = 5.0
    healthy_seconds: float = 60.0
    """After a life of this length the next restart comes at once again."""


class Backoff:
    """How long to wait before the next start: nothing, then longer and longer."""

    def __init__(self, settings: SupervisionSettings) -> None:
        """The first restart comes at once."""
        self._settings = settings
        self._next = 0.0

    def after(self, lived: float) -> float:
        """Seconds to wait now that a process has ended which lived for `lived` seconds."""
        if lived >= self._settings.healthy_seconds:
            self._next = 0.0
        wait = self._next
        longer = max(self._settings.wait_seconds, 2 * wait)
        self._next = min(longer, self._settings.most_wait_seconds)
        return wait


@dataclass(frozen=True, slots=True)
class _Child:
    """A started process, our end of its socket, and its end."""

    process: asyncio.subprocess.Process
    ours: socket.socket
    exited: asyncio.Future[int]


class Supervisor:
    """Keeps one process running, with one socket between it and the office.

    The process is a Python program that finds the number of its end of the socket as its last argument. It loads
    what it needs and waits for the first word over the socket: as a spare it may wait for days. Its
    standard input ends when the office does, however the office ends: see `live_no_longer_than_the_office`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        on_start: Callable[[socket.socket], Awaitable[None]],
        on_end: Callable[[str], None],
        settings: SupervisionSettings | None = None,
    ) -> None:
        """Prepare; `run` starts it.

        Args:
            name: for the log.
            command: what follows `python` on its command line, as ("-m", "server.sound_process").
            on_start: takes the office's end of the socket of each new process.
            on_end: called with the reason when a process is gone.
            settings: how long is too long.
        """
        self._name, self._command = name, tuple(command)
        self._on_start, self._on_end = on_start, on_end
        self._settings = settings or SupervisionSettings()
        self._backoff = Backoff(self._settings)
        self._beaten = False
        self._condemned: asyncio.Future[str] | None = None
        self._spare: _Child | None = None
        self.epoch = 0
        """Counts the processes that were put to work."""
        self.pid: int | None = None
        """The running process, if any."""
        self.reason = ""
        """Why the last one ended; empty while none has."""

    @property
    def restarts(self) -> int:
        """How often a process was put in the place of another."""
        return max(0, self.epoch - 1)

    @property
    def spare_pid(self) -> int | None:
        """The process that waits to take the place of the other, if there is one."""
        return None if self._spare is None else self._spare.process.pid

    def beat(self) -> None:
        """The process has shown that it is alive."""
        self._beaten = True

    def condemn(self, reason: str) -> None:
        """Put another in its place: it is of no use as it is."""
        if self._condemned is not None and not self._condemned.done():
            self._condemned.set_result(reason)

    async def run(self) -> None:
        """Keep it running until cancelled; then it is asked to end, and ended when it does not."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                started = loop.time()
                self.epoch += 1
                self.reason = await self._live()
                wait = self._backoff.after(loop.time() - started)
                logger.error(
                    "process ended; starting another",
                    extra={"what": self._name, "reason": self.reason, "epoch": self.epoch, "wait_seconds": wait},
                )
                self._on_end(self.reason)
                await asyncio.sleep(wait)
        finally:
            if (spare := self._spare) is not None:
                self._spare = None
                spare.ours.close()
                await self._clear_away(spare)

    async def _launch(self) -> _Child:
        """Start one; raises OSError."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", *self._command, str(theirs.fileno()),
                stdin=asyncio.subprocess.PIPE, pass_fds=(theirs.fileno(),), env=_environment(),
            )  # fmt: skip
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        return _Child(process, ours, asyncio.ensure_future(process.wait()))

    async def _next(self) -> _Child:
        """The spare, if it still lives; else a new one."""
        spare, self._spare = self._spare, None
        if spare is not None and not spare.exited.done():
            return spare
        if spare is not None:
            spare.ours.close()
            await self._clear_away(spare)
        return await self._launch()

    async def _live(self) -> str:
        """Put one to work and stay with it until it is gone; returns why."""
        self._condemned = asyncio.get_running_loop().create_future()
        self._beaten = False
        try:
            child = await self._next()
        except OSError as error:
            return f"cannot be started: {error.strerror}"
        self.pid = child.process.pid
        logger.info("process at work", extra={"what": self._name, "pid": self.pid, "epoch": self.epoch})
        try:
            await self._on_start(child.ours)
            return await self._watch(child.exited)
        except asyncio.CancelledError:
            await self._ask_to_end(child.process, child.exited)
            raise
        finally:
            await self._clear_away(child)
            self.pid = None

    async def _clear_away(self, child: _Child) -> None:
        if not child.exited.done():
            _signal(child.process.pid, signal.SIGKILL)
        await child.exited
        if child.process.stdin is not None:
            child.process.stdin.close()

    async def _watch(self, exited: asyncio.Future[int]) -> str:
        """Wait until it has ended, is condemned or hangs; returns which."""
        assert self._condemned is not None
        silent, most, well = 0, self._settings.start_checks, 0
        while True:
            waits: set[asyncio.Future[Any]] = {exited, self._condemned}
            await asyncio.wait(waits, timeout=self._settings.check_seconds, return_when=asyncio.FIRST_COMPLETED)
            if self._condemned.done():
                return self._condemned.result()
            if exited.done():
                return _ending(exited.result())
            if self._beaten:
                self._beaten, silent, most = False, 0, self._settings.silent_checks
            else:
                silent += 1
            if silent >= most:
                return f"hangs: no sign of life for {silent * self._settings.check_seconds:.1f} s"
            if most == self._settings.silent_checks:
                well += 1
                if well == self._settings.spare_checks:
                    await self._prepare()

    async def _prepare(self) -> None:
        """Start the spare."""
        if self._spare is not None:
            return
        try:
            self._spare = await self._launch()
        except OSError as error:
            logger.warning("no spare process", extra={"what": self._name, "error": error.strerror})

    async def _ask_to_end(self, process: asyncio.subprocess.Process, exited: asyncio.Future[int]) -> None:
        if not exited.done():
            _signal(process.pid, signal.SIGTERM)
            await asyncio.wait({exited}, timeout=self._settings.end_seconds)
        if not exited.done():
            logger.warning("process does not end; killing it", extra={"what": self._name})


def _signal(pid: int, number: signal.Signals) -> None:
    """Send it; asyncio's own way to do so may take the exit status of a process that has just ended to itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def live_no_longer_than_the_office() -> None:
    """In a supervised process: leave Ctrl+C to the office, and end at once when it is gone.

    A thread waits for the end of the standard input, so that even a process that hangs does not stay behind.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_office, name="office", daemon=True).start()


def _end_with_the_office() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def memory_of(pid: int | None) -> int | None:
    """Bytes of memory that a process holds now (proc(5), resident pages); None where that cannot be said."""
    if pid is None:
        return None
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except OSError:  # it has just ended, or this is no Linux
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _environment() -> dict[str, str]:
    """The office's own, with one BLAS thread: more make a small mix take a whole tick on a busy machine."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    return f"killed by signal {-status} ({signal.strsignal(-status)})"
