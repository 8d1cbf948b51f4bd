"""Messages between the office and its processes, as bytes and back. No sockets, no waiting.

Each message is a header (length of the rest, kind) and the rest. Control messages are msgpack lists that begin
with their name; which there are, each pair of processes says for itself (`ControlTable`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar, get_type_hints

import msgpack
import numpy as np

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control message."""

    NAME: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Control):
    """A process: whatever is asked is answered from now on."""

    NAME: ClassVar[str] = "ready"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Control):
    """A process, last: why it cannot do its work."""

    NAME: ClassVar[str] = "failed"
    text: str


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


class ControlTable:
    """The control messages that two processes have agreed on."""

    def __init__(self, *messages: type[Control]) -> None:
        """`messages` are all there are."""
        self._classes = {cls.NAME: cls for cls in messages}
        self._types = {cls.NAME: [get_type_hints(cls)[field.name] for field in fields(cls)] for cls in messages}

    def decode(self, payload: memoryview | bytes) -> Control:
        """The control message in these bytes.

        Raises:
            WireError: there is none, or a field is of the wrong type.
        """
        parts = unpacked(payload)
        if not isinstance(parts, list) or not parts or not isinstance(parts[0], str):
            raise WireError("this is no control message")
        name, *values = parts
        if name not in self._classes:
            raise WireError("this is no control message")
        types = self._types[name]
        if len(values) != len(types) or not all(map(fits, values, types)):
            raise WireError(f"a {name} message with the wrong fields")
        cls = self._classes[name]
        return cls(**{field.name: value for field, value in zip(fields(cls), values, strict=True)})


def fits(value: Any, wanted: Any) -> bool:
    """Whether a value that came over the wire has the type that was agreed on."""
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
