"""Lines on the terminal: what a step does, how far it is, how long it took."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".setup"
LOGS = STATE / "logs"
TAIL_LINES = 15
PLAIN = {"NO_COLOR": "1", "FORCE_COLOR": "0"}
"""Keeps terminal colours out of the logs."""

OFFLINE_SIGNS = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ECONNREFUSED",
    "Temporary failure resolving",
)

Progress = Callable[[str], str]
"""From the log so far to a few words on how far a step is, such as "12 of 60 packages"."""


class Stop(Exception):
    """A step cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def seconds(value: float) -> str:
    """Write a duration for people: "0.4 s", "12 s", "2 min 05 s"."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 100:
        return f"{value:.0f} s"
    return f"{int(value) // 60} min {int(value) % 60:02d} s"


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """Return the last lines that say something: no colours, no empty lines, no places in a program's inside."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    kept = [line for line in plain.splitlines() if line.strip() and not re.match(r"\s+at .*node_modules", line)]
    return "\n".join(kept[-lines:])


def step(
    label: str,
    command: Sequence[str],
    *,
    log: str,
    hint: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    usual: str = "",
    online: bool = False,
    progress: Progress | None = None,
) -> None:
    """Run one quiet command under one line that shows the time it takes.

    Args:
        label: what it does, such as "Installing Python packages".
        command: the program and its arguments.
        log: name of the file under .setup/logs that takes its output.
        hint: what to do when it fails.
        cwd: where it runs.
        env: variables on top of the present ones.
        usual: how long it usually takes the first time, such as "about 1 min".
        online: whether it needs the network, so that a lost one is named as the cause.
        progress: how far it is, read from its output.

    Raises:
        Stop: it failed; the last lines of its output are in the message.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    started = time.monotonic()
    live = _LiveLine(f"{label}{f' (usually {usual})' if usual else ''} ...")
    with path.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **PLAIN, **(env or {})}, stdout=sink, stderr=sink
        )
        try:
            while _still_running(process):
                shown = progress(_read(path)) if progress and live.tty else ""
                live.show(time.monotonic() - started, shown)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    took = time.monotonic() - started
    if process.returncode == 0:
        live.finish(f"done, {seconds(took)}")
        return
    live.finish(f"failed, {seconds(took)}")
    output = _read(path)
    if online and any(sign in output for sign in OFFLINE_SIGNS):
        hint = "The network seems out of reach: check the connection or HTTPS_PROXY, then run the same again."
    raise Stop(f"{tail(output)}\n\natrium: {label} failed. {hint} Full output: {path.relative_to(ROOT)}")


class _LiveLine:
    """One line that is rewritten on a terminal and written once elsewhere."""

    def __init__(self, text: str) -> None:
        self.tty = sys.stdout.isatty()
        self._text = text
        self._shown = 0.0
        print(text, end="", flush=True)

    def show(self, elapsed: float, progress: str) -> None:
        if not self.tty or elapsed - self._shown < 0.5:
            return
        self._shown = elapsed
        extra = f", {progress}" if progress else ""
        print(f"\r\x1b[K{self._text} {seconds(elapsed)}{extra}", end="", flush=True)

    def finish(self, words: str) -> None:
        if self.tty:
            print(f"\r\x1b[K{self._text} {words}", flush=True)
        else:
            print(f" {words}", flush=True)


def _still_running(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(timeout=0.25)
    except subprocess.TimeoutExpired:
        return True
    return False


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
