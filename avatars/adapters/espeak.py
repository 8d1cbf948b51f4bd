"""The embedded voice for a machine without models: espeak-ng in a process of its own."""

from __future__ import annotations

import itertools
import json
import logging
import os
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avatars.errors import SpeechError
from avatars.speech import Speech, to_speech
from media.audio import RATE, from_int16
from media.resample import resample

logger = logging.getLogger(__name__)

VOICES = {
    "en-us+f3": "a clear woman's voice, American (the voice of Ada)",
    "en-gb+f2": "a deeper woman's voice, British",
    "en-us+f5": "a light woman's voice, American",
    "en-us": "a man's voice, American",
    "en-gb-x-rp+m3": "a man's voice, British",
    "en-gb-scotland+m7": "a deep man's voice, Scottish",
}
"""Voices that are easy to tell apart, with what they are like."""

_PACKAGES = Path(__file__).resolve().parents[2]
_MAX_HEADER = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EspeakSettings:
    """How the embedded voice sounds."""

    voice: str = "en-us+f3"
    """A key of `VOICES`, or any espeak-ng voice with or without a variant."""
    words_per_minute: int = 165
    pitch: int = 50
    """0..99."""
    timeout_seconds: float = 10.0
    """A sentence that takes longer is given up; espeak-ng needs a few milliseconds."""


class EspeakVoice:
    """A `Voice` on the worker process. The worker starts with the first sentence and again if it dies."""

    embedded = True

    def __init__(self, settings: EspeakSettings | None = None) -> None:
        self._settings = settings or EspeakSettings()
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._ids = itertools.count(1)
        self._closed = False
        self.starts = 0
        """How many times a worker was started."""

    @property
    def name(self) -> str:
        """What the screen calls this voice."""
        return f"espeak-ng {self._settings.voice}"

    @property
    def process_id(self) -> int | None:
        """The worker's process, if one is running."""
        worker = self._worker
        return worker.pid if worker is not None and worker.poll() is None else None

    def synthesize(self, text: str) -> Speech:
        """Say a text. Blocks for some milliseconds.

        Raises:
            SpeechError: the voice does not exist, the text is empty or too long, or the worker failed twice.
        """
        header, pcm = self._ask(
            {
                "text": text,
                "voice": self._settings.voice,
                "rate": self._settings.words_per_minute,
                "pitch": self._settings.pitch,
            }
        )
        samples = from_int16(np.frombuffer(pcm, dtype="<i2"))
        return to_speech(
            text,
            resample(samples, int(header["rate"]), RATE),
            words=tuple((float(at), text[start : start + n]) for at, start, n in header["words"]),
            phonemes=tuple((float(at), str(name)) for at, name in header["phonemes"]),
        )

    def voices(self) -> list[str]:
        """Names of all plain English voices; a variant such as "+f3" may be added to each."""
        header, _ = self._ask({"voices": True})
        return [str(name) for name in header["voices"]]

    def close(self) -> None:
        """End the worker. May be called again; nothing can be said afterwards."""
        with self._lock:
            self._closed = True
            self._end()

    def _ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            if self._closed:
                raise SpeechError("the voice is closed")
            header, pcm = self._exchange(request, tries=2)
        if "error" in header:
            raise SpeechError(str(header["error"]))
        return header, pcm

    def _exchange(self, request: dict[str, Any], tries: int) -> tuple[dict[str, Any], bytes]:
        worker = self._started()
        line = json.dumps({"id": next(self._ids), **request}).encode() + b"\n"
        # Killing the worker ends the blocking read; this works on every system, unlike waiting on a pipe.
        watch = threading.Timer(self._settings.timeout_seconds, worker.kill)
        watch.daemon = True
        watch.start()
        try:
            assert worker.stdin is not None
            worker.stdin.write(line)
            worker.stdin.flush()
            return self._read(worker)
        except (OSError, EOFError, ValueError) as error:
            self._end()
            logger.warning("voice worker lost", extra={"error": type(error).__name__, "tries": tries - 1})
            if tries > 1:
                return self._exchange(request, tries - 1)
            raise SpeechError("the voice worker does not answer; is espeakng-loader installed?") from error
        finally:
            watch.cancel()

    def _read(self, worker: subprocess.Popen[bytes]) -> tuple[dict[str, Any], bytes]:
        (length,) = struct.unpack("<I", _exactly(worker, 4))
        if length > _MAX_HEADER:
            raise ValueError(f"a header of {length} bytes")
        header: dict[str, Any] = json.loads(_exactly(worker, length))
        return header, _exactly(worker, 2 * int(header["samples"]))

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is not None and self._worker.poll() is None:
            return self._worker
        self._end()
        # The office may have been started from anywhere; the worker must find the same packages.
        path = os.pathsep.join([str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "avatars.adapters.espeak_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.starts += 1
        return self._worker

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    logger.debug("voice worker was gone before its pipe")


def _exactly(worker: subprocess.Popen[bytes], count: int) -> bytes:
    assert worker.stdout is not None
    data = worker.stdout.read(count)
    if len(data) < count:
        raise EOFError
    return data
