"""WebRTC by aiortc: the server's end of one connection, and a caller's end for demo and tests.

This is aiortc's stock path: it receives, buffers, decodes and sends. Only the encoding of the mix is ours,
unless `stock_encoder` says otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aioice.ice
import numpy as np
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, AudioResampler

from media.adapters.tracks import EncodedMixTrack, MixTrack, SpeakTrack
from media.audio import RATE, Reframer, Samples, from_int16
from media.errors import NegotiationError
from media.signaling import check_offer, with_stereo, without_mdns

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
# aiortc's parser meets malformed text with whatever its code happens to stumble over.
_UNREADABLE = (
    ValueError, KeyError, IndexError, AttributeError, AssertionError, TypeError,
    InvalidAccessError, InvalidStateError, OperationError,
)  # fmt: skip

OnFrame = Callable[[Samples], None]
OnState = Callable[[str], None]
"""Takes aiortc's connection state: "connecting", "connected", "failed", "closed"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """A STUN or TURN server; none is needed where server and browsers reach each other directly."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


def gather_on_loopback_if_alone() -> None:
    """Let machines without a network connect to themselves.

    aioice leaves out 127.0.0.1, so a machine that has nothing else would gather no candidate at all and
    every connection would fail. Its look-up is wrapped: an empty answer becomes 127.0.0.1, any other stays.
    """
    look_up = aioice.ice.get_host_addresses
    if getattr(look_up, "falls_back", False):
        return

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return look_up(use_ipv4, use_ipv6) or [LOOPBACK]

    addresses.falls_back = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = addresses


def _connection(ice_servers: Sequence[IceServer]) -> RTCPeerConnection:
    gather_on_loopback_if_alone()
    servers = [RTCIceServer(urls=list(s.urls), username=s.username, credential=s.credential) for s in ice_servers]
    # Never None: that would mean a public STUN server, and seconds of waiting where there is no Internet.
    return RTCPeerConnection(RTCConfiguration(iceServers=servers))


def _own_address() -> str:
    return (aioice.ice.get_host_addresses(True, False) or [LOOPBACK])[0]


def _pcm_of(frame: AudioFrame, resampler: AudioResampler) -> list[Samples]:
    """(channels, n) float32 pieces at 48 kHz of whatever a decoder gave."""
    ready = frame.format.name == "s16" and frame.sample_rate == RATE
    pieces: list[Samples] = []
    for part in [frame] if ready else resampler.resample(frame):
        pcm = part.to_ndarray().astype(np.int16, copy=False)
        pieces.append(from_int16(pcm.reshape(-1, part.layout.nb_channels)).T)
    return pieces


class _Connection:
    """What both ends share: the connection, the incoming track, and closing."""

    def __init__(
        self, *, on_frame: OnFrame | None, on_state: OnState | None, ice_servers: Sequence[IceServer]
    ) -> None:
        self._pc = _connection(ice_servers)
        self._on_frame = on_frame
        self._on_state = on_state
        self._reader: asyncio.Task[None] | None = None
        self._closed = False
        self.received_frames = 0
        self.connected = asyncio.Event()
        """Set once sound can flow."""
        self.ended = asyncio.Event()
        """Set once the connection has failed or was closed."""
        self._pc.on("track", self._take_track)
        self._pc.on("connectionstatechange", self._take_state)

    @property
    def state(self) -> str:
        """aiortc's connection state, "new" at first."""
        return str(self._pc.connectionState)

    async def close(self) -> None:
        """End the connection and everything that belongs to it. May be called again."""
        if self._closed:
            return
        self._closed = True
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        await self._pc.close()
        self.ended.set()

    def _take_state(self) -> None:
        state = self.state
        if state == "connected":
            self.connected.set()
        elif state in ("failed", "closed"):
            self.ended.set()
        if self._on_state is not None:
            self._on_state(state)

    def _take_track(self, track: MediaStreamTrack) -> None:
        if track.kind != "audio" or self._reader is not None or self._on_frame is None:
            return
        self._reader = asyncio.create_task(self._read(track), name="incoming sound")

    async def _read(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="stereo", rate=RATE)
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    for pcm in _pcm_of(frame, resampler):
                        self._deliver(pcm)

    def _deliver(self, pcm: Samples) -> None:
        raise NotImplementedError


