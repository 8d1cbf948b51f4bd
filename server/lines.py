"""What is at the other end of the engine: people's lines, over the direct path or over aiortc's stock path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from media.audio import FRAME, Samples
from media.economy import Economy, EconomyCounters
from media.load import Effort
from media.mixer import Mixes
from media.source import FrameQueue, QueueSettings
from server.sound_port import MediaPath

OnState = Callable[[str], None]


class Line(Protocol):
    """One person's connection as the engine has it."""

    async def answer(self, offer_sdp: str) -> str:
        """Take an offer and return the answer; raises NegotiationError."""

    def continues(self, offer_sdp: str) -> bool:
        """Whether an offer restarts this connection rather than beginning another; raises NegotiationError."""

    def take(self, out: Samples, now: float) -> bool:
        """The next 20 ms of what they say, into `out` (960,) float32; False in silence: `out` is untouched."""

    def numbers(self) -> dict[str, Any]:
        """The connection in numbers, as `server.sound_port.Sound.report` has them."""

    def counts(self) -> dict[str, int]:
        """What has been counted since it began, by the names of `server.sound_port.SoundCounters`."""

    async def close(self) -> None:
        """End the connection; may be called again."""


L = TypeVar("L", bound=Line)


class Lines(Protocol[L]):
    """Makes lines, and sends everybody their mix."""

    @property
    def name(self) -> MediaPath:
        """Which path it is."""

    def line(self, on_state: OnState) -> L:
        """A line that waits for an offer; `on_state` is told each change of the connection."""

    def send(self, names: Sequence[str], lines: Sequence[L], mixes: Mixes, effort: Effort) -> None:
        """Send 20 ms to each of the connected lines, in the order of the mixes' listeners."""

    @property
    def economy(self) -> EconomyCounters:
        """What was encoded and what was saved."""


class PcmPeer(Protocol):
    """A connection that encodes and decodes by itself (`media.adapters.webrtc.WebRtcPeer`)."""

    @property
    def dropped_frames(self) -> int:
        """Outgoing frames thrown away because too many were waiting."""

    async def answer(self, offer_sdp: str) -> str:
        """Take an offer and return the answer; raises NegotiationError."""

    def push(self, stereo: Samples) -> None:
        """Queue the next (2, 960) float32 frame to be sent."""

    async def close(self) -> None:
        """End the connection; may be called again."""


class PcmPeerFactory(Protocol):
    """Makes a peer that calls `on_frame` with each incoming (960,) frame, and `on_state`."""

    def __call__(self, *, on_frame: Callable[[Samples], None], on_state: OnState) -> PcmPeer:
        """Make it."""


class PcmLine:
    """A line over such a peer: its frames wait in a queue for the tick."""

    def __init__(self, make: PcmPeerFactory, on_state: OnState, settings: QueueSettings | None = None) -> None:
        """`make` makes the peer."""
        self.queue = FrameQueue(settings)
        self.received = 0
        self.connected = False
        self._on_state = on_state
        self.peer = make(on_frame=self._take, on_state=self._follow)

    async def answer(self, offer_sdp: str) -> str:
        """Let the peer answer."""
        return await self.peer.answer(offer_sdp)

    def continues(self, offer_sdp: str) -> bool:
        """A peer of aiortc's cannot restart ICE: each offer begins another connection."""
        return False

    def take(self, out: Samples, now: float) -> bool:
        """The frame that is next in the queue."""
        frame = self.queue.take()
        if not frame.any():
            return False
        out[:] = frame
        return True

    def numbers(self) -> dict[str, Any]:
        """What is known without looking into aiortc."""
        return {
            "connected": self.connected,
            "packets_in": self.received,
            "packets_lost": self.queue.missed,
            "delay_ms": 20.0 * len(self.queue),
            "address": "",
        }

    def counts(self) -> dict[str, int]:
        """What the two queues have counted."""
        return {
            "dropped_frames": self.queue.dropped + self.peer.dropped_frames,
            "missed_frames": self.queue.missed,
        }

    async def close(self) -> None:
        """Close the peer."""
        await self.peer.close()

    def _take(self, frame: Samples) -> None:
        self.received += 1
        self.queue.put(frame)

    def _follow(self, state: str) -> None:
        self.connected = state == "connected"
        self._on_state(state)


