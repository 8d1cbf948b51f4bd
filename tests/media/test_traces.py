"""Recorded packets, played on a clock that stands still between them: from the network to words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgpack
import numpy as np
import pytest

from media.adapters.opus import OpusDecoder
from media.adapters.pocketsphinx import PocketSphinxTranscriber
from media.adapters.silero import SileroDetector
from media.audio import FRAME
from media.language.text import spoken_words
from media.reception import Reception
from media.schedule import Urgency
from media.transcriber import Hypothesis, Request, text_of
from server.flows.ear import Began, Ear, Spoken
from tests.media.measure_speech import edits

TRACES = Path(__file__).parent.parent / "traces"
SAID = "We decided to use the new supplier. Bo will send the budget to finance by Friday."
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    arrival: float
    sequence: int
    timestamp: int
    payload: bytes


def trace(name: str) -> list[Packet]:
    rows = msgpack.unpackb((TRACES / f"{name}.msgpack").read_bytes())
    return [Packet(arrival=at / 1e6, sequence=s, timestamp=t, payload=p) for at, s, t, p in rows]


def lossy(packets: list[Packet], share: float, seed: int) -> list[Packet]:
    chance = random.Random(seed)
    return [packet for packet in packets if chance.random() >= share]


def late(packets: list[Packet], most: float, seed: int) -> list[Packet]:
    chance = random.Random(seed)
    moved = [
        Packet(
            arrival=p.arrival + chance.uniform(0.0, most),
            sequence=p.sequence,
            timestamp=p.timestamp,
            payload=p.payload,
        )
        for p in packets
    ]
    return sorted(moved, key=lambda packet: packet.arrival)


def played(packets: list[Packet]) -> Iterator[tuple[float, Began | Spoken]]:
    """Everything an ear hears of them, and when, in seconds of the trace; 1.5 s of silence follow."""
    reception, ear = Reception(OpusDecoder()), Ear(detector=SileroDetector())
    waiting = list(packets)
    out = np.zeros(FRAME, np.float32)
    for tick in range(round((packets[-1].arrival + 1.5) * 50)):
        now = tick / 50
        while waiting and waiting[0].arrival <= now:
            packet = waiting.pop(0)
            reception.put(packet.sequence, packet.timestamp, packet.payload, packet.arrival)
        if not reception.take(out, now):
            out[:] = 0.0
        for event in ear.feed(out, START + timedelta(seconds=now)):
            yield now, event


def words_of(packets: list[Packet]) -> list[str]:
    transcriber = PocketSphinxTranscriber()
    said: list[str] = []
    for _, event in played(packets):
        if isinstance(event, Spoken) and event.urgency is Urgency.FINAL:
            (done,) = transcriber.transcribe([Request(samples=event.samples, vocabulary=("Bo", "Ana"))])
            assert isinstance(done, Hypothesis)
            said += spoken_words(text_of(done.words))
    return said


def test_what_a_browser_sent_becomes_the_words_that_were_said() -> None:
    heard = words_of(trace("two_sentences"))
    assert edits(spoken_words(SAID), heard) <= 2, heard


def test_a_caption_is_due_while_somebody_speaks_and_the_end_is_foreseen_in_the_pause() -> None:
    heard = list(played(trace("two_sentences")))
    finals = [(at, e) for at, e in heard if isinstance(e, Spoken) and e.urgency is Urgency.FINAL]
    for at, final in finals:
        likely = [
            (when, e)
            for when, e in heard
            if isinstance(e, Spoken) and e.number == final.number and e.urgency is Urgency.LIKELY
        ]
        assert np.array_equal(likely[-1][1].samples, final.samples)
        assert at - likely[-1][0] == pytest.approx(0.4, abs=0.05), "recognised ahead by the rest of the pause"
        partials = [when for when, e in heard if isinstance(e, Spoken) and e.urgency is Urgency.PARTIAL]
        assert any(when < at - 0.6 for when in partials)
        assert abs((final.started_at - START).total_seconds() + final.seconds - (at - 0.4)) < 0.1, "on the clock"
    numbers = [e.number for _, e in heard if isinstance(e, Began)]
    assert numbers == list(range(1, len(finals) + 1))
    for (_, one), (_, next_one) in pairwise(finals):
        assert one.started_at + timedelta(seconds=one.seconds) <= next_one.started_at


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_losses_and_delays_end_no_utterance_early_and_none_is_left_open(seed: int) -> None:
    packets = late(lossy(trace("two_sentences"), 0.05, seed), 0.04, seed)
    heard = [e for _, e in played(packets)]
    began = [e.number for e in heard if isinstance(e, Began)]
    ended = [e.number for e in heard if isinstance(e, Spoken) and e.urgency is Urgency.FINAL]
    assert began == ended
    seconds = sum(e.seconds for e in heard if isinstance(e, Spoken) and e.urgency is Urgency.FINAL)
    assert 4.0 < seconds < 9.0
