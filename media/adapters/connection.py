"""One browser on the direct path: ICE-lite, DTLS by aiortc, SRTP, and reports about what arrived."""

from __future__ import annotations

import asyncio
import logging
import secrets
import struct
import time
from collections.abc import Callable
from typing import Any, Final, cast

import pylibsrtp
from aiortc import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport, RTCIceTransport
from aiortc.rtp import RtcpPacket

from media.adapters.answer import Line, Offer, write_answer
from media.adapters.ice import PATIENCE, IceLite
from media.adapters.mux import UdpMux
from media.errors import NegotiationError
from media.rtp import RtpError, is_rtcp
from media.signaling import MAX_SDP

logger = logging.getLogger(__name__)

OnState = Callable[[str], None]
"""Takes "connecting", "connected", "failed" or "closed"."""
SETUP_SECONDS: Final = 20.0
"""A connection that does not stand by then has failed."""


class DirectConnection:
    """What sound and video have in common. Subclasses say what is taken of an offer and take what comes.

    aiortc's `RTCDtlsTransport` makes the handshake and the keys; with those (private names, watched by a test)
    packets are opened and sealed here, without aiortc's queues and tasks.

    Args:
        mux: the port.
        certificate: ours, the same for all connections of a process.
        on_state: called with each change of state.
    """

    def __init__(self, mux: UdpMux, certificate: RTCCertificate, *, on_state: OnState | None = None) -> None:
        self.mux = mux
        self.state = "new"
        self.connected = asyncio.Event()
        """Set once packets can flow."""
        self.ended = asyncio.Event()
        """Set once the connection has failed or was closed."""
        self.malformed = 0
        """Packets that could not be opened or read."""
        self.faults = 0
        """Reports about it that could not be made."""
        self.ssrc = secrets.randbits(32)
        """Of our own reports."""
        self.born = time.monotonic()
        self.agent = IceLite(self._take_media, self._path_found, now=self.born)
        self._certificate = certificate
        # Of a transport it only asks for `role`, `_recv` and `_send`.
        self._dtls: Any = RTCDtlsTransport(cast(RTCIceTransport, self.agent), [certificate])
        self._dtls._set_role("server")
        self._dtls.on("statechange", self._dtls_changed)
        self._on_state = on_state
        self._offer: Offer | None = None
        self._version = 1
        self._handshake: asyncio.Task[None] | None = None
        self._open: Callable[[bytes], bytes] | None = None
        self._open_rtcp: Callable[[bytes], bytes] | None = None
        self._seal: Callable[[bytes], bytes] | None = None
        self._seal_rtcp: Callable[[bytes], bytes] | None = None

    # What subclasses say

    def choose(self, media: Any) -> Line | None:
        """How a line of the offer is answered; None refuses it."""
        raise NotImplementedError

    def take_opened(self, data: bytes, now: float) -> None:
        """An opened RTP packet came; raises RtpError where it is none."""
        raise NotImplementedError

    def take_rtcp(self, packet: Any, now: float) -> None:
        """A report or a request came (aiortc's packet classes)."""
        raise NotImplementedError

    def report(self, now: float) -> list[Any]:
        """RTCP packets to be sent together about now; called about once a second."""
        raise NotImplementedError

    # Signalling

    async def answer(self, offer_sdp: str) -> str:
        """Take an offer, give the answer. A second offer of the same browser restarts ICE.

        Raises:
            NegotiationError: the offer cannot be used; a call that stands goes on.
        """
        if len(offer_sdp) > MAX_SDP:
            raise NegotiationError(f"the offer has {len(offer_sdp)} characters, at most {MAX_SDP} are taken")
        offer = Offer.read(offer_sdp)
        if self._offer is not None and not self._continues(offer):
            raise NegotiationError("this offer is of another connection; close this one first")
        first, self._version = self._offer is None, self._version + 1
        if not first and offer.ufrag != self._offer_ufrag:
            self.agent.restart()
        self.mux.refresh()
        answer = write_answer(
            offer,
            self.choose,
            version=self._version,
            ice=(self.agent.ufrag, self.agent.password),
            fingerprints=self._certificate.getFingerprints(),
            candidates=self.mux.candidates(),
        )
        self._offer = offer
        self.mux.add(self.agent)
        if first:
            self._set_state("connecting")
            # aiortc checks the certificate against all of these.
            parameters = RTCDtlsParameters(fingerprints=list(offer.fingerprints))
            self._handshake = asyncio.create_task(self._dtls.start(parameters), name="DTLS handshake")
        return answer

    @property
    def _offer_ufrag(self) -> str:
        return "" if self._offer is None else self._offer.ufrag

    def continues(self, offer_sdp: str) -> bool:
        """Whether an offer is of the browser connection that this is the other end of: an ICE restart.

        Raises:
            NegotiationError: it cannot be read.
        """
        return self._continues(Offer.read(offer_sdp))

    def _continues(self, offer: Offer) -> bool:
        return self._offer is not None and not self.ended.is_set() and offer.identity == self._offer.identity

    async def close(self) -> None:
        """End the connection and forget it. May be called again."""
        if self.state == "closed":
            return
        self._set_state("closed")
        await self._dtls.stop()
        self.agent.close()
        if self._handshake is not None:
            self._handshake.cancel()
            await asyncio.wait([self._handshake])
        self.mux.remove(self.agent)

    def overdue(self, now: float) -> bool:
        """Whether the browser has gone without a word, or never came."""
        if self.state == "connected":
            return now - self.agent.last_check > PATIENCE
        return self.state == "connecting" and now - self.born > SETUP_SECONDS

    def give_up(self) -> None:
        """The other side is gone."""
        self._set_state("failed")

    # Packets

    def send_rtp(self, packet: bytes) -> None:
        """Seal and send a packet; nothing happens before the connection stands."""
        if self._seal is not None:
            self.agent.send(self._seal(packet))

    def send_rtcp(self, packets: list[Any]) -> None:
        """Seal and send reports as one compound packet."""
        if self._seal_rtcp is not None and packets:
            self.agent.send(self._seal_rtcp(b"".join(bytes(packet) for packet in packets)))

    def _take_media(self, data: bytes, now: float) -> None:
        if self._open is None or self._open_rtcp is None:
            return  # DTLS is not through: nobody can send us anything that we could open
        try:
            if is_rtcp(data):
                for packet in RtcpPacket.parse(self._open_rtcp(data)):
                    self.take_rtcp(packet, now)
            else:
                self.take_opened(self._open(data), now)
        except (pylibsrtp.Error, RtpError, ValueError, IndexError, KeyError, struct.error):
            # Forged, repeated or broken: whoever sends such things gets no more of our time than this.
            self.malformed += 1

    # States

    def _path_found(self) -> None:
        logger.debug("media path", extra={"address": str(self.agent.address)})

    def _dtls_changed(self) -> None:
        match self._dtls.state:
            case "connected":
                self._open, self._open_rtcp = self._dtls._rx_srtp.unprotect, self._dtls._rx_srtp.unprotect_rtcp
                self._seal, self._seal_rtcp = self._dtls._tx_srtp.protect, self._dtls._tx_srtp.protect_rtcp
                self._set_state("connected")
            case "failed":
                self._set_state("failed")
            case "closed":
                self._set_state("failed" if self.state == "connected" else self.state)

    def _set_state(self, state: str) -> None:
        if state == self.state or self.state == "closed":
            return
        self.state = state
        if state == "connected":
            self.connected.set()
        elif state in ("failed", "closed"):
            self.ended.set()
        if self._on_state is not None:
            self._on_state(state)
