"""What flows between office and sound process all the time, as bytes and back: arrays behind a short head."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import msgpack
import numpy as np
import numpy.typing as npt

from media.audio import FRAME, RATE, Samples, from_int16, to_int16
from media.errors import ShapeError
from media.scene import Scene
from server.wire import WireError, unpacked

PIECE = RATE // 2
"""An avatar's sound travels in pieces of so many samples, so that it holds up nothing else for long."""
_HEAD_LENGTH = struct.Struct("<I")
_TURN = 128 / np.pi
"""Steps of an angle in a radian: 256 make a whole turn."""
_LOUDEST = float(np.finfo(np.float16).max)
_MOST_DB = 327.0
"""Levels are in hundredths of a dB, in 16 bit."""


def encode_scene(scene: Scene) -> bytes:
    """Gains as float16, angles in 256 steps of a turn (1.4 degrees).

    Raises:
        WireError: a number in it is not finite.
    """
    numbers = (scene.gain, scene.azimuth, scene.elevation)
    if not all(np.isfinite(one).all() for one in numbers):
        raise WireError("a scene holds a number that is not finite")
    listeners, sources = list(scene.listeners), list(scene.sources)
    return _with_head(
        [listeners, None if sources == listeners else sources],
        np.minimum(scene.gain, _LOUDEST).astype(np.float16),
        _steps(scene.azimuth),
        _steps(scene.elevation),
        np.packbits(scene.flat),
    )


def decode_scene(payload: memoryview | bytes) -> Scene:
    """The scene in these bytes.

    Raises:
        WireError: there is none.
    """
    head, rest = _head(payload)
    match head:
        case [list(listeners), None]:
            sources = listeners
        case [list(listeners), list(sources)]:
            pass
        case _:
            raise WireError("a scene names its listeners and sources first")
    _check_ids(listeners)
    _check_ids(sources)
    rows, columns = len(listeners), len(sources)
    pairs = rows * columns
    flat_bytes = (pairs + 7) // 8
    if len(rest) != 4 * pairs + flat_bytes:
        raise WireError(f"a scene of {rows} and {columns} with {len(rest)} bytes of numbers")
    gain = np.frombuffer(rest, np.float16, pairs).astype(np.float32)
    if not np.isfinite(gain).all() or (gain < 0).any():
        raise WireError("a scene with a gain that is none")
    azimuth = np.frombuffer(rest, np.int8, pairs, 2 * pairs)
    elevation = np.frombuffer(rest, np.int8, pairs, 3 * pairs)
    flat = np.unpackbits(np.frombuffer(rest, np.uint8, flat_bytes, 4 * pairs), count=pairs)
    try:
        return Scene(
            listeners=tuple(listeners),
            sources=tuple(sources),
            gain=gain.reshape(rows, columns),
            azimuth=_radians(azimuth).reshape(rows, columns),
            elevation=_radians(elevation).reshape(rows, columns),
            flat=flat.astype(np.bool_).reshape(rows, columns),
        )
    except ShapeError as error:
        raise WireError(str(error)) from error


def _steps(angle: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    wide = np.rint(angle * _TURN).astype(np.int64)
    steps: npt.NDArray[np.int8] = ((wide + 128) % 256 - 128).astype(np.int8)
    return steps


def _radians(steps: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
    wide = steps.astype(np.int16)
    wide[wide == -128] = 128  # straight behind is +pi
    return (wide / _TURN).astype(np.float32)


def encode_pieces(source: str, samples: Samples) -> list[bytes]:
    """(n,) float32 mono at 48 kHz of an avatar, in pieces as 16 bit."""
    pcm = to_int16(samples)
    return [_with_head([source], pcm[start : start + PIECE]) for start in range(0, len(pcm), PIECE)]


def decode_piece(payload: memoryview | bytes) -> tuple[str, Samples]:
    """Whose sound, and (n,) float32 of it.

    Raises:
        WireError: this is none.
    """
    head, rest = _head(payload)
    if not isinstance(head, list):
        raise WireError("a piece of sound names its source first")
    _check_ids(head)
    if len(head) != 1 or len(rest) % 2:
        raise WireError("a piece of sound has one source and two bytes a sample")
    return head[0], from_int16(np.frombuffer(rest, np.int16))


def encode_frames(frames: Sequence[tuple[str, Samples]]) -> bytes:
    """One tick's (960,) float32 frames by participant as 16 bit; digital silence is only mentioned."""
    sounding = [(name, frame) for name, frame in frames if frame.any()]
    silent = [name for name, frame in frames if not frame.any()]
    head = [[name for name, _ in sounding], silent]
    return _with_head(head, *([to_int16(np.stack([frame for _, frame in sounding]))] if sounding else []))


def decode_frames(payload: memoryview | bytes) -> list[tuple[str, Samples]]:
    """(participant, (960,) float32) of one tick.

    Raises:
        WireError: this is none.
    """
    head, rest = _head(payload)
    match head:
        case [list(sounding), list(silent)]:
            pass
        case _:
            raise WireError("frames name their participants first")
    _check_ids(sounding)
    _check_ids(silent)
    if len(rest) != 2 * FRAME * len(sounding):
        raise WireError(f"{len(sounding)} frames with {len(rest)} bytes of sound")
    samples = from_int16(np.frombuffer(rest, np.int16)).reshape(len(sounding), FRAME)
    return [
        *((name, samples[row]) for row, name in enumerate(sounding)),
        *((name, np.zeros(FRAME, np.float32)) for name in silent),
    ]


def encode_levels(levels: dict[str, float]) -> bytes:
    """Levels in dBFS, in hundredths of a dB."""
    values = np.clip(np.fromiter(levels.values(), np.float64, len(levels)), -_MOST_DB, _MOST_DB)
    return _with_head(list(levels), np.rint(values * 100).astype(np.int16))


def decode_levels(payload: memoryview | bytes) -> dict[str, float]:
    """dBFS by source.

    Raises:
        WireError: these are none.
    """
    head, rest = _head(payload)
    if not isinstance(head, list):
        raise WireError("levels name their sources first")
    _check_ids(head)
    if len(rest) != 2 * len(head):
        raise WireError(f"{len(head)} levels with {len(rest)} bytes")
    return dict(zip(head, (np.frombuffer(rest, np.int16) / 100).tolist(), strict=True))


def _with_head(head: list[Any], *arrays: npt.NDArray[Any]) -> bytes:
    packed = msgpack.packb(head)
    return b"".join((_HEAD_LENGTH.pack(len(packed)), packed, *(one.tobytes() for one in arrays)))


def _head(payload: memoryview | bytes) -> tuple[Any, memoryview]:
    view = memoryview(payload)
    if len(view) < _HEAD_LENGTH.size:
        raise WireError("a message ends before its head")
    (length,) = _HEAD_LENGTH.unpack_from(view)
    start = _HEAD_LENGTH.size
    if len(view) < start + length:
        raise WireError("a message ends within its head")
    return unpacked(view[start : start + length]), view[start + length :]


def _check_ids(names: list[Any]) -> None:
    if not all(isinstance(name, str) for name in names):
        raise WireError("an id is a text")
