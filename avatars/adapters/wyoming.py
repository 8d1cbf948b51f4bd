"""Piper, or any other speech server that talks the Wyoming protocol, as a voice."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import numpy as np
from wyoming.audio import AudioChunk, AudioStop
from wyoming.error import Error
from wyoming.event import Event, read_event, write_event
from wyoming.tts import Synthesize, SynthesizeVoice

from avatars.errors import SpeechError
from avatars.speech import Speech, to_speech
from media.audio import RATE, Samples, from_int16
from media.errors import SettingsError
from media.resample import resample

MAX_SECONDS = 120.0
"""Longer answers are refused: no sentence of an avatar needs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WyomingVoiceSettings:
    """Which speech server speaks, and how."""

    uri: str = "tcp://127.0.0.1:10200"
    voice: str = ""
    """Name of a voice of the server, such as "en_US-lessac-medium"; empty: the server's default."""
    speaker: str = ""
    """Speaker within the voice, if it has several."""
    timeout_seconds: float = 20.0


class WyomingVoice:
    """A `Voice` on a server elsewhere. Every sentence is a connection of its own."""

    embedded = False

    def __init__(self, settings: WyomingVoiceSettings | None = None) -> None:
        """Remember where the server is; nothing is contacted yet.

        Raises:
            AvatarError: the address is not of the form tcp://host:port.
        """
        self._settings = settings or WyomingVoiceSettings()
        try:
            parts = urlsplit(self._settings.uri)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme != "tcp" or not host or not port:
            raise SpeechError(f"{self._settings.uri!r} is no speech server; write tcp://host:port")
        self._address = (host, port)

    @property
    def name(self) -> str:
        """What the screen calls this voice."""
        return f"Wyoming {self._settings.voice or 'voice'} at {self._address[0]}:{self._address[1]}"

    def synthesize(self, text: str) -> Speech:
        """Say a text. Blocks until the server has answered.

        Raises:
            SpeechError: the server is away, too slow, or answers with an error or with no sound.
        """
        settings = self._settings
        try:
            with (
                socket.create_connection(self._address, timeout=settings.timeout_seconds) as connection,
                connection.makefile("rwb") as stream,
            ):
                voice = SynthesizeVoice(name=settings.voice, speaker=settings.speaker or None)
                request = Synthesize(text=text, voice=voice if settings.voice else None)
                # A BufferedRWPair reads and writes as a BinaryIO does, but is not declared as one.
                write_event(request.event(), cast(BinaryIO, stream))
                stream.flush()
                samples = _receive(cast(BinaryIO, stream))
        except OSError as error:
            raise SpeechError(
                f"the speech server {settings.uri} does not answer ({type(error).__name__}); is it running?"
            ) from error
        return to_speech(text, samples)

    def close(self) -> None:
        """Nothing is held between sentences."""


def _receive(stream: BinaryIO) -> Samples:
    """Read events until the sound is complete; mono at 48 kHz."""
    pieces: list[Samples] = []
    rate = 0
    seconds = 0.0
    while True:
        event = read_event(stream)
        if event is None:
            raise SpeechError("the speech server hung up in the middle of a sentence")
        if AudioChunk.is_type(event.type):
            chunk = _chunk(event)
            rate = rate or chunk.rate
            if chunk.rate != rate:
                raise SpeechError("the speech server changed its sample rate within a sentence")
            seconds += chunk.seconds
            if seconds > MAX_SECONDS:
                raise SpeechError(f"the speech server sent more than {MAX_SECONDS:.0f} seconds")
            pcm = np.frombuffer(chunk.audio[: chunk.samples * 2 * chunk.channels], dtype="<i2")
            pieces.append(from_int16(pcm).reshape(-1, chunk.channels).mean(axis=1, dtype=np.float32))
        elif Error.is_type(event.type):
            raise SpeechError(f"the speech server says: {Error.from_event(event).text}")
        elif AudioStop.is_type(event.type):
            break
    if not pieces:
        raise SpeechError("the speech server sent no sound; does it have the voice that was asked for?")
    try:
        return resample(np.concatenate(pieces), rate, RATE)
    except SettingsError as error:
        raise SpeechError(str(error)) from error


def _chunk(event: Event) -> AudioChunk:
    try:
        chunk = AudioChunk.from_event(event)
    except (KeyError, TypeError) as error:
        raise SpeechError("the speech server sent sound without saying its format") from error
    if chunk.width != 2 or chunk.channels < 1 or chunk.rate < 1:
        raise SpeechError(f"the speech server sends {8 * chunk.width}-bit sound; 16-bit is understood")
    return chunk
