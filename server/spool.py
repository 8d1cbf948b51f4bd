"""The spool: complete stretches of speech wait here, sealed on disk, until their words have been handled.

Whatever crashes meanwhile, they are taken up again in the order in which they were spoken.
"""

from __future__ import annotations

import json
import logging
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self

import numpy as np

from media.audio import from_int16, to_int16
from media.transcriber import Samples
from server.errors import ServerError
from server.sealed import OVERHEAD, SealBroken, Sealer

logger = logging.getLogger(__name__)

FOLDER = "spool"
"""Its place in the data folder; backups leave it out."""
MOST_BYTES = 256 * 1024 * 1024
"""Two hours and twenty minutes of speech."""
MOST_HOURS = 24.0
_ENDING, _ASIDE, _UNFINISHED = ".segment", ".unreadable", ".tmp"
_LENGTH = struct.Struct("<I")
_LONGEST_HEAD = 64 * 1024
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class SpoolError(ServerError):
    """The spool cannot be written or read; its text says what to do."""

    code = "spool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A complete stretch of speech whose words are still to be found."""

    id: str
    """Of the utterance."""
    speaker: str
    speaker_name: str
    room: str
    zone: str
    meeting: str = ""
    """In whose transcript it belongs; empty outside of meetings."""
    audience: frozenset[str] = frozenset()
    """Who heard it, the speaker included: its caption is for them."""
    language: str = ""
    started_at: datetime
    """Aware."""
    seconds: float
    samples: Samples
    """(n,) float32 in [-1, 1] at 16 kHz; on disk as 16-bit numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolCounters:
    """What is in the spool and what was not kept."""

    waiting: int
    """Stretches that lie in it."""
    bytes: int
    """What they take on disk."""
    lost: int
    """Dropped because the spool was full or they were too old."""
    unreadable: int
    """Damaged, or sealed with another secret; set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: Path
    speaker: str
    bytes: int
    at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class Spool:
    """A bounded, ordered folder of sealed stretches. Blocks, but never long: 5 s of speech take about 1 ms.

    Made by `open`. Each call leaves the folder whole: files appear complete, or not at all.
    """

    def __init__(
        self, folder: Path, sealer: Sealer, *, most_bytes: int, most_hours: float, wall: Callable[[], datetime]
    ) -> None:
        """Use `open`."""
        self._folder, self._sealer, self._wall = folder, sealer, wall
        self._most_bytes, self._longest = most_bytes, timedelta(hours=most_hours)
        self._entries: dict[str, _Entry] = {}
        self._bytes = self._lost = self._unreadable = 0

    @classmethod
    def open(
        cls,
        folder: Path,
        sealer: Sealer,
        *,
        most_bytes: int = MOST_BYTES,
        most_hours: float = MOST_HOURS,
        wall: Callable[[], datetime] = _now,
    ) -> Self:
        """Take up what lies in a folder, or make it; what is too old by `wall` goes.

        Raises:
            SpoolError: the folder cannot be made or read.
        """
        spool = cls(folder, sealer, most_bytes=most_bytes, most_hours=most_hours, wall=wall)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            spool._take_up()
        except OSError as fault:
            raise SpoolError(
                f"{folder} cannot be used ({fault.strerror}); check the data folder's permissions"
            ) from fault
        return spool

    @property
    def counters(self) -> SpoolCounters:
        """What is in it and what was not kept, since it was opened."""
        return SpoolCounters(
            waiting=len(self._entries), bytes=self._bytes, lost=self._lost, unreadable=self._unreadable
        )

    def put(self, kept: Kept) -> None:
        """Keep a stretch; one of the same id is replaced. When the spool is full, the oldest goes.

        Raises:
            SpoolError: it cannot be written; it may still be recognised, but a crash would lose it.
            ValueError: the id is not made of letters, digits, - and _, or the start has no time zone.
        """
        path = self._folder / f"{_name(kept)}{_ENDING}"
        data = self._sealed(kept, path.stem)
        replaced = self._entries.get(kept.id)
        self._make_room(len(data))
        if len(data) > self._most_bytes:
            self._lost += 1
            return
        _write(path, data)
        if replaced is not None and kept.id in self._entries:
            self._leave(kept.id)
            if replaced.path != path:
                replaced.path.unlink(missing_ok=True)
        self._enter(kept.id, _Entry(path=path, speaker=kept.speaker, bytes=len(data), at=kept.started_at))

    def remove(self, id: str) -> None:
        """Its words have been handled, or are not wanted; an unknown id is harmless.

        Raises:
            SpoolError: the file cannot be removed.
        """
        entry = self._entries.get(id)
        if entry is None:
            return
        try:
            entry.path.unlink(missing_ok=True)
        except OSError as fault:
            raise SpoolError(
                f"{entry.path} cannot be removed ({fault.strerror}); remove it by hand, it holds speech"
            ) from fault
        self._leave(id)

    def forget(self, speaker: str) -> list[str]:
        """Remove all of one person; give the ids of what is gone, oldest first.

        Raises:
            SpoolError: a file cannot be removed.
        """
        theirs = [id for id in self.ids() if self._entries[id].speaker == speaker]
        for id in theirs:
            self.remove(id)
        return theirs

    def ids(self) -> list[str]:
        """What waits, oldest first."""
        return sorted(self._entries, key=lambda id: self._entries[id].path.name)

    def read(self, id: str) -> Kept | None:
        """Give one that waits; None where it is not there, or cannot be read and was set aside."""
        entry = self._entries.get(id)
        if entry is None:
            return None
        try:
            return self._opened(entry.path)
        except (OSError, SealBroken, ValueError, KeyError, TypeError) as fault:
            self._leave(id)
            self._set_aside(entry.path, fault)
            return None

    def waiting(self) -> list[Kept]:
        """Give all that wait, oldest first; for much of it, `ids` and `read` take less memory."""
        return [kept for id in self.ids() if (kept := self.read(id)) is not None]

    def expire(self) -> int:
        """Drop what has waited too long for its words; give how many. To be called now and then.

        Raises:
            SpoolError: a file cannot be removed.
        """
        before = self._lost
        self._make_room(0)
        return self._lost - before

    def _take_up(self) -> None:
        oldest = self._wall() - self._longest
        for path in sorted(self._folder.iterdir()):
            if path.suffix == _UNFINISHED or (path.suffix == _ASIDE and _changed(path) < oldest):
                path.unlink(missing_ok=True)
            if path.suffix != _ENDING:
                continue
            try:
                with path.open("rb") as file:
                    head = self._head(file, path.stem)
                entry = _Entry(
                    path=path,
                    speaker=str(head["speaker"]),
                    bytes=path.stat().st_size,
                    at=datetime.fromisoformat(head["started_at"]),
                )
                id = str(head["id"])
            except (OSError, SealBroken, ValueError, KeyError) as fault:
                self._set_aside(path, fault)
                continue
            self._enter(id, entry)
            if entry.at < oldest:
                self._drop(id)
        self._make_room(0)

    def _make_room(self, wanted: int) -> None:
        oldest = self._wall() - self._longest
        for id in self.ids():
            if self._entries[id].at >= oldest and self._bytes + wanted <= self._most_bytes:
                break
            self._drop(id)

    def _drop(self, id: str) -> None:
        self.remove(id)
        self._lost += 1

    def _enter(self, id: str, entry: _Entry) -> None:
        self._entries[id] = entry
        self._bytes += entry.bytes

    def _leave(self, id: str) -> None:
        self._bytes -= self._entries.pop(id).bytes

    def _set_aside(self, path: Path, fault: Exception) -> None:
        self._unreadable += 1
        logger.error("speech in the spool is unreadable", extra={"error": type(fault).__name__})
        try:
            path.rename(path.with_suffix(_ASIDE))
        except FileNotFoundError:
            logger.error("speech has gone from the spool")
        except OSError as trouble:
            raise SpoolError(f"{path} cannot be set aside ({trouble.strerror}); remove it by hand") from trouble

    def _sealed(self, kept: Kept, stem: str) -> bytes:
        head = {
            "id": kept.id,
            "speaker": kept.speaker,
            "speaker_name": kept.speaker_name,
            "room": kept.room,
            "zone": kept.zone,
            "meeting": kept.meeting,
            "audience": sorted(kept.audience),
            "language": kept.language,
            "started_at": kept.started_at.isoformat(),
            "seconds": kept.seconds,
        }
        sealed = self._sealer.seal(json.dumps(head).encode(), f"head {stem}".encode())
        sound = self._sealer.seal(to_int16(kept.samples).astype("<i2").tobytes(), f"sound {stem}".encode())
        return _LENGTH.pack(len(sealed)) + sealed + sound

    def _head(self, file: IO[bytes], stem: str) -> dict[str, Any]:
        start = file.read(_LENGTH.size)
        length = _LENGTH.unpack(start)[0] if len(start) == _LENGTH.size else 0
        if not OVERHEAD <= length <= _LONGEST_HEAD:
            raise ValueError("a segment begins with its head")
        head: dict[str, Any] = json.loads(self._sealer.open(file.read(length), f"head {stem}".encode()))
        return head

    def _opened(self, path: Path) -> Kept:
        with path.open("rb") as file:
            head = self._head(file, path.stem)
            pcm = np.frombuffer(self._sealer.open(file.read(), f"sound {path.stem}".encode()), "<i2")
        started_at = datetime.fromisoformat(head.pop("started_at"))
        audience = frozenset(head.pop("audience"))
        samples = from_int16(pcm.astype(np.int16))
        return Kept(**head, audience=audience, started_at=started_at, samples=samples)


def _write(path: Path, data: bytes) -> None:
    """Let a file appear, complete."""
    unfinished = path.with_suffix(_UNFINISHED)
    try:
        with open(unfinished, "wb", opener=_private) as file:
            file.write(data)
        unfinished.replace(path)
    except OSError as fault:
        unfinished.unlink(missing_ok=True)
        raise SpoolError(
            f"speech cannot be put aside in {path.parent} ({fault.strerror}); free some disk space"
        ) from fault


def _name(kept: Kept) -> str:
    """Sorts by the time at which it began."""
    if not _ID.fullmatch(kept.id):
        raise ValueError("the id of an utterance is made of letters, digits, - and _, at most 80")
    if kept.started_at.tzinfo is None:
        raise ValueError("an utterance needs an aware start time")
    micros = (kept.started_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return f"{max(0, micros):018d}-{kept.id}"


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
