"""Stand-ins for what touches the world: models, voices, clocks, WebRTC."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from avatars.adapters.bert import BertRecognizer
from avatars.adapters.request_model import RequestReader
from avatars.adapters.reviewer import Reviewer
from avatars.mind import Mind
from avatars.persona import Persona
from avatars.speech import Speech, Voice, to_speech
from media.audio import Samples
from media.schedule import Scheduler, Urgency
from media.transcriber import Capabilities, Hypothesis, Word
from media.vad import EnergyDetector
from server import model_process, speech_port
from server.adapters import Adapters
from server.assets import assets_dir
from server.engines import Engine, EnginePlan
from server.lines import PcmLines
from server.model_process import Models
from server.protocol.handshake import RateSettings
from server.sound import SoundEngine
from server.sound_port import OnFrame, OnLost
from server.sound_port import OnState as OnSoundState
from server.speech_port import (
    EngineInfo,
    OnSpeechState,
    Recognised,
    Segment,
    SpeechCounters,
    SpeechState,
)
from server.workers import Workers


class ScriptedSpeech:
    """Gives the next of the lines it was given for each complete utterance, whatever it hears."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.heard: list[Segment] = []
        self.forgotten: list[str] = []
        self.ended: list[str] = []
        self.vocabulary: list[str] = []
        self.early = False
        """Whether what is not complete gets the words that come next, too."""
        self.capabilities = Capabilities(agreement=1, hold_seconds=0.0)
        self.counters = SpeechCounters()
        info = EngineInfo(name="scripted", detail="A script.", embedded=True)
        self.state = SpeechState(up=True, engine=info, engines=(info,))
        self.stats = Scheduler().stats(0.0)

    def cadence(self) -> float:
        return 0.4

    async def recognise(self, segment: Segment) -> Recognised | None:
        self.heard.append(segment)
        final = segment.urgency is Urgency.FINAL
        if not final and not self.early:
            return None
        text = self.lines.pop(0) if self.lines and final else self.lines[0] if self.lines else ""
        words = tuple(
            Word(text=word, start=0.3 * i, end=0.3 * i + 0.25, confidence=0.9)
            for i, word in enumerate(text.split())
        )
        return Recognised(hypothesis=Hypothesis(words=words, language="en"), engine="scripted", seconds=0.0)

    def forget(self, speaker: str) -> None:
        self.forgotten.append(speaker)

    def end(self, stream: str) -> None:
        self.ended.append(stream)

    def set_vocabulary(self, terms: Sequence[str]) -> None:
        self.vocabulary = list(terms)


class Clock:
    """The real clock, and a hand that moves it forward."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._skipped

    def skip(self, seconds: float) -> None:
        self._skipped += seconds


class ScriptedVoice:
    """A tone as long as the text."""

    name = "a tone"
    embedded = True

    def __init__(self) -> None:
        self.said: list[str] = []
        self.closed = False

    def synthesize(self, text: str) -> Speech:
        self.said.append(text)
        seconds = 0.02 * len(text)
        tone = np.sin(2 * np.pi * 220 * np.arange(int(48_000 * seconds)) / 48_000)
        return to_speech(text, tone.astype(np.float32))

    def close(self) -> None:
        self.closed = True


class FakePeer:
    """A sound connection that takes any offer; tests push frames into it."""

    dropped_frames = 0

    def __init__(self, *, on_frame: Callable[[Samples], None], on_state: Callable[[str], None]) -> None:
        self.on_frame, self.on_state = on_frame, on_state
        self.sent: list[Samples] = []
        self.closed = False

    async def answer(self, offer_sdp: str) -> str:
        self.on_state("connected")
        return f"answer to {offer_sdp}"

    def push(self, stereo: Samples) -> None:
        self.sent.append(stereo)

    async def close(self) -> None:
        self.closed = True


class InlineWorkers(Workers):
    """Runs the model functions here and now."""

    def __init__(self) -> None:
        self.waiting = 0
        self.restarts = 0

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    async def close(self) -> None:
        return None


class Scripted:
    """Adapters whose parts a test can reach."""

    def __init__(self, mind: Mind | None = None) -> None:
        self.mind = mind
        self.speech = ScriptedSpeech()
        self.voice = ScriptedVoice()
        self.peers: list[FakePeer] = []
        self.engine: SoundEngine | None = None
        self.clock = Clock()
        recognizer = BertRecognizer(assets_dir() / "models" / "understanding")
        reader = Reviewer(assets_dir() / "models" / "understanding", recognizer.encoder)
        requests = RequestReader.load(assets_dir() / "models" / "understanding", recognizer.encoder)
        model_process.install(lambda: Models(recognizer=recognizer, requests=requests, reader=reader))

    def adapters(self) -> Adapters:
        return Adapters(
            sound=self._sound,
            detector=EnergyDetector,
            voice=self._voice,
            speech=self._speech,
            plans=[EnginePlan(engine=Engine.EMBEDDED, why="a test")],
            workers=InlineWorkers,
            mind=self.mind,
            monotonic=self.clock,
            rates=RateSettings(message_burst=400, move_burst=2000),
        )

    def speak(self, peer: FakePeer, frames: Iterable[Samples]) -> None:
        """Say these frames into a sound connection, one each tick, at once."""
        assert self.engine is not None
        for frame in frames:
            peer.on_frame(frame)
            self.engine.tick()

    def _sound(self, *, on_frame: OnFrame, on_lost: OnLost, on_state: OnSoundState) -> SoundEngine:
        self.engine = SoundEngine(PcmLines(self._peer), on_frame=on_frame, on_lost=on_lost, on_state=on_state)
        return self.engine

    @asynccontextmanager
    async def _speech(self, *, on_state: OnSpeechState) -> AsyncIterator[speech_port.Speech]:
        on_state(self.speech.state)
        yield self.speech

    def _peer(self, *, on_frame: Callable[[Samples], None], on_state: Callable[[str], None]) -> FakePeer:
        peer = FakePeer(on_frame=on_frame, on_state=on_state)
        self.peers.append(peer)
        return peer

    def _voice(self, persona: Persona) -> Voice:
        return self.voice
