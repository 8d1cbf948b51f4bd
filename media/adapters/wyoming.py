"""Any Wyoming speech-to-text server as a Transcriber: JSON lines and sound over TCP."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from media.adapters.screen import believed, one_by_one
from media.errors import EngineUnavailable
from media.transcriber import RATE, Capabilities, Hypothesis, Outcome, Request, Word

_CHUNK = RATE // 5
_LONGEST_LINE = 1_000_000
_SOUND = {"rate": RATE, "width": 2, "channels": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class WyomingSettings:
    """Where the server is and how long to wait for it."""

    host: str = "127.0.0.1"
    port: int = 10300
    connect_seconds: float = 1.0
    answer_seconds: float = 10.0
    """From the first byte sent to the transcript, beside what the sound's length adds."""
    answer_factor: float = 1.0
    """Seconds that are added for each second of sound: a long one takes longer."""
    language: str = "en"
    """What is spoken where a request does not say; empty: the server tells by itself."""


class WyomingTranscriber:
    """Sends each utterance over a connection of its own; the server gives text without word times."""

    name = "wyoming"
    capabilities = Capabilities(languages=(), vocabulary=True, punctuation=True, agreement=2, hold_seconds=0.8)

    def __init__(self, settings: WyomingSettings | None = None) -> None:
        """Remember where the server is; nothing is sent before the first utterance."""
        self._settings = settings or WyomingSettings()
        self._program = ""

    def describe(self) -> str:
        """Say what is at work; the program's name is known after `check`."""
        where = f"{self._settings.host}:{self._settings.port}"
        return f"Wyoming server at {where}" + (f" ({self._program})" if self._program else "")

    def check(self) -> str:
        """Ask the server which recogniser it offers.

        Raises:
            EngineUnavailable: there is no server, or it offers none.
        """
        with _Line(self._settings, self._settings.answer_seconds) as line:
            line.send("describe", {})
            info = line.receive("info")
        offered = info.get("asr") or []
        if not offered:
            raise EngineUnavailable(f"the {self.describe()} offers no speech recognition")
        self._program = str(offered[0].get("name", ""))
        return self._program

    def prepare(self, vocabulary: Sequence[str]) -> None:
        """Nothing to prepare: words go along with each request."""

    def transcribe(self, requests: Sequence[Request]) -> list[Outcome]:
        """Recognise one after the other; see `Transcriber.transcribe`.

        Word times are spread over the utterance by length, confidence is 0.5: the server tells neither.

        Raises:
            EngineUnavailable: no connection, or no proper answer in time.
        """
        return one_by_one(requests, self._recognise)

    def forget(self, stream: str) -> None:
        """Nothing is kept of a stream."""

    def close(self) -> None:
        """No connection outlives its request."""

    def _recognise(self, request: Request) -> Hypothesis:
        settings = self._settings
        seconds = len(request.samples) / RATE
        sound = (np.clip(request.samples, -1.0, 1.0) * 32767.0).astype("<i2")
        asked: dict[str, Any] = {}
        if language := request.language or settings.language:
            asked["language"] = language
        if request.vocabulary:
            asked["context"] = {"initial_prompt": ", ".join(request.vocabulary)}
        with _Line(settings, settings.answer_seconds + settings.answer_factor * seconds) as line:
            line.send("transcribe", asked)
            line.send("audio-start", _SOUND)
            for at in range(0, len(sound), _CHUNK):
                line.send("audio-chunk", _SOUND, sound[at : at + _CHUNK].tobytes())
            line.send("audio-stop", {})
            transcript = line.receive("transcript")
        words = spread(str(transcript.get("text") or "").split(), seconds)
        return believed(request, words, language=str(transcript.get("language") or language))


def spread(words: Sequence[str], seconds: float) -> list[Word]:
    """Give words times in proportion to their length."""
    total = sum(len(word) + 1 for word in words)
    timed, at = [], 0.0
    for word in words:
        end = at + seconds * (len(word) + 1) / total
        timed.append(Word(text=word, start=at, end=min(end, seconds), confidence=0.5))
        at = end
    return timed


class _Line:
    """One connection: events out, one awaited event in, all before a deadline."""

    def __init__(self, settings: WyomingSettings, answer_seconds: float) -> None:
        self._settings = settings
        self._seconds = answer_seconds
        self._deadline = 0.0
        self._buffer = b""

    def __enter__(self) -> _Line:
        settings = self._settings
        try:
            self._socket = socket.create_connection((settings.host, settings.port), settings.connect_seconds)
        except OSError as error:
            raise self._unavailable("does not answer") from error
        self._deadline = time.monotonic() + self._seconds
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, kind: str, data: dict[str, Any], payload: bytes = b"") -> None:
        encoded = json.dumps(data).encode()
        header = {"type": kind, "data_length": len(encoded), "payload_length": len(payload)}
        try:
            self._wait()
            self._socket.sendall(json.dumps(header).encode() + b"\n" + encoded + payload)
        except OSError as error:
            raise self._unavailable("broke off while listening") from error

    def receive(self, wanted: str) -> dict[str, Any]:
        """Read events until one of the wanted type; others are skipped."""
        try:
            while True:
                header = json.loads(self._until_newline())
                data = dict(header.get("data") or {})
                extra = self._exactly(int(header.get("data_length") or 0))
                if extra:
                    data |= json.loads(extra)
                self._exactly(int(header.get("payload_length") or 0))
                if header.get("type") == "error":
                    raise self._unavailable(f"reports: {str(data.get('text', 'an error'))[:200]}")
                if header.get("type") == wanted:
                    return data
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise self._unavailable("gave no proper answer in time") from error

    def _until_newline(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_LINE:
                raise ValueError("an endless line")
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _exactly(self, count: int) -> bytes:
        if not 0 <= count <= 50 * _LONGEST_LINE:
            raise ValueError("an impossible length")
        while len(self._buffer) < count:
            self._more()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _more(self) -> None:
        self._wait()
        received = self._socket.recv(65536)
        if not received:
            raise ValueError("the connection ended")
        self._buffer += received

    def _wait(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        self._socket.settimeout(left)

    def _unavailable(self, what: str) -> EngineUnavailable:
        return EngineUnavailable(f"the speech server at {self._settings.host}:{self._settings.port} {what}")