class WebRtcPeer(_Connection):
    """The server's end: answers an offer, hands on the person's mono sound, sends them their mix.

    Args:
        on_frame: called with each incoming (960,) float32 frame, in the event loop.
        on_state: called with each change of the connection's state.
        ice_servers: STUN or TURN servers; usually none.
        stock_encoder: let aiortc encode (96 kbit/s, about twice the cost).
    """

    def __init__(
        self,
        *,
        on_frame: OnFrame | None = None,
        on_state: OnState | None = None,
        ice_servers: Sequence[IceServer] = (),
        stock_encoder: bool = False,
    ) -> None:
        super().__init__(on_frame=on_frame, on_state=on_state, ice_servers=ice_servers)
        self._reframer = Reframer()
        self._track = MixTrack() if stock_encoder else EncodedMixTrack()

    @property
    def dropped_frames(self) -> int:
        """Outgoing frames thrown away because too many were waiting."""
        return self._track.dropped_frames

    @property
    def silent_frames(self) -> int:
        """Outgoing frames of silence because the mix was late."""
        return self._track.silent_frames

    async def answer(self, offer_sdp: str) -> str:
        """Take the browser's offer and return our answer. Once per peer.

        Raises:
            NegotiationError: the offer cannot be used.
        """
        check_offer(offer_sdp)
        offer = RTCSessionDescription(sdp=without_mdns(offer_sdp, _own_address()), type="offer")
        try:
            await self._pc.setRemoteDescription(offer)
            line = next((t for t in self._pc.getTransceivers() if t.kind == "audio"), None)
            if line is None:
                raise NegotiationError("the offer has no audio line that can be used")
            line.sender.replaceTrack(self._track)
            line.direction = "sendrecv"
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except _UNREADABLE as error:
            raise NegotiationError(f"the offer could not be read: {type(error).__name__}") from error
        return with_stereo(self._pc.localDescription.sdp)

    def push(self, stereo: Samples) -> None:
        """Queue the next (2, 960) float32 frame of this listener's mix."""
        self._track.push(stereo)

    def _deliver(self, pcm: Samples) -> None:
        assert self._on_frame is not None
        for frame in self._reframer.feed(pcm.mean(axis=0, dtype=np.float32)):
            self.received_frames += 1
            self._on_frame(frame)


class WebRtcCaller(_Connection):
    """A person's end without a browser: offers, speaks what is pushed, hears the stereo mix.

    Args:
        on_frame: called with each heard (2, n) float32 frame at 48 kHz.
        on_state: called with each change of the connection's state.
        ice_servers: STUN or TURN servers; usually none.
        speaks: False joins without a microphone.
    """

    def __init__(
        self,
        *,
        on_frame: OnFrame | None = None,
        on_state: OnState | None = None,
        ice_servers: Sequence[IceServer] = (),
        speaks: bool = True,
    ) -> None:
        super().__init__(on_frame=on_frame or (lambda _: None), on_state=on_state, ice_servers=ice_servers)
        self._track = SpeakTrack() if speaks else None

    async def offer(self) -> str:
        """Make the offer to send to the server."""
        if self._track is not None:
            self._pc.addTrack(self._track)
        else:
            self._pc.addTransceiver("audio", direction="recvonly")
        offer = await self._pc.createOffer()
        # Like a browser: what counts for stereo is one's own local description.
        await self._pc.setLocalDescription(RTCSessionDescription(sdp=with_stereo(offer.sdp), type="offer"))
        return with_stereo(self._pc.localDescription.sdp)

    async def accept(self, answer_sdp: str) -> None:
        """Take the server's answer.

        Raises:
            NegotiationError: the answer cannot be used.
        """
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=answer_sdp, type="answer"))
        except _UNREADABLE as error:
            raise NegotiationError(f"the answer could not be read: {type(error).__name__}") from error

    def push(self, samples: Samples) -> None:
        """Say (n,) float32 mono sound of any length, after what is already queued."""
        if self._track is None:
            raise NegotiationError("this caller has no microphone; make it with speaks=True")
        self._track.push(samples)

    async def said(self) -> None:
        """Wait until everything pushed has been sent, or the connection has ended."""
        if self._track is None:
            return
        self._track.finish()
        waits = [asyncio.ensure_future(event.wait()) for event in (self._track.said, self.ended)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    @property
    def seconds_left(self) -> float:
        """How long the sound lasts that is still to be said."""
        return 0.0 if self._track is None else self._track.seconds_left

    def _deliver(self, pcm: Samples) -> None:
        assert self._on_frame is not None
        self.received_frames += 1
        self._on_frame(pcm if pcm.shape[0] == 2 else np.repeat(pcm[:1], 2, axis=0))
