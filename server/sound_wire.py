"""What the office and the sound process say to each other besides what flows all the time.

That (the scene, sound, levels) is in `server.sound_bulk`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from server.wire import Control, ControlTable, Failed, Ready, WireError, fits

VERSION = 1
"""Raised with each change here; both sides name theirs first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Control):
    """The office, first: how the sound is to be (the fields of `MediaSettings`)."""

    NAME: ClassVar[str] = "hello"
    version: int
    settings: dict[str, Any]
    log_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Control):
    """Do this (a name of `CALLS`) and answer with `Reply` or `Fault` of the same number."""

    NAME: ClassVar[str] = "request"
    number: int
    call: str
    arguments: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Control):
    """It is done; this came of it."""

    NAME: ClassVar[str] = "reply"
    number: int
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Control):
    """It cannot be done; `code` is that of the exception."""

    NAME: ClassVar[str] = "fault"
    number: int
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Control):
    """Do this (a name of `TOLD`); nothing comes back."""

    NAME: ClassVar[str] = "tell"
    call: str
    arguments: list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Control):
    """The process: this person's connection failed by itself."""

    NAME: ClassVar[str] = "lost"
    participant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat(Control):
    """The process, twice a second: I am alive, and this is how I am."""

    NAME: ClassVar[str] = "beat"
    counters: dict[str, Any]
    load: str
    detail: dict[str, Any]


CALLS: dict[str, tuple[type, ...]] = {
    "connect": (str, str, bool, bool),
    "disconnect": (str,),
    "report": (str,),
    "connect_video": (str, str),
    "disconnect_video": (str,),
}
"""What can be asked, with the types of its arguments."""
TOLD: dict[str, tuple[type, ...]] = {
    "set_muted": (str, bool),
    "set_transcribed": (str, bool),
    "stop": (str, float),
    "remove_source": (str,),
    "set_views": (str, list),
}
"""What can be told, with the types of its arguments; a view is [mid, owner, kind]."""

_TABLE = ControlTable(Hello, Ready, Failed, Request, Reply, Fault, Tell, Lost, Beat)


def decode_control(payload: memoryview | bytes) -> Control:
    """The control message in these bytes.

    Raises:
        WireError: there is none, or a field or an argument is of the wrong type.
    """
    message = _TABLE.decode(payload)
    if isinstance(message, Request):
        _check_call(CALLS, message.call, message.arguments)
    elif isinstance(message, Tell):
        _check_call(TOLD, message.call, message.arguments)
    return message


def _check_call(known: dict[str, tuple[type, ...]], call: str, arguments: Sequence[Any]) -> None:
    types = known.get(call)
    if types is None:
        raise WireError(f"nobody can be asked to {call}")
    if len(arguments) != len(types) or not all(map(fits, arguments, types)):
        raise WireError(f"{call} takes {', '.join(one.__name__ for one in types)}")
    if call == "set_views" and not all(map(_is_view, arguments[1])):
        raise WireError("a view is an m-line, an owner and screen or camera")


def _is_view(value: Any) -> bool:
    match value:
        case [str(), str(), "screen" | "camera"]:
            return True
    return False
