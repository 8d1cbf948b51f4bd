"""Writes the tables of docs/reference that come from the code: messages of the room socket, settings.

`make docs` runs it; a test fails when a page has fallen behind.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from scripts.console import ROOT
from server import config
from server.protocol import messages
from server.protocol.messages import Between, Limit, Message

REFERENCE = ROOT / "docs" / "reference"
UNITS = {
    "x": "metres, east",
    "z": "metres, south",
    "yaw": "radians, 0 north, counter-clockwise",
    "at": "seconds since 1970",
    "server_time": "seconds since 1970",
    "seconds": "seconds",
    "expires": "seconds since 1970",
    "gain": "1 as they are, 0 silent",
    "level": "dBFS",
    "settled": "characters",
    "delay_ms": "milliseconds",
    "due": "YYYY-MM-DD",
    "confidence": "0 to 1",
    "tick": "50 ms steps",
    "base": "50 ms steps",
    "points": "[x, z] in metres",
    "slot": "a participant's number in the room",
    "from_slot": "a participant's number in the room",
    "to_slot": "a participant's number in the room",
    "look": "skin, hair, hair style, outfit, accent; each 0 to 5",
    "motion": "0 idle, 1 walk, 2 run, 3 sit; + 16 waving",
}
TYPE_NAMES = {int: "integer", float: "number", str: "text", bool: "true or false", type(None): "null", Any: "any"}
FIELDS_OF_ONE_MESSAGE = {("ping", "at"): "any number", ("pong", "at"): "as in ping"}


def pages() -> dict[Path, str]:
    """Return each generated page with the text it should hold."""
    return {
        REFERENCE / "protocol.md": _filled(
            REFERENCE / "protocol.md",
            {"from-browser": _messages(messages.FROM_BROWSER), "from-server": _messages(messages.FROM_SERVER)},
        ),
        REFERENCE / "settings.md": _filled(REFERENCE / "settings.md", {"settings": _settings()}),
    }


def _filled(page: Path, parts: dict[str, str]) -> str:
    """Put each part between its markers."""
    text = page.read_text(encoding="utf-8")
    for name, part in parts.items():
        start, end = f"<!-- {name}: made by `make docs` -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(start)
        text = f"{before}{start}\n{part}\n{end}{rest.split(end)[1]}"
    return text


def _messages(classes: tuple[type[Message], ...]) -> str:
    return "\n".join(map(_message, classes))


def _message(cls: type[Message]) -> str:
    lines = [f"### `{cls.NAME}`", "", inspect.cleandoc(cls.__doc__ or ""), ""]
    shown = fields(cls)
    if not shown:
        return "\n".join([*lines, "No fields.", ""])
    hints = get_type_hints(cls, include_extras=True)
    lines += ["| field | type | unit or meaning | default |", "| --- | --- | --- | --- |"]
    for one in shown:
        unit = FIELDS_OF_ONE_MESSAGE.get((cls.NAME, one.name), UNITS.get(one.name, ""))
        lines.append(f"| `{one.name}` | {_type(hints[one.name])} | {unit} | {_default(one)} |")
    return "\n".join([*lines, ""])


def _type(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        if isinstance(bound := arguments[1], Between):
            return f"{_type(arguments[0])} from {bound.least:g} to {bound.most:g}"
        limit = next(part.most for part in arguments[1:] if isinstance(part, Limit))
        unit = "characters" if arguments[0] is str else "items"
        return f"{_type(arguments[0])}, at most {limit} {unit}"
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return "map" if arguments[1] is Any else f"map of {_type(arguments[1])}"
    if arguments:
        return " or ".join(map(_type, arguments))
    return TYPE_NAMES[hint]


def _default(one: Field[Any]) -> str:
    if one.default is not MISSING:
        return "" if one.default == "" else f"`{_literal(one.default)}`"
    return "empty" if one.default_factory is not MISSING else "required"


def _literal(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _settings() -> str:
    explained = _field_docstrings(config.Settings)
    lines = ["| `atrium.toml` | variable | default | meaning |", "| --- | --- | --- | --- |"]
    for one in fields(config.Settings):
        default = f"`{one.default}`" if str(one.default) else ""
        lines.append(f"| `{one.name}` | `ATRIUM_{one.name.upper()}` | {default} | {explained[one.name]} |")
    return "\n".join([*lines, ""])


def _field_docstrings(cls: type) -> dict[str, str]:
    """Return field -> the text under it in the source."""
    (definition,) = ast.parse(inspect.cleandoc(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            words = following.value if isinstance(following, ast.Expr) else None
            text = words.value if isinstance(words, ast.Constant) else ""
            found[statement.target.id] = " ".join(str(text).split())
    return found


def main() -> int:
    """Write every page that has fallen behind."""
    for page, text in pages().items():
        if page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            print(f"wrote {page.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
