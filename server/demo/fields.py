"""Reading the tables of a script: keys with other names, kinds of values, and the line of a fault."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from server.demo.errors import ScriptError

Keys = Mapping[str, tuple[str, ...]]
"""Key -> other names it may have."""

_HEADER = re.compile(r"""^\s*\[\[?\s*([\w-]+)(?:\.["']?([^\]"']+)["']?)?\s*\]""")
_KEY = re.compile(r"""^\s*["']?([\w-]+)["']?\s*=""")
_TOML_PLACE = re.compile(r"at line (\d+)")


class LineFinder:
    """Finds the line on which a value of a TOML text was written.

    Args:
        text: the TOML.
        source: name of the file, for messages.
    """

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self._lines: dict[tuple[str, int, str], int] = {}
        table, index, seen = "", 0, dict[str, int]()
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                table = header.group(1)
                index = seen.get(table, 0)
                seen[table] = index + 1
                self._lines.setdefault((table, index, ""), number)
            elif key := _KEY.match(line):
                self._lines.setdefault((table, index, key.group(1)), number)

    def error(self, reason: str, table: str = "", index: int = 0, key: str = "") -> ScriptError:
        """Make the error for a value; its line is that of the key, else of its table, else unknown."""
        line = self._lines.get((table, index, key)) or self._lines.get((table, index, ""))
        if line is None and (place := _TOML_PLACE.search(reason)):
            line = int(place.group(1))
        return ScriptError(reason, source=self.source, line=line)


class Fields:
    """One table of a script, with its keys by their first names.

    Args:
        table: as TOML gave it.
        keys: which keys there are, and what else they may be called.
        finder: for the lines of faults.
        kind: what the table describes, such as "a line".
        name: what the table is called in the file; empty for the top.
        index: which of the tables of that name it is.

    Raises:
        ScriptError: a key is not known, or given twice under two names.
    """

    def __init__(
        self, table: Mapping[str, Any], keys: Keys, finder: LineFinder, kind: str, name: str = "", index: int = 0
    ) -> None:
        self._finder, self._kind, self._name, self._index = finder, kind, name, index
        self._values: dict[str, Any] = {}
        self._written: dict[str, str] = {}
        first_names = {other: key for key, others in keys.items() for other in (key, *others)}
        for written, value in table.items():
            key = first_names.get(written.lower().replace("-", "_"))
            if key is None:
                near = difflib.get_close_matches(written.lower(), first_names, n=1)
                hint = f" Did you mean {near[0]}?" if near else ""
                reason = f"{kind} has no {written}; it may have {', '.join(keys)}.{hint}"
                raise finder.error(reason, name, index, written)
            if key in self._values:
                reason = f"{written} and {self._written[key]} mean the same; keep one"
                raise finder.error(reason, name, index, written)
            self._values[key], self._written[key] = value, written

    def error(self, key: str, reason: str) -> ScriptError:
        """Make the error for one key of this table."""
        return self._finder.error(reason, self._name, self._index, self._written.get(key, key))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it has to be there and hold something."""
        value = self._values.get(key, default)
        if value is None or (default is None and isinstance(value, str) and not value.strip()):
            raise self.error(key, f'{self._kind} needs {key} = "..."')
        if not isinstance(value, str):
            raise self.error(key, f'{key} is a text in quotes: {key} = "..."')
        return value.strip()

    def number(self, key: str, default: float) -> float:
        """Return a number."""
        value = self._values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"{key} is a number: {key} = {default}")
        return float(value)

    def numbers(self, key: str, count: int) -> tuple[float, ...] | None:
        """Return so many numbers, or None when the key is not there."""
        value = self._values.get(key)
        if value is None:
            return None
        good = isinstance(value, list) and len(value) == count
        if not good or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in value):
            example = "[-1.5, 2.0] (x and z in metres)" if count == 2 else f"{[0] * count}"
            raise self.error(key, f"{key} is {count} numbers: {key} = {example}")
        return tuple(float(one) for one in value)

    def flag(self, key: str) -> bool:
        """Return true or false; false when the key is not there."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"{key} is true or false, without quotes")
        return value

    def day(self, key: str) -> date | None:
        """Return a date, or None when the key is not there."""
        value = self._values.get(key)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if value is None or value in ("", "today"):
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError as fault:
            raise self.error(key, f"{key} is a day: {key} = 2026-11-23") from fault

    def phrase(self, key: str) -> str:
        """Return a text or a TOML date as text; empty when the key is not there."""
        value = self._values.get(key, "")
        if isinstance(value, datetime):
            return value.date().isoformat()
        return value.isoformat() if isinstance(value, date) else self.text(key, default="")

    def tables(self, key: str, keys: Keys) -> Iterator[Fields]:
        """Yield the tables under a key: `[[key]]` one after the other, or `[key.Name]` by name."""
        value = self._values.get(key, [])
        written = self._written.get(key, key)
        if isinstance(value, dict) and all(isinstance(one, dict) for one in value.values()):
            value = [{next(iter(keys)): name, **one} for name, one in value.items()]
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(key, f"{written} are tables of their own, each under a line [[{written}]]")
        for index, table in enumerate(value):
            yield Fields(table, keys, self._finder, f"one of the {written}", written, index)
