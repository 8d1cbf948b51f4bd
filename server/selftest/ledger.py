"""A ledger outside of the database: what is in it was on the disk before anything else happened."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class Ledger:
    """A file of JSON lines that only grows."""

    def __init__(self, path: Path) -> None:
        """Open or create it."""
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, **entry: Any) -> None:
        """Add a line, and return when it is on the disk."""
        os.write(self._file, json.dumps(entry, sort_keys=True).encode() + b"\n")
        os.fsync(self._file)

    def entries(self) -> list[dict[str, Any]]:
        """Give all lines, oldest first."""
        return [json.loads(line) for line in self._path.read_text().splitlines()]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
