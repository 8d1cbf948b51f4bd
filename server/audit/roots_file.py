"""The file of roots: one JSON line each, only ever appended to, on the disk before anybody counts on it."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from server.audit.errors import RootsError
from workflows.audit import GENESIS
from workflows.roots import NoRoot, Root, line_of, link_of, root_of

logger = logging.getLogger(__name__)

ROOTS_FILE = "roots.jsonl"
_TAIL_BYTES = 64 * 1024
"""The last line is looked for in so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """Where the file ends."""

    root: Root | None
    """None: it holds none yet."""
    link: str
    """What the next root has as `previous`."""

    @property
    def seq(self) -> int:
        """How far the roots reach."""
        return self.root.seq if self.root else 0


class RootsFile:
    """Appends roots. One process at a time."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened or made yet."""
        self.path = path

    def last(self) -> Last:
        """Read where the file ends; a last line that was not written to its end is taken away.

        Raises:
            RootsError: the file cannot be read or mended, or its last line holds no root.
        """
        try:
            self._mend()
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL_BYTES))
                lines = file.read().decode(errors="replace").split("\n")
        except FileNotFoundError:
            return Last(root=None, link=GENESIS)
        except OSError as fault:
            raise RootsError(self._said("read", fault)) from fault
        if len(lines) < 2:
            return Last(root=None, link=GENESIS)
        try:
            return Last(root=root_of(lines[-2]), link=link_of(lines[-2]))
        except NoRoot as fault:
            raise RootsError(
                f"the last line of {self.path} is no root: {fault}. See what `atrium audit verify` says; "
                "move the file aside to let the office begin a new one"
            ) from fault

    def append(self, root: Root) -> None:
        """Write a signed root behind the last; it is on the disk when this returns.

        Raises:
            RootsError: it cannot be written; what is there of it is taken away when `last` is asked next.
        """
        try:
            fresh = not self.path.exists()
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(line_of(root).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if fresh:
                _keep_name(self.path.parent)
        except OSError as fault:
            raise RootsError(self._said("written", fault)) from fault

    def _mend(self) -> None:
        with self.path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
            rest = len(tail) - (tail.rfind(b"\n") + 1)
            if rest:
                file.truncate(size - rest)
                os.fsync(file.fileno())
                logger.warning("a root was not written to its end; it is made anew", extra={"bytes": rest})

    def _said(self, what: str, fault: OSError) -> str:
        return f"{self.path} cannot be {what} ({fault.strerror}); free some disk space, or check the data folder"


def _keep_name(folder: Path) -> None:
    """Have the disk keep the name of a new file too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
