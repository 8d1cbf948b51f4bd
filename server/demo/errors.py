"""What can go wrong with a demo: its script, its places."""

from __future__ import annotations


class DemoError(Exception):
    """Base of every fault of a demo; the message says what to do."""

    code: str = "demo"


class ScriptError(DemoError):
    """A script cannot be used."""

    code = "demo_script"

    def __init__(self, reason: str, *, source: str, line: int | None = None) -> None:
        self.reason = reason
        self.source = source
        self.line = line
        where = f"{source}, line {line}" if line else source
        super().__init__(f"{where}: {reason}")
