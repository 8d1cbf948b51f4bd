"""Composition of the media path: who carries people's sound, aiortc alone or our own port under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from media.adapters.direct import DirectPath, DirectPeer
from media.adapters.mux import MuxSettings, UdpMux, advertised_hosts, parse_ports
from media.adapters.opus import SILENCE
from media.adapters.opus_av import encoder
from media.adapters.video import VideoPeer
from media.adapters.webrtc import WebRtcPeer
from server.lines import Codec, Lines, PacketLines, PcmLines
from server.sound_port import MediaSettings
from server.video import OnBlind, OnPacket, VideoRouter


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPath:
    """A media path that is ready for offers."""

    lines: Lines[Any]
    mux: UdpMux | None
    """The port with its counters; None on the stock path, where each connection has ports of its own."""
    video: VideoRouter | None
    """Forwards pictures; there are none on the stock path."""


@asynccontextmanager
async def open_path(settings: MediaSettings) -> AsyncIterator[OpenPath]:
    """Open the path that the settings name.

    Raises:
        NegotiationError: no port is free.
        ValueError: a setting is malformed.
    """
    if settings.path == "stock":
        yield OpenPath(lines=PcmLines(WebRtcPeer), mux=None, video=None)
        return
    async with DirectPath(_mux(settings)) as direct:
        lines = PacketLines[DirectPeer](
            lambda on_state: direct.peer(on_state=on_state), Codec(encoder=encoder, silence=SILENCE)
        )
        async with VideoRouter(lambda **told: _video_peer(direct, **told)) as video:
            yield OpenPath(lines=lines, mux=direct.mux, video=video)


def _video_peer(
    path: DirectPath, *, on_packet: OnPacket, on_blind: OnBlind, on_state: Callable[[str], None]
) -> VideoPeer:
    peer = VideoPeer(path.mux, path.certificate, on_packet=on_packet, on_blind=on_blind, on_state=on_state)
    path.look_after(peer)
    return peer


def _mux(settings: MediaSettings) -> MuxSettings:
    return MuxSettings(ports=parse_ports(settings.ports), advertised=advertised_hosts(settings.advertised))
