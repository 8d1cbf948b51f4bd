"""Bytes to messages and back.

A frame's first byte says what follows: 0x01 one msgpack map with the message's name under "t"; 0x02 movement;
0x03 sound levels. Movement and levels are little-endian and fixed (sizes in bytes):

    poses (server)   0x02, tick u4, count u2, count x { slot u2, x cm i2, z cm i2, yaw u1 (256 a turn), motion u1 }
    move  (browser)  0x02, seq u4, x cm i2, z cm i2, yaw u1, motion u1
    levels (server)  0x03, count u2, count x { slot u2, level u1 (-60..0 dBFS on 0..255) }
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgpack
import numpy as np
import numpy.typing as npt

from server.protocol.errors import MalformedMessage, MessageTooLarge
from server.protocol.messages import FROM_BROWSER, FROM_SERVER, Between, Limit, Message, Move

TAG_MESSAGE, TAG_POSES, TAG_LEVELS = 0x01, 0x02, 0x03
MAX_BYTES = 65_536
MOVE = struct.Struct("<BIhhBB")
POSES_HEAD = struct.Struct("<BIH")
LEVELS_HEAD = struct.Struct("<BH")
POSE_DTYPE = np.dtype([("slot", "<u2"), ("x", "<i2"), ("z", "<i2"), ("yaw", "u1"), ("motion", "u1")])
LEVEL_DTYPE = np.dtype([("slot", "<u2"), ("level", "u1")])
QUIET_DBFS = -60.0

Poses = npt.NDArray[np.void]
Check = Callable[[Any], bool]
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class PosesFrame:
    """Poses of one tick; `poses` is (n,) of POSE_DTYPE."""

    tick: int
    poses: Poses


@dataclass(frozen=True, slots=True)
class LevelsFrame:
    """Loudness of those who are heard; `levels` is (n,) of LEVEL_DTYPE."""

    levels: Poses


def _checker(hint: Any) -> Check:
    """A predicate for one field's type: int, float, str, bool, None, list, dict, unions, Annotated limits."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner, bound = _checker(arguments[0]), arguments[1]
        if isinstance(bound, Between):
            return lambda v: inner(v) and bound.least <= v <= bound.most
        assert isinstance(bound, Limit)
        return lambda v: inner(v) and len(v) <= bound.most
    if origin in (Union, UnionType):
        choices = [_checker(a) for a in arguments]
        return lambda v: any(c(v) for c in choices)
    if origin is list:
        item = _checker(arguments[0])
        return lambda v: isinstance(v, list) and all(item(i) for i in v)
    if origin is dict:
        value = _checker(arguments[1])
        return lambda v: isinstance(v, dict) and all(isinstance(k, str) and value(i) for k, i in v.items())
    simple: dict[Any, Check] = {
        int: lambda v: type(v) is int and -(2**53) <= v <= 2**53,
        float: lambda v: type(v) in (int, float) and math.isfinite(v),
        str: lambda v: isinstance(v, str),
        bool: lambda v: isinstance(v, bool),
        NoneType: lambda v: v is None,
        Any: lambda v: True,
    }
    return simple[hint]


@dataclass(frozen=True, slots=True)
class _Schema:
    cls: type[Message]
    checks: Mapping[str, Check]
    required: frozenset[str]


def _schema(cls: type[Message]) -> _Schema:
    hints = get_type_hints(cls, include_extras=True)
    checks = {f.name: _checker(hints[f.name]) for f in fields(cls)}
    required = frozenset(f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING)
    return _Schema(cls, checks, required)


_BROWSER = {cls.NAME: _schema(cls) for cls in FROM_BROWSER if cls is not Move}
_SERVER = {cls.NAME: _schema(cls) for cls in FROM_SERVER}
_FIELDS = {cls: tuple(f.name for f in fields(cls)) for cls in (*FROM_BROWSER, *FROM_SERVER)}


def encode(message: Message) -> bytes:
    """One frame of a message of either side."""
    if isinstance(message, Move):
        yaw = round(message.yaw / (2 * math.pi) * 256) % 256
        return MOVE.pack(
            TAG_POSES, message.seq, round(message.x * 100), round(message.z * 100), yaw, message.motion
        )
    body = {"t": message.NAME, **{name: getattr(message, name) for name in _FIELDS[type(message)]}}
    packed: bytes = msgpack.packb(body)
    return bytes([TAG_MESSAGE]) + packed


