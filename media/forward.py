"""What one viewer gets: a stream that never breaks off, whoever is behind it.

A receiver of RTP takes a jump in the sequence numbers for loss, and a decoder of VP8 needs a key picture before
anything else. So each line of a viewer has numbers of its own, which go on where the last source stopped, and
another source is let through only from its next key picture on.
"""

from __future__ import annotations

from typing import Final, Protocol

from media.rtp import HEADER, MARKER, Rtp, sequence_gap, timestamp_gap
from media.vp8 import LAYERS, PICTURES, Vp8, renumber

CLOCK: Final = 90_000
"""Ticks of a video timestamp in a second."""
LONGEST_GAP: Final = 512
"""Packets: a longer jump is no loss that could be mended but another beginning."""
_VERSION: Final = 0x80


class Kept(Protocol):
    """The last packets of a sender."""

    beginning: int
    """Grows when the sender's numbers begin anew."""

    def find(self, sequence: int) -> tuple[Rtp, Vp8] | None:
        """The packet of that number, if it is still there."""


class Forward:
    """One line of a viewer. Pure: packets of the source in, packets for the viewer out.

    Args:
        ssrc: by which the viewer knows the line.
        payload_type: of VP8 on it.
        sequence: number of the first packet; below 32768, since a receiver of SRTP has to guess how often the
            numbers wrapped before it came.
        timestamp: of the first picture.
        picture: number of the first picture.
    """

    def __init__(self, *, ssrc: int, payload_type: int, sequence: int, timestamp: int, picture: int) -> None:
        self.ssrc, self.payload_type = ssrc, payload_type
        self.source: Kept | None = None
        self.waiting = False
        """There is a source, and its next key picture is needed."""
        self.packets = self.octets = 0
        """What was let through."""
        # The last numbers given out; the next source goes on behind them.
        self._sequence = (sequence - 1) & 0xFFFF
        self._timestamp = (timestamp - 1) & 0xFFFFFFFF
        self._picture = (picture - 1) % PICTURES
        self._tl0 = 0
        self._at: float | None = None
        # Of the present source: the highest number seen, how far it is behind the first, and what is added to all.
        self._beginning = self._newest = self._length = 0
        self._add_timestamp = self._add_picture = self._add_tl0 = 0

    def switch(self, source: Kept | None) -> None:
        """Show another source from its next key picture on, or none."""
        self.source = source
        self.waiting = source is not None

    def take(self, packet: Rtp, vp8: Vp8, now: float) -> bytes | None:
        """The viewer's packet for a packet of the source.

        Args:
            packet: each packet of the source once, in the order of arrival.
            vp8: what its payload says.
            now: seconds; used for how long nothing was shown between two sources.

        Returns:
            What is to be sealed and sent; None if the viewer cannot use it.
        """
        if self.waiting:
            if not vp8.key:
                return None
            self._begin(packet, vp8, now)
        gap = sequence_gap(packet.sequence, self._newest)
        if abs(gap) > LONGEST_GAP or (self.source is not None and self.source.beginning != self._beginning):
            self.waiting = True
            return self.take(packet, vp8, now)
        if self._length + gap < 0:
            return None
        if gap > 0:
            self._newest = packet.sequence
            self._length += gap
            self._sequence = (self._sequence + gap) & 0xFFFF
            gap = 0
        out = self._renumbered(packet, vp8, gap)
        self._remember(packet, vp8, now)
        self.packets += 1
        self.octets += len(out) - HEADER.size
        return out

    def again(self, sequence: int) -> bytes | None:
        """The same packet once more for a viewer who missed it; None if it cannot be had."""
        gap = sequence_gap(sequence, self._sequence)
        if self.source is None or self.waiting or gap > 0 or self._length + gap < 0:
            return None
        kept = self.source.find((self._newest + gap) & 0xFFFF)
        if kept is None or self.source.beginning != self._beginning:
            return None
        return self._renumbered(*kept, gap)

    def clock(self, now: float) -> int:
        """The line's timestamp of this moment, for sender reports."""
        return (self._timestamp + self._since(now)) & 0xFFFFFFFF

    def _since(self, now: float) -> int:
        return 0 if self._at is None else max(0, int((now - self._at) * CLOCK))

    def _begin(self, packet: Rtp, vp8: Vp8, now: float) -> None:
        self.waiting = False
        self._beginning = 0 if self.source is None else self.source.beginning
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._newest, self._length = packet.sequence, 0
        self._add_timestamp = self._timestamp + max(1, self._since(now)) - packet.timestamp
        self._add_picture = self._picture + 1 - (vp8.picture or 0)
        self._add_tl0 = self._tl0 + 1 - (vp8.tl0 or 0)

    def _renumbered(self, packet: Rtp, vp8: Vp8, gap: int) -> bytes:
        """Depends on nothing that changes while a source is shown: a number never stands for two packets."""
        payload = renumber(
            packet.payload,
            vp8,
            ((vp8.picture or 0) + self._add_picture) % PICTURES,
            ((vp8.tl0 or 0) + self._add_tl0) % LAYERS,
        )
        return (
            HEADER.pack(
                _VERSION,
                self.payload_type | MARKER if packet.marker else self.payload_type,
                (self._sequence + gap) & 0xFFFF,
                (packet.timestamp + self._add_timestamp) & 0xFFFFFFFF,
                self.ssrc,
            )
            + payload
        )

    def _remember(self, packet: Rtp, vp8: Vp8, now: float) -> None:
        timestamp = (packet.timestamp + self._add_timestamp) & 0xFFFFFFFF
        if self._at is None or timestamp_gap(timestamp, self._timestamp) > 0:
            self._timestamp, self._at = timestamp, now
        if vp8.picture is not None:
            ahead = (vp8.picture + self._add_picture - self._picture) % PICTURES
            if ahead < PICTURES // 2:
                self._picture = (self._picture + ahead) % PICTURES
        if vp8.tl0 is not None:
            ahead = (vp8.tl0 + self._add_tl0 - self._tl0) % LAYERS
            if ahead < LAYERS // 2:
                self._tl0 = (self._tl0 + ahead) % LAYERS
