"""The process in which an engine of `benchmarks.workflow` runs: asked by lines of JSON, looked at from outside."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from benchmarks.workflow_peers import Entrant
from scripts.console import ROOT, tail

PATIENCE = 120.0
_SYNC = re.compile(r"^(?:\d+ +)?(\d+\.\d+) f(?:data)?sync\(")
NO_STRACE = "strace, which counts what is forced to the disk, is missing: apt-get install strace"


class ChildFault(Exception):
    """An engine did not do what it was asked to do, or its process has ended."""


class Child:
    """An engine in a process of its own. Use as `with`."""

    def __init__(self, entrant: Entrant, *, syncs: Path | None = None) -> None:
        """Nothing is started yet.

        Args:
            entrant: the engine.
            syncs: a file that strace is to write each fsync and fdatasync to.
        """
        self._name = entrant.name
        self._command = [str(entrant.python), "-m", entrant.module]
        if syncs is not None:
            # Only these calls stop the process, so that the rest of it runs as it does otherwise.
            calls = ["--seccomp-bpf", "-f", "-ttt", "-e", "trace=fsync,fdatasync", "-e", "signal=none"]
            self._command = ["strace", *calls, "-o", str(syncs), *self._command]
        self._process: subprocess.Popen[bytes] | None = None
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process

    def __enter__(self) -> Child:
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
            start_new_session=True,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        process = self._running
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin, process.stdout, self._complaints:
            if process.poll() is None:
                process.stdin.close()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    self.kill()

    @property
    def pid(self) -> int:
        """Its process; strace's, where that counts."""
        return self._running.pid

    def ask(self, do: str, *, patience: float = PATIENCE, **more: Any) -> dict[str, Any]:
        """Ask for something, and wait until it is done.

        Raises:
            ChildFault: it cannot, it failed, it has ended, or it takes longer than `patience` seconds.
        """
        process = self._running
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
            process.stdin.flush()
            there, _, _ = select.select([process.stdout], [], [], patience)
        except BrokenPipeError:
            there = [process.stdout]
        if not there:
            raise ChildFault(f"{self._name}: no answer to {do!r} after {patience:.0f} s")
        line = process.stdout.readline()
        if not line:
            raise ChildFault(f"{self._name} has ended while it was asked to {do!r}:\n{self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ChildFault(f"{self._name}: {answer['error']}")
        return answer

    def kill(self) -> None:
        """Pull the plug."""
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def memory(self) -> int:
        """Bytes of it that are in memory now."""
        return 1024 * int(self._status("VmRSS").split()[0])

    def threads(self) -> int:
        """How many threads it has."""
        return int(self._status("Threads"))

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _status(self, field: str) -> str:
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return text.partition(f"\n{field}:")[2].partition("\n")[0].strip()

    def _last_words(self) -> str:
        self._complaints.seek(0)
        return tail(self._complaints.read().decode(errors="replace"))


def can_count_syncs() -> bool:
    """Say whether strace is there."""
    return shutil.which("strace") is not None


def count_syncs(lines: Iterable[str], opened: float, closed: float) -> int:
    """Count the fsync and fdatasync calls that began in a window.

    Args:
        lines: what strace wrote.
        opened: seconds since 1970.
        closed: the same.
    """
    begun = (float(found[1]) for found in map(_SYNC.match, lines) if found)
    return sum(opened <= at < closed for at in begun)