def decode_browser(data: bytes, max_bytes: int = MAX_BYTES) -> Message:
    """A frame from a browser.

    Raises:
        MessageTooLarge: more than `max_bytes`.
        MalformedMessage: not a frame, unknown message, missing or wrong field.
    """
    if len(data) > max_bytes:
        raise MessageTooLarge(f"a message of {len(data)} bytes; at most {max_bytes} are taken")
    if data[:1] == bytes([TAG_POSES]):
        return _move(data)
    return _message(data, _BROWSER)


def decode_server(data: bytes) -> Message | PosesFrame | LevelsFrame:
    """A frame from the server (for clients written in Python, such as the demo's).

    Raises:
        MalformedMessage: not a frame that a server sends.
    """
    tag = data[:1]
    if tag == bytes([TAG_POSES]):
        _, tick, count = _unpack(POSES_HEAD, data)
        return PosesFrame(tick, _records(data, POSES_HEAD.size, count, POSE_DTYPE))
    if tag == bytes([TAG_LEVELS]):
        _, count = _unpack(LEVELS_HEAD, data)
        return LevelsFrame(_records(data, LEVELS_HEAD.size, count, LEVEL_DTYPE))
    return _message(data, _SERVER)


def encode_poses(tick: int, poses: Poses) -> bytes:
    """A movement frame; `poses` is (n,) with the fields of POSE_DTYPE."""
    return POSES_HEAD.pack(TAG_POSES, tick, len(poses)) + poses.astype(POSE_DTYPE, copy=False).tobytes()


def encode_levels(levels: Iterable[tuple[int, float]]) -> bytes:
    """A levels frame of (slot, dBFS)."""
    table = np.array([(slot, level_byte(dbfs)) for slot, dbfs in levels], dtype=LEVEL_DTYPE)
    return LEVELS_HEAD.pack(TAG_LEVELS, len(table)) + table.tobytes()


def level_byte(dbfs: float) -> int:
    """-60..0 dBFS on 0..255."""
    return round(min(max((dbfs - QUIET_DBFS) / -QUIET_DBFS, 0.0), 1.0) * 255)


def _move(data: bytes) -> Move:
    if len(data) != MOVE.size:
        raise MalformedMessage(f"a move has {MOVE.size} bytes, this has {len(data)}")
    _, seq, x, z, yaw, motion = MOVE.unpack(data)
    return Move(seq=seq, x=x / 100, z=z / 100, yaw=yaw / 256 * 2 * math.pi, motion=motion)


def _message(data: bytes, schemas: Mapping[str, _Schema]) -> Message:
    if data[:1] != bytes([TAG_MESSAGE]):
        raise MalformedMessage("a frame begins with 1 (message) or 2 (movement)")
    try:
        body = msgpack.unpackb(data[1:], strict_map_key=True, raw=False)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise MalformedMessage(f"not msgpack: {type(error).__name__}") from error
    if not isinstance(body, dict) or not isinstance(name := body.pop("t", None), str):
        raise MalformedMessage('a message is a map with its name under "t"')
    schema = schemas.get(name)
    if schema is None:
        raise MalformedMessage(f"no message is called {name[:40]!r}")
    if missing := schema.required - body.keys():
        raise MalformedMessage(f"{name}: {', '.join(sorted(missing))} is missing")
    for key, value in body.items():
        check = schema.checks.get(key) if isinstance(key, str) else None
        if check is None:
            raise MalformedMessage(f"{name}: there is no field {str(key)[:40]!r}")
        if not check(value):
            raise MalformedMessage(f"{name}: {key} has a wrong type, is too long or out of range")
    return schema.cls(**body)


def _unpack(layout: struct.Struct, data: bytes) -> tuple[Any, ...]:
    if len(data) < layout.size:
        raise MalformedMessage("the frame ends too early")
    return layout.unpack_from(data)


def _records(data: bytes, start: int, count: int, dtype: np.dtype[Any]) -> Poses:
    if len(data) != start + count * dtype.itemsize:
        raise MalformedMessage(f"{count} records take {count * dtype.itemsize} bytes, not {len(data) - start}")
    return np.frombuffer(data, dtype, count, start)
