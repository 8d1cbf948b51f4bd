"""A sender, a network and a listener in virtual time, to see what a jitter buffer makes of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from media.audio import FRAME, RATE, Samples
from media.jitter_settings import ReceptionStats
from media.reception import Reception

CELT_20_MS = 0xF8
SECOND = 50
"""Packets or ticks of 20 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One RTP packet on its way; `number` is what the fake decoder makes of it."""

    number: int
    sequence: int
    timestamp: int
    payload: bytes
    arrival: float


def payload_of(number: int, toc: int = CELT_20_MS) -> bytes:
    return bytes([toc]) + number.to_bytes(4, "big")


def speech(
    count: int,
    *,
    first: int = 0,
    sequence: int = 65_500,
    timestamp: int = 2**32 - 5000,
    start: float = 100.0,
    samples: int = FRAME,
    toc: int = CELT_20_MS,
    drift: float = 0.0,
) -> list[Packet]:
    """`count` packets sent evenly; both counters wrap around soon. The sender's clock is slow by `drift`."""
    return [
        Packet(
            number=first + i,
            sequence=(sequence + i) & 0xFFFF,
            timestamp=(timestamp + i * samples) & 0xFFFFFFFF,
            payload=payload_of(first + i, toc),
            arrival=start + (i + 1) * samples / RATE * (1.0 + drift),
        )
        for i in range(count)
    ]


def delayed(packets: Iterable[Packet], delay: Callable[[int], float]) -> list[Packet]:
    """Each packet later by `delay(number)` seconds; they may overtake each other."""
    return [replace(p, arrival=p.arrival + delay(p.number)) for p in packets]


def stalled(packets: Iterable[Packet], begin: float, end: float) -> list[Packet]:
    """What would come between `begin` and `end` comes at `end`, at once."""
    return [replace(p, arrival=end) if begin <= p.arrival < end else p for p in packets]


def without(packets: Iterable[Packet], lost: Callable[[int], bool]) -> list[Packet]:
    return [p for p in packets if not lost(p.number)]


def randomly(seed: int, share: float) -> Callable[[int], bool]:
    """Whether packet n belongs to a random `share` of all."""
    return lambda number: random.Random(seed * 1_000_003 + number).random() < share


def exponential(seed: int, mean: float) -> Callable[[int], float]:
    return lambda number: random.Random(seed * 1_000_003 + number).expovariate(1.0 / mean)


class NamingDecoder:
    """Its samples have the value of the packet's number + 1; it notes what it was asked for."""

    def __init__(self, samples: int = FRAME) -> None:
        self.samples = samples
        self.calls: list[tuple[str, int]] = []

    def decode(self, payload: bytes, out: Samples) -> int:
        number = int.from_bytes(payload[1:5], "big")
        self.calls.append(("decode", number))
        out[: self.samples] = number + 1
        return self.samples

    def recover(self, payload: bytes, out: Samples) -> int:
        number = int.from_bytes(payload[1:5], "big")
        self.calls.append(("recover", number - 1))
        out[:] = number
        return len(out)

    def conceal(self, out: Samples) -> int:
        self.calls.append(("conceal", len(out)))
        out[:] = 0.5
        return len(out)


@dataclass(slots=True, kw_only=True, repr=False)
class Tick:
    """What one tick gave."""

    now: float
    sounds: bool
    frame: Samples
    calls: list[tuple[str, int]]
    stats: ReceptionStats


@dataclass(slots=True, kw_only=True, repr=False)
class Heard:
    """What a listener heard of some packets."""

    ticks: list[Tick] = field(default_factory=list)
    waits: dict[int, float] = field(default_factory=dict)
    """Seconds from a packet's arrival to its tick, by number."""

    @property
    def stats(self) -> ReceptionStats:
        return self.ticks[-1].stats

    @property
    def numbers(self) -> list[int]:
        """The packets that were decoded or recovered, in the order of playing."""
        return [n for tick in self.ticks for what, n in tick.calls if what != "conceal"]

    def count(self, what: str) -> int:
        return sum(1 for tick in self.ticks for call, _ in tick.calls if call == what)

    def at(self, now: float) -> Tick:
        """The last tick that was not after `now`."""
        return [tick for tick in self.ticks if tick.now <= now][-1]


def hear(
    packets: Sequence[Packet],
    *,
    phase: float = 0.0,
    reception: Reception | None = None,
    decoder: NamingDecoder | None = None,
    until: float = 0.5,
) -> Heard:
    """Deliver the packets in the order of their arrival to a listener that ticks every 20 ms.

    Args:
        phase: seconds from the first arrival to the first tick.
        until: seconds of ticks after the last arrival.
    """
    decoder = NamingDecoder() if decoder is None else decoder
    reception = Reception(decoder) if reception is None else reception
    coming = sorted(packets, key=lambda p: p.arrival)
    arrivals: dict[int, float] = {}
    heard = Heard()
    begin, end = coming[0].arrival + phase, coming[-1].arrival + until
    index = 0
    for k in range(int((end - begin) * SECOND) + 1):
        now = begin + k / SECOND
        while index < len(coming) and coming[index].arrival <= now:
            p = coming[index]
            reception.put(p.sequence, p.timestamp, p.payload, p.arrival)
            arrivals.setdefault(p.number, p.arrival)
            index += 1
        before = len(decoder.calls)
        frame = np.zeros(FRAME, np.float32)
        sounds = reception.take(frame, now)
        calls = decoder.calls[before:]
        heard.ticks.append(Tick(now=now, sounds=sounds, frame=frame, calls=calls, stats=reception.stats))
        for what, number in calls:
            if what == "decode":
                heard.waits[number] = now - arrivals[number]
    return heard
