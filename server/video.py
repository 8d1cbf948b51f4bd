"""Forwards screens and cameras, packet by packet as they come: no tick, no queue, nothing is decoded."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from media.errors import NegotiationError
from media.forward import Forward
from media.rtp import Rtp
from media.video import Kind, Stream, VideoSettings
from media.vp8 import Vp8
from server.background import Background
from server.sound_port import View

logger = logging.getLogger(__name__)

OnPacket = Callable[[Stream, Rtp, Vp8, float], None]
OnBlind = Callable[[Forward, float], None]


class VideoPeer(Protocol):
    """One person's video connection; `media.adapters.video.VideoPeer` in the running office."""

    streams: dict[Kind, Stream]
    """What they send."""
    forwards: dict[str, Forward]
    """The lines on which they see others, by mid."""

    async def answer(self, offer_sdp: str) -> str:
        """Take an offer and return the answer; raises NegotiationError."""

    def continues(self, offer_sdp: str) -> bool:
        """Whether an offer restarts this connection rather than beginning another; raises NegotiationError."""

    def send_rtp(self, packet: bytes) -> None:
        """Send a packet to them."""

    def ask_key(self, stream: Stream) -> None:
        """Ask them for a key picture of one of their streams."""

    async def close(self) -> None:
        """End the connection; may be called again."""


class MakeVideoPeer(Protocol):
    """Makes the connection for a person."""

    def __call__(self, *, on_packet: OnPacket, on_blind: OnBlind, on_state: Callable[[str], None]) -> VideoPeer:
        """Make it; the callbacks are called in the event loop."""


@dataclass(slots=True, kw_only=True)
class VideoCounters:
    """What was forwarded; all but the gauges only grow."""

    packets: int = 0
    """Sent to viewers."""
    key_requests: int = 0
    """Key pictures asked of senders."""
    refused: int = 0
    """Views that were not served because the office forwards as much as it may."""
    peers: int = 0
    """Gauge: connections."""
    forwards: int = 0
    """Gauge: lines on which somebody is shown."""


