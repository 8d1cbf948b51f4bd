from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, read_event, write_event
from wyoming.tts import Synthesize

from avatars.adapters.wyoming import WyomingVoice, WyomingVoiceSettings
from avatars.errors import SpeechError
from media.audio import RATE, dbfs

HZ = 22_050


def sine(seconds: float) -> bytes:
    wave = 8000 * np.sin(2 * np.pi * 440 * np.arange(int(HZ * seconds)) / HZ)
    return wave.astype("<i2").tobytes()


def spoken(seconds: float = 1.0, width: int = 2) -> list[Event]:
    start = AudioStart(rate=HZ, width=width, channels=1).event()
    pcm = sine(seconds)
    chunks = [
        AudioChunk(rate=HZ, width=width, channels=1, audio=pcm[i : i + 2048]).event()
        for i in range(0, len(pcm), 2048)
    ]
    return [start, *chunks, AudioStop().event()]


@contextmanager
def server(replies: list[Event]) -> Iterator[tuple[str, list[Synthesize]]]:
    """A speech server that answers every request with the same events and then hangs up."""
    asked: list[Synthesize] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            event = read_event(self.rfile)  # type: ignore[arg-type]
            if event is None:
                return
            asked.append(Synthesize.from_event(event))
            for reply in replies:
                write_event(reply, self.wfile)  # type: ignore[arg-type]

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{listening.server_address[1]}", asked
        finally:
            listening.shutdown()
            thread.join()


def test_a_sentence_is_asked_for_and_comes_at_the_level_of_the_house() -> None:
    with server(spoken()) as (uri, asked):
        voice = WyomingVoice(WyomingVoiceSettings(uri=uri, voice="en_US-lessac-medium"))
        speech = voice.synthesize("Noted.")
        voice.close()
    assert speech.seconds == pytest.approx(1.0, abs=0.01)
    assert dbfs(speech.samples) == pytest.approx(-20.0, abs=0.3)
    peak = np.argmax(np.abs(np.fft.rfft(speech.samples))) * RATE / len(speech.samples)
    assert peak == pytest.approx(440, abs=2)
    assert len(speech.envelope) == 50
    assert asked[0].text == "Noted."
    assert asked[0].voice is not None
    assert asked[0].voice.name == "en_US-lessac-medium"


def test_without_a_name_the_server_chooses() -> None:
    with server(spoken()) as (uri, asked):
        WyomingVoice(WyomingVoiceSettings(uri=uri)).synthesize("Noted.")
    assert asked[0].voice is None


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ([Error(text="no such voice").event()], "no such voice"),
        ([AudioStart(rate=HZ, width=2, channels=1).event(), AudioStop().event()], "no sound"),
        (spoken()[:-1], "hung up"),
        ([], "hung up"),
        (spoken(width=4), "32-bit"),
        ([Event(type="audio-chunk", data={}, payload=b"ab")], "format"),
        ([*spoken()[:2], AudioChunk(rate=8000, width=2, channels=1, audio=b"abcd").event()], "rate"),
    ],
)
def test_what_goes_wrong_at_the_server_is_said(replies: list[Event], reason: str) -> None:
    with server(replies) as (uri, _), pytest.raises(SpeechError, match=reason):
        WyomingVoice(WyomingVoiceSettings(uri=uri)).synthesize("Noted.")


def test_a_server_that_is_away_or_no_server_is_said() -> None:
    with server([]) as (uri, _):
        pass
    with pytest.raises(SpeechError, match="is it running"):
        WyomingVoice(WyomingVoiceSettings(uri=uri, timeout_seconds=2)).synthesize("Noted.")
    for wrong in ("127.0.0.1:10200", "http://x:1", "tcp://x", "tcp://x:port"):
        with pytest.raises(SpeechError, match="tcp://host:port"):
            WyomingVoice(WyomingVoiceSettings(uri=wrong))
