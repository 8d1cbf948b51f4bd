"""How a fetch shows how far it is: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from server.models.fetch import Progress, megabytes

_CELLS = 24
_REDRAW_SECONDS = 0.1
_LINE_PERCENT = 10


class Bar:
    """Writes progress to a stream.

    Args:
        out: usually stderr.
        name: what is fetched.
        terminal: draw one line again and again; None: as the stream is.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        out: TextIO,
        name: str,
        *,
        terminal: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out
        self._name = name
        self._terminal = out.isatty() if terminal is None else terminal
        self._clock = clock
        self._begun: float | None = None
        self._drawn = float("-inf")
        self._width = 0
        self._tenth = -1

    def show(self, progress: Progress) -> None:
        """Show how far it is."""
        now = self._clock()
        if self._begun is None:
            self._begun = now
        whole = progress.done >= progress.total
        if self._terminal:
            if now - self._drawn < _REDRAW_SECONDS and not whole:
                return
            self._drawn = now
            line = in_words(self._name, progress, now - self._begun, bar=True)
            self._out.write(f"\r{line:<{self._width}}")
            self._width = len(line)
        else:
            tenth = percent(progress) // _LINE_PERCENT
            if tenth == self._tenth:
                return
            self._tenth = tenth
            self._out.write(in_words(self._name, progress, now - self._begun, bar=False) + "\n")
        self._out.flush()

    def say(self, line: str) -> None:
        """Write a line for people, without spoiling the bar."""
        self.close()
        self._out.write(f"{line}\n")
        self._out.flush()

    def close(self) -> None:
        """End the line of the bar, if there is one."""
        if self._width:
            self._out.write("\n")
            self._out.flush()
        self._width = 0


def percent(progress: Progress) -> int:
    """Say how much is here, 0 to 100; 100 only when all is."""
    return progress.done * 100 // progress.total if progress.total else 100


def in_words(name: str, progress: Progress, seconds: float, *, bar: bool) -> str:
    """Write one line of progress.

    Args:
        name: what is fetched.
        progress: how far it is.
        seconds: since the first byte of this time.
        bar: with a bar.
    """
    share = percent(progress)
    drawn = ""
    if bar:
        full = share * _CELLS // 100
        drawn = f"[{'#' * full}{'.' * (_CELLS - full)}] "
    line = f"{name}  {drawn}{share:3d} %  {megabytes(progress.done)} of {megabytes(progress.total)}"
    if seconds >= 1 and progress.fresh:
        rate = progress.fresh / seconds
        line += f"  {megabytes(int(rate))}/s"
        if progress.done < progress.total:
            line += f"  {_lasting((progress.total - progress.done) / rate)} left"
    return line


def _lasting(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 100 else f"{round(whole / 60)} min"
