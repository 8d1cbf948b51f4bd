"""What the office and the sound process say to each other, as bytes and back. No sockets, no waiting.

Each message is a header (length of the rest, kind) and the rest. Control messages are msgpack lists that begin
with their name; what flows all the time (the scene, sound, levels) is in `server.sound_bulk`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar, get_type_hints

import msgpack
import numpy as np

VERSION = 1
"""Raised with each change here; both sides name theirs first."""
MAX_BYTES = 8 * 1024 * 1024
"""The longest message: a scene of a thousand people is half of that."""
_HEADER = struct.Struct("<IB")


class WireError(Exception):
    """What came over the socket is not what the two have agreed on; the text says in which way."""


class Kind(IntEnum):
    """What a message holds, which also says what may happen to it when too much waits (`Waiting`)."""

    CONTROL = 1
    """One of the messages below."""
    BEAT = 2
    """To the office: a `Beat`."""
    SCENE = 3
    """To the process: who hears whom from where."""
    PIECE = 4
    """To the process: a piece of what an avatar says."""
    FRAMES = 5
    """To the office: one tick's sound of those who agreed to be recognised."""
    LEVELS = 6
    """To the office: how loud each source is."""


_KINDS = frozenset(Kind)


def pack(kind: Kind, payload: bytes) -> bytes:
    """A message as it goes over the socket."""
    if len(payload) > MAX_BYTES:
        raise WireError(f"a message of {len(payload)} bytes is longer than {MAX_BYTES}")
    return _HEADER.pack(len(payload), kind) + payload


class Unpacker:
    """Bytes as they arrive, in whole messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[Kind, memoryview]]:
        """Take what has arrived; give each message that is complete.

        Raises:
            WireError: this is no message of ours. Nothing after it can be understood.
        """
        data = self._rest + data if self._rest else data
        self._rest = b""
        view, at = memoryview(data), 0
        while len(data) - at >= _HEADER.size:
            length, number = _HEADER.unpack_from(data, at)
            if length > MAX_BYTES:
                raise WireError(f"a message says it has {length} bytes; the most are {MAX_BYTES}")
            if number not in _KINDS:
                raise WireError(f"there is no kind of message {number}")
            start = at + _HEADER.size
            if len(data) < start + length:
                break
            at = start + length
            yield Kind(number), view[start:at]
        self._rest = data[at:]


# --- control ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control message."""

    NAME: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Control):
    """The office, first: how the sound is to be (the fields of `MediaSettings`)."""

    NAME: ClassVar[str] = "hello"
    version: int
    settings: dict[str, Any]
    log_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Control):
    """The process: offers are answered from now on."""

    NAME: ClassVar[str] = "ready"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Control):
    """The process, last: why it cannot do its work."""

    NAME: ClassVar[str] = "failed"
    text: str


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

_CONTROL: dict[str, type[Control]] = {
    cls.NAME: cls for cls in (Hello, Ready, Failed, Request, Reply, Fault, Tell, Lost, Beat)
}
_TYPES: dict[str, list[Any]] = {
    name: [get_type_hints(cls)[field.name] for field in fields(cls)] for name, cls in _CONTROL.items()
}


def encode_control(message: Control) -> bytes:
    """A control message as the rest of a message."""
    values = [message.NAME, *(getattr(message, field.name) for field in fields(message))]
    payload: bytes = msgpack.packb(values, default=_plain)
    return payload


def _plain(value: Any) -> Any:
    """Numbers of numpy are numbers too."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def decode_control(payload: memoryview | bytes) -> Control:
    """The control message in these bytes.

    Raises:
        WireError: there is none, or a field or an argument is of the wrong type.
    """
    parts = unpacked(payload)
    if not isinstance(parts, list) or not parts or not isinstance(parts[0], str) or parts[0] not in _CONTROL:
        raise WireError("this is no control message")
    name, *values = parts
    types = _TYPES[name]
    if len(values) != len(types) or not all(map(_fits, values, types)):
        raise WireError(f"a {name} message with the wrong fields")
    cls = _CONTROL[name]
    message = cls(**{field.name: value for field, value in zip(fields(cls), values, strict=True)})
    if isinstance(message, Request):
        _check_call(CALLS, message.call, message.arguments)
    elif isinstance(message, Tell):
        _check_call(TOLD, message.call, message.arguments)
    return message


def _check_call(known: dict[str, tuple[type, ...]], call: str, arguments: Sequence[Any]) -> None:
    types = known.get(call)
    if types is None:
        raise WireError(f"nobody can be asked to {call}")
    if len(arguments) != len(types) or not all(map(_fits, arguments, types)):
        raise WireError(f"{call} takes {', '.join(one.__name__ for one in types)}")
    if call == "set_views" and not all(map(_is_view, arguments[1])):
        raise WireError("a view is an m-line, an owner and screen or camera")


def _is_view(value: Any) -> bool:
    match value:
        case [str(), str(), "screen" | "camera"]:
            return True
    return False


def _fits(value: Any, wanted: Any) -> bool:
    if wanted is Any:
        return True
    plain = getattr(wanted, "__origin__", wanted)
    if plain is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, plain)


def unpacked(payload: memoryview | bytes) -> Any:
    """The msgpack value in these bytes; raises WireError."""
    try:
        return msgpack.unpackb(payload)
    except (ValueError, msgpack.UnpackException) as error:
        raise WireError(f"not msgpack: {type(error).__name__}") from error