class PcmLines:
    """aiortc's stock path: every listener's mix is encoded for them alone, by their connection."""

    name: MediaPath = "stock"

    def __init__(self, make: PcmPeerFactory) -> None:
        """`make` makes the peers."""
        self._make = make
        self._counters = EconomyCounters()
        self._silence: Samples = np.zeros((2, FRAME), np.float32)

    @property
    def economy(self) -> EconomyCounters:
        """Nothing is saved here."""
        return self._counters

    def line(self, on_state: OnState) -> PcmLine:
        """A new peer with its queue."""
        return PcmLine(self._make, on_state)

    def send(self, names: Sequence[str], lines: Sequence[PcmLine], mixes: Mixes, effort: Effort) -> None:
        """Push each one their mix."""
        for line, group in zip(lines, mixes.group_of.tolist(), strict=True):
            line.peer.push(mixes.outputs[group] if group >= 0 else self._silence)
        self._counters.encodes += len(lines)


class PacketLine(Line, Protocol):
    """A line that sends Opus packets as they are given (`media.adapters.direct.DirectPeer`)."""

    def send(self, payload: bytes) -> None:
        """Send the packet of this tick."""

    def skip(self) -> None:
        """Send nothing in this tick."""


class Encoder(Protocol):
    """Sound to Opus packets (`media.adapters.opus.OpusEncoder`)."""

    def encode_at(self, address: int) -> bytes:
        """Encode (960, 2) interleaved float32 that lies at this address."""

    def set_complexity(self, complexity: int) -> None:
        """How much to spend, 0..10."""

    def make_independent(self) -> None:
        """Let the next packet lean on no history."""

    def reset(self) -> None:
        """Forget what was encoded before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """What the direct path needs of Opus."""

    encoder: Callable[[], Encoder]
    silence: bytes
    """A packet that decodes to 20 ms of silence whatever came before it."""


P = TypeVar("P", bound=PacketLine)


class PacketLines(Generic[P]):
    """The direct path: each different mix is encoded once, silence not at all."""

    name: MediaPath = "direct"

    def __init__(self, make: Callable[[OnState], P], codec: Codec) -> None:
        """`make` makes the lines."""
        self._make = make
        self._codec = codec
        self._economy = Economy()
        self._encoders: dict[int, Encoder] = {}
        self._spare: list[Encoder] = []
        self._interleaved: Samples = np.zeros((0, FRAME, 2), np.float32)
        self._zeros: Samples = np.zeros((FRAME, 2), np.float32)

    @property
    def economy(self) -> EconomyCounters:
        """What was encoded and what was saved."""
        return self._economy.counters

    def line(self, on_state: OnState) -> P:
        """A new connection behind the port."""
        return self._make(on_state)

    def send(self, names: Sequence[str], lines: Sequence[P], mixes: Mixes, effort: Effort) -> None:
        """Encode each mix that is wanted and send it to whom it is for."""
        plan = self._economy.step(names, mixes.group_of)
        at = self._interleave(mixes.outputs)
        for job in plan.jobs:
            encoder = self._encoder(job.stream)
            encoder.set_complexity(effort.complexity)
            if job.independent:
                encoder.make_independent()
            mix = self._zeros.ctypes.data if job.group is None else at + job.group * _FRAME_BYTES
            payload = encoder.encode_at(mix)
            for row in job.listeners:
                lines[row].send(payload)
        for row in plan.markers:
            lines[row].send(self._codec.silence)
        for row in plan.skipped:
            lines[row].skip()
        for stream in plan.released:
            self._spare.append(self._encoders.pop(stream))

    def _encoder(self, stream: int) -> Encoder:
        encoder = self._encoders.get(stream)
        if encoder is None:
            if self._spare:
                encoder = self._spare.pop()
                encoder.reset()
            else:
                encoder = self._codec.encoder()
            self._encoders[stream] = encoder
        return encoder

    def _interleave(self, outputs: Samples) -> int:
        """Left and right in turn, as Opus wants them; the address of the first mix."""
        if len(outputs) > len(self._interleaved):
            self._interleaved = np.zeros((2 * len(outputs), FRAME, 2), np.float32)
        for ear in (0, 1):  # one after the other: numpy is five times quicker so than with a transposed copy
            self._interleaved[: len(outputs), :, ear] = outputs[:, ear]
        return self._interleaved.ctypes.data


_FRAME_BYTES = FRAME * 2 * 4
