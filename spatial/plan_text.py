"""JSON whose objects know their line, so that a fault in a plan can be shown where it stands."""

from __future__ import annotations

import json
import json.decoder
import json.scanner
import math
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from spatial.errors import PlanError
from spatial.geometry import Point

Choice = TypeVar("Choice", bound=StrEnum)
Item = TypeVar("Item")
_MISSING: Any = object()


class _Located(dict[str, Any]):
    """A JSON object and the offset of its brace."""

    offset: int = 0


class _Decoder(json.JSONDecoder):
    """The standard decoder in its Python form, which lets us see where each object starts."""

    def __init__(self) -> None:
        super().__init__(parse_constant=self._refuse)
        self.parse_object = self._located
        self.scan_once = json.scanner.py_make_scanner(self)  # type: ignore[attr-defined]

    @staticmethod
    def _located(s_and_end: tuple[str, int], *args: Any) -> tuple[_Located, int]:
        found, end = json.decoder.JSONObject(s_and_end, *args)  # type: ignore[attr-defined]
        located = _Located(found)
        located.offset = s_and_end[1]
        return located, end

    @staticmethod
    def _refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is not a number that a plan may hold")


class Fields:
    """One JSON object of a plan, read field by field; every fault names line, object and field."""

    def __init__(self, values: _Located, text: str, source: str, what: str) -> None:
        self._values = values
        self._text = text
        self._source = source
        self.what = what
        self.line = text.count("\n", 0, values.offset) + 1

    def fail(self, reason: str) -> NoReturn:
        """Raise the PlanError of this object."""
        raise PlanError(self._source, self.line, f"{self.what}: {reason}")

    def _get(self, name: str, default: Any = _MISSING) -> Any:
        value = self._values.get(name, default)
        if value is _MISSING:
            self.fail(f'the field "{name}" is missing')
        return value

    def text(self, name: str, default: str = _MISSING) -> str:
        """A text of at least one character, or the default where the field is missing."""
        if name not in self._values and default is not _MISSING:
            return default
        value = self._get(name)
        if not isinstance(value, str) or not value.strip():
            self.fail(f'"{name}" must be a text, not {json.dumps(value)}')
        return value

    def number(
        self, name: str, *, above: float | None = None, least: float | None = None, default: float = _MISSING
    ) -> float:
        """A finite number, greater than `above` or at least `least` where that is given."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.fail(f'"{name}" must be a number, not {json.dumps(value)}')
        if above is not None and value <= above:
            self.fail(f'"{name}" must be greater than {above:g}, not {value:g}')
        if least is not None and value < least:
            self.fail(f'"{name}" must be at least {least:g}, not {value:g}')
        return float(value)

    def whole(self, name: str, *, least: int) -> int:
        """A whole number, at least `least`."""
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.fail(f'"{name}" must be a whole number of at least {least}, not {json.dumps(value)}')
        return value

    def flag(self, name: str, default: bool = _MISSING) -> bool:
        """true or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            self.fail(f'"{name}" must be true or false, not {json.dumps(value)}')
        return value

    def choice(self, name: str, kinds: type[Choice], default: Choice = _MISSING) -> Choice:
        """One of the words of an enumeration."""
        value = self._get(name, default)
        try:
            return kinds(value)
        except ValueError:
            known = ", ".join(kinds)
            self.fail(f'"{name}" is {json.dumps(value)}, which is unknown; it must be one of: {known}')

    def _as_point(self, name: str, value: Any) -> Point:
        numbers: list[Any] = value if isinstance(value, list) and len(value) == 2 else [None]
        for number in numbers:
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                self.fail(f'"{name}" must be a point [x, z] in metres, not {json.dumps(value)}')
        x, z = numbers
        return float(x), float(z)

    def point(self, name: str) -> Point:
        """A point [x, z]."""
        return self._as_point(name, self._get(name))

    def point_list(self, name: str, *, least: int) -> tuple[Point, ...]:
        """At least so many points."""
        value = self._get(name)
        if not isinstance(value, list) or len(value) < least:
            self.fail(f'"{name}" must be a list of at least {least} points [x, z]')
        return tuple(self._as_point(name, point) for point in value)

    def object(self, name: str) -> Fields:
        """An object inside this one."""
        value = self._get(name)
        if not isinstance(value, _Located):
            self.fail(f'"{name}" must be an object, not {json.dumps(value)}')
        return Fields(value, self._text, self._source, name)

    def _objects(self, name: str, singular: str, key: str) -> Iterator[Fields]:
        values = self._get(name)
        if not isinstance(values, list):
            self.fail(f'"{name}" must be a list, not {json.dumps(values)}')
        seen: dict[str, int] = {}
        for index, value in enumerate(values, start=1):
            if not isinstance(value, _Located):
                self.fail(f'number {index} of "{name}" must be an object, not {json.dumps(value)}')
            entry = Fields(value, self._text, self._source, f"{singular} number {index}")
            own = entry.text(key)
            entry.what = f'{singular} "{own}"'
            if own in seen:
                entry.fail(f'the {key} "{own}" is already used on line {seen[own]}')
            seen[own] = entry.line
            yield entry

    def each(
        self, name: str, singular: str, read: Callable[[Fields], Item], *, key: str = "id"
    ) -> list[tuple[Item, Fields]]:
        """Read every object of a list whose keys must differ; each with its fields, for later checks."""
        return [(read(entry), entry) for entry in self._objects(name, singular, key)]


def parse(text: str, source: str) -> Fields:
    """The outermost object of a plan.

    Raises:
        PlanError: the text is not JSON, or not an object.
    """
    try:
        value = _Decoder().decode(text)
    except json.JSONDecodeError as error:
        raise PlanError(source, error.lineno, f"this is not JSON: {error.msg} (column {error.colno})") from error
    except (ValueError, RecursionError) as error:
        raise PlanError(source, 1, f"this cannot be read: {error}") from error
    if not isinstance(value, _Located):
        raise PlanError(source, 1, "a plan must be one JSON object")
    return Fields(value, text, source, "plan")
