"""Recordings: the sound of what was said, where somebody who may had it kept; sealed, and deleted in time.

One file an utterance, `recordings/<meeting>/<seconds since the epoch>-<utterance>.sound`: Opus in Ogg, sealed. The
time lies in the name, so that neither a backup nor a copy lets sound live longer. Everything here blocks.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import threading
import wave
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from media.audio import Pcm, to_int16
from media.transcriber import RATE, Samples
from server.errors import ServerError
from server.sealed import SealBroken, Sealer

FOLDER = "recordings"
"""Its place in the data folder."""
DAYS = 30
BITS_A_SECOND = 24_000
_ENDING, _UNFINISHED = ".sound", ".tmp"
_NAME = re.compile(r"(\d{1,12})-([A-Za-z0-9_-]{1,80})")
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class RecordingError(ServerError):
    """Sound cannot be kept, read or deleted; its text says what to do."""

    code = "recording"
    status = 503
    title = "The sound cannot be reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    utterance: str
    at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class Recordings:
    """Keeps, gives and deletes the sound of utterances.

    Args:
        folder: where; made when the first sound comes.
        sealer: of the purpose `recordings`.
        days: how long sound is kept.
        wall: the real time of day. Not that of a demonstration, which would delete too much or too little.
    """

    def __init__(
        self, folder: Path, sealer: Sealer, *, days: int = DAYS, wall: Callable[[], datetime] = _now
    ) -> None:
        self._folder, self._sealer, self._wall = folder, sealer, wall
        self._turn = threading.Lock()
        """One change at a time: a sweep must not take the folder away into which a file is being put."""
        self.days = days

    def keep(self, meeting_id: str, utterance_id: str, samples: Samples) -> None:
        """Keep the sound of an utterance; a second time changes nothing. About 10 ms a second of sound.

        Args:
            meeting_id: the meeting it was said in.
            utterance_id: letters, digits, - and _.
            samples: (n,) float32 in [-1, 1] at 16 kHz.

        Raises:
            RecordingError: it cannot be written.
            ValueError: an id that could be a path.
        """
        if not _ID.fullmatch(meeting_id) or not _ID.fullmatch(utterance_id):
            raise ValueError("ids are made of letters, digits, - and _, at most 80")
        if not len(samples) or self._find(meeting_id, utterance_id) is not None:
            return
        sealed = self._sealer.seal(opus(to_int16(samples)), _about(meeting_id, utterance_id))
        place = self._folder / meeting_id / f"{int(self._wall().timestamp())}-{utterance_id}{_ENDING}"
        try:
            with self._turn:
                _write(place, sealed)
        except OSError as fault:
            raise RecordingError(
                f"sound cannot be kept in {self._folder} ({fault.strerror}); free some disk space"
            ) from fault

    def kept(self, meeting_id: str) -> dict[str, datetime]:
        """Say until when the sound of which utterances of a meeting is kept."""
        return {file.utterance: file.at + timedelta(days=self.days) for file in self._files(meeting_id)}

    def wav(self, meeting_id: str, utterance_id: str) -> bytes | None:
        """Give the sound of an utterance as a WAV file, 16 kHz mono; None where there is none.

        Raises:
            RecordingError: it is damaged, or was sealed with another secret.
        """
        file = self._find(meeting_id, utterance_id)
        if file is None or file.at + timedelta(days=self.days) <= self._wall():
            return None
        try:
            return as_wav(pcm_of(self._sealer.open(file.path.read_bytes(), _about(meeting_id, utterance_id))))
        except FileNotFoundError:
            return None  # deleted in this moment
        except (OSError, SealBroken) as fault:
            raise RecordingError(f"this sound cannot be read: {fault}") from fault

    def remove(self, meeting_id: str, utterance_id: str) -> bool:
        """Delete the sound of an utterance; say whether there was some.

        Raises:
            RecordingError: it cannot be deleted.
        """
        file = self._find(meeting_id, utterance_id)
        return file is not None and self._delete(file)

    def forget(self, meeting_id: str) -> int:
        """Delete all sound of a meeting; give how many utterances had some.

        Raises:
            RecordingError: it cannot be deleted.
        """
        with self._turn:
            gone = sum([self._delete(file) for file in self._files(meeting_id)])
            self._drop_folder(meeting_id)
        return gone

    def meetings(self) -> list[str]:
        """List the meetings of which there is sound."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if path.is_dir() and _ID.fullmatch(path.name))

    def sweep(self, known: Container[str]) -> int:
        """Delete what is older than `days`, and the sound of meetings that are no more.

        Args:
            known: ids of the meetings that there are.

        Returns:
            How many utterances lost their sound.

        Raises:
            RecordingError: something cannot be deleted.
        """
        oldest, gone = self._wall() - timedelta(days=self.days), 0
        for meeting_id in self.meetings():
            if meeting_id not in known:
                gone += self.forget(meeting_id)
                continue
            with self._turn:
                old = [file for file in self._files(meeting_id) if file.at <= oldest]
                gone += sum([self._delete(file) for file in old])
                if not any(self._files(meeting_id)):
                    self._drop_folder(meeting_id)
        return gone

    def _files(self, meeting_id: str) -> Iterator[_File]:
        folder = self._folder / meeting_id
        if not _ID.fullmatch(meeting_id) or not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            if path.suffix == _ENDING and (parts := _NAME.fullmatch(path.stem)):
                at = datetime.fromtimestamp(int(parts[1]), UTC)
                yield _File(path=path, utterance=parts[2], at=at)

    def _find(self, meeting_id: str, utterance_id: str) -> _File | None:
        return next((file for file in self._files(meeting_id) if file.utterance == utterance_id), None)

    def _delete(self, file: _File) -> bool:
        try:
            file.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as fault:
            raise RecordingError(f"{file.path} cannot be deleted ({fault.strerror}); delete it by hand") from fault
        return True

    def _drop_folder(self, meeting_id: str) -> None:
        folder = self._folder / meeting_id
        if not folder.is_dir():
            return
        try:
            shutil.rmtree(folder)
        except OSError as fault:
            raise RecordingError(f"{folder} cannot be deleted ({fault.strerror}); delete it by hand") from fault