class VideoRouter:
    """Who gets whose packets. Use as `async with`; everything else is called in the event loop.

    Args:
        make: makes the connection for a person.
        settings: how much may be forwarded.
        clock: seconds, the clock that packets are stamped with.
    """

    def __init__(
        self,
        make: MakeVideoPeer,
        *,
        settings: VideoSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._settings = settings or VideoSettings()
        self._clock = clock
        self._peers: dict[str, VideoPeer] = {}
        self._views: dict[str, tuple[View, ...]] = {}
        self._owners: dict[object, VideoPeer] = {}
        """Who sends a stream."""
        self._routes: dict[object, dict[Forward, VideoPeer]] = {}
        """Lines with their viewers, by the stream that they show."""
        self._bps = 0
        self._counters = VideoCounters()
        self._background = Background("video")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        for participant_id in list(self._peers):
            await self.disconnect(participant_id)
        await self._background.cancel()

    # People

    async def connect(self, participant_id: str, offer_sdp: str) -> str:
        """Answer a person's offer; one of a connection that stands restarts its ICE, any other begins anew.

        Raises:
            NegotiationError: the offer cannot be used; nothing of it is left.
        """
        known = self._peers.get(participant_id)
        if known is not None and known.continues(offer_sdp):
            return await known.answer(offer_sdp)
        await self._drop(participant_id)
        peer = self._make(
            on_packet=self._pass_on,
            on_blind=self._blind,
            on_state=lambda state: self._follow(participant_id, peer, state),
        )
        self._peers[participant_id] = peer
        try:
            answer = await peer.answer(offer_sdp)
        except BaseException:
            if self._peers.get(participant_id) is peer:
                del self._peers[participant_id]
            await peer.close()
            raise
        if self._peers.get(participant_id) is not peer:
            await peer.close()
            raise NegotiationError("a later offer took the place of this one")
        for stream in peer.streams.values():
            self._owners[stream] = peer
        self._link(participant_id)
        for viewer, views in self._views.items():
            if any(view.owner == participant_id for view in views):
                self._link(viewer)
        return answer

    async def disconnect(self, participant_id: str) -> None:
        """Close a person's connection, if there is one, and forget what they see."""
        self._views.pop(participant_id, None)
        await self._drop(participant_id)

    def set_views(self, participant_id: str, views: Sequence[View]) -> None:
        """Say what each line of a viewer shows from now on; lines that are not named show nothing."""
        self._views[participant_id] = tuple(views)
        self._link(participant_id)

    @property
    def counters(self) -> VideoCounters:
        """A copy of the counters as they are now."""
        now = self._counters
        return VideoCounters(
            packets=now.packets,
            key_requests=now.key_requests,
            refused=now.refused,
            peers=len(self._peers),
            forwards=sum(map(len, self._routes.values())),
        )

    # Routes

    def _link(self, viewer: str) -> None:
        """Bring a viewer's lines into accord with what they should see."""
        peer = self._peers.get(viewer)
        if peer is None:
            return
        wanted = {view.mid: self._stream(view) for view in self._views.get(viewer, ())}
        for mid, forward in peer.forwards.items():
            if forward.source is not None and forward.source is not wanted.get(mid):
                self._unlink(forward)
        for mid, forward in peer.forwards.items():
            stream = wanted.get(mid)
            if stream is None or forward.source is stream:
                continue
            bps = self._settings.bps(stream.kind)
            if self._bps + bps > self._settings.most_bps:
                self._counters.refused += 1
                logger.warning("video forwarded up to its limit", extra={"viewer": viewer, "bps": self._bps})
                continue
            self._bps += bps
            forward.switch(stream)
            self._routes.setdefault(stream, {})[forward] = peer
            self._ask_key(stream, self._clock())

    def _stream(self, view: View) -> Stream | None:
        owner = self._peers.get(view.owner)
        return None if owner is None else owner.streams.get(view.kind)

    def _unlink(self, forward: Forward) -> None:
        source = forward.source
        routes = self._routes.get(source, {})
        if isinstance(source, Stream) and routes.pop(forward, None) is not None:
            self._bps -= self._settings.bps(source.kind)
        if not routes:
            self._routes.pop(source, None)
        forward.switch(None)

    async def _drop(self, participant_id: str, only: VideoPeer | None = None) -> None:
        """Close whatever connection the person has, or this one unless another has taken its place."""
        peer = self._peers.get(participant_id)
        if peer is None or (only is not None and peer is not only):
            return
        del self._peers[participant_id]
        for forward in peer.forwards.values():
            self._unlink(forward)
        for stream in peer.streams.values():
            self._owners.pop(stream, None)
            for forward in list(self._routes.get(stream, ())):
                self._unlink(forward)
        await peer.close()

    # Packets

    def _pass_on(self, stream: Stream, packet: Rtp, vp8: Vp8, now: float) -> None:
        routes = self._routes.get(stream)
        if routes is None:
            return
        blind = stream.broken
        for forward, viewer in routes.items():
            out = forward.take(packet, vp8, now)
            if out is not None:
                viewer.send_rtp(out)
                self._counters.packets += 1
            elif forward.waiting:
                blind = True
        if blind:
            self._ask_key(stream, now)

    def _blind(self, forward: Forward, now: float) -> None:
        if isinstance(forward.source, Stream):
            self._ask_key(forward.source, now)

    def _ask_key(self, stream: Stream, now: float) -> None:
        owner = self._owners.get(stream)
        if owner is not None and stream.ask_key(now):
            self._counters.key_requests += 1
            owner.ask_key(stream)

    def _follow(self, participant_id: str, peer: VideoPeer, state: str) -> None:
        if state == "failed" and self._peers.get(participant_id) is peer:
            logger.info("video connection lost", extra={"participant": participant_id})
            self._background.start(self._drop(participant_id, peer))