def opus(pcm: Pcm) -> bytes:
    """Encode (n,) int16 at 16 kHz, n > 0, as Opus in Ogg: a tenth of its size."""
    import av  # takes 0.2 s to load, and most offices never record

    out = io.BytesIO()
    with av.open(out, "w", format="ogg") as container:
        options = {"application": "voip", "compression_level": "5"}
        stream = container.add_stream("libopus", rate=RATE, layout="mono", bit_rate=BITS_A_SECOND, options=options)
        frame = av.AudioFrame.from_ndarray(pcm[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


def pcm_of(ogg: bytes) -> Pcm:
    """Decode sound to (n,) int16 at 16 kHz mono."""
    import av

    parts: list[Pcm] = []
    with av.open(io.BytesIO(ogg), "r") as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        for frame in (*container.decode(audio=0), None):
            parts += [resampled.to_ndarray()[0] for resampled in resampler.resample(frame)]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def as_wav(pcm: Pcm) -> bytes:
    """Write (n,) int16 at 16 kHz as a WAV file, which every browser plays."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.astype("<i2").tobytes())
    return out.getvalue()


def _write(place: Path, data: bytes) -> None:
    """Let a file appear, complete, in a folder that is made where it is missing."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = place.with_suffix(_UNFINISHED)
    try:
        with open(unfinished, "wb", opener=_private) as file:
            file.write(data)
        unfinished.replace(place)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _about(meeting_id: str, utterance_id: str) -> bytes:
    return f"{meeting_id} {utterance_id}".encode()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
