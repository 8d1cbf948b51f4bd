"""Video of people: what an offer lays out for it, and what is remembered of each stream that comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from media.errors import NegotiationError
from media.rtp import Rtp, sequence_gap
from media.vp8 import Vp8, Vp8Error, read

Kind = Literal["screen", "camera"]

SCREENS_SEEN: Final = 2
"""Lines of a viewer for screens; the office shows nobody more at once."""
CAMERAS_SEEN: Final = 6
"""Lines of a viewer for cameras."""
HISTORY: Final = 512
"""Packets of a stream that are kept to be sent again; a power of two. Two seconds of a busy screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSettings:
    """How much video goes through, and how loss is met."""

    screen_bps: int = 1_500_000
    camera_bps: int = 150_000
    most_bps: int = 60_000_000
    """Of all that is forwarded, each stream counted with all it may take: 40 screens or 400 cameras."""
    key_seconds: float = 0.5
    """A sender is asked for a key picture at most so often."""
    ask_seconds: float = 0.1
    """A lost packet is asked for again after so long."""
    asks: int = 4
    """So often; then a key picture is asked for instead."""
    reorder_seconds: float = 0.01
    """A packet that is late by less was only overtaken."""
    burst_seconds: float = 2.0
    """A sender may be ahead of its bit rate by so much: a key picture of a screen is large."""
    resends_per_second: int = 200
    """Packets that one viewer may have again."""

    def bps(self, kind: Kind) -> int:
        """Bits a second that a stream of this kind may take."""
        return self.screen_bps if kind == "screen" else self.camera_bps


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLines:
    """The m-lines of a video connection by their mids, as the browser named them."""

    sends: Mapping[Kind, str]
    """What the browser sends."""
    sees: Mapping[Kind, tuple[str, ...]]
    """Where it takes what others send."""

    @classmethod
    def read(cls, sdp: str) -> VideoLines:
        """Lines by their order in an offer: a camera and a screen out, then screens and cameras in.

        Raises:
            NegotiationError: a line is of another kind or goes both ways, or there are too many.
        """
        outgoing: list[str] = []
        incoming: list[str] = []
        for section in re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]:
            mid = re.search(r"^a=mid:(\S{1,16})\s*$", section, re.MULTILINE)
            way = re.search(r"^a=(sendonly|recvonly)\s*$", section, re.MULTILINE)
            if not section.startswith("video ") or mid is None or way is None:
                raise NegotiationError("a video offer has only video lines, each with a mid and one way")
            (outgoing if way[1] == "sendonly" else incoming).append(mid[1])
        if len({*outgoing, *incoming}) != len(outgoing) + len(incoming):
            raise NegotiationError("two lines of the video offer have the same mid")
        if len(outgoing) != 2 or len(incoming) != SCREENS_SEEN + CAMERAS_SEEN:
            raise NegotiationError(
                f"a video offer has 2 lines out (camera, screen) and {SCREENS_SEEN + CAMERAS_SEEN} in"
                f" ({SCREENS_SEEN} screens, {CAMERAS_SEEN} cameras), not {len(outgoing)} and {len(incoming)}"
            )
        return cls(
            sends={"camera": outgoing[0], "screen": outgoing[1]},
            sees={"screen": tuple(incoming[:SCREENS_SEEN]), "camera": tuple(incoming[SCREENS_SEEN:])},
        )


class Allowance:
    """So much a second on average, and some of it at once."""

    def __init__(self, per_second: float, at_once: float) -> None:
        """Begins full."""
        self._rate, self._most = per_second, at_once
        self._left, self._then = at_once, 0.0

    def take(self, amount: float, now: float) -> bool:
        """Whether so much is allowed now; it is used up if it is."""
        self._left = min(self._most, self._left + (now - self._then) * self._rate)
        self._then = now
        if self._left < amount:
            return False
        self._left -= amount
        return True


@dataclass(slots=True)
class _Gap:
    """A packet that has not come."""

    due: float
    asks: int = 0


class Stream:
    """What one person sends on one line. Pure: remembers packets, notices loss, keeps to the bit rate."""

    def __init__(self, kind: Kind, settings: VideoSettings) -> None:
        """Nothing has come yet."""
        self.kind = kind
        self.packets = self.repeated = self.malformed = self.over = self.stray = 0
        """Packets taken; packets that came twice, were no VP8, were too many, or were far from the rest."""
        self.beginning = 0
        """Counts how often the sender's numbers began anew."""
        self._settings = settings
        self._kept: list[tuple[Rtp, Vp8] | None] = [None] * HISTORY
        self._newest: int | None = None
        self._after_stray = -1
        self._missing: dict[int, _Gap] = {}
        self._asked_key: float | None = None
        self._broken = False
        rate = settings.bps(kind) / 8
        self._allowance = Allowance(1.25 * rate, settings.burst_seconds * rate)

    def take(self, packet: Rtp, now: float) -> Vp8 | None:
        """Remember a packet; what it says of itself, or None if nobody should get it."""
        if self._strays(packet.sequence):
            self.stray += 1
            return None
        if self.find(packet.sequence) is not None:
            self.repeated += 1
            return None
        try:
            vp8 = read(packet.payload)
        except Vp8Error:
            self.malformed += 1
            return None
        self._note_gaps(packet.sequence, now)
        if not self._allowance.take(len(packet.payload), now):
            self.over += 1
            return None
        self._kept[packet.sequence % HISTORY] = (packet, vp8)
        self.packets += 1
        if vp8.key:
            self._broken = False
        return vp8

    def find(self, sequence: int) -> tuple[Rtp, Vp8] | None:
        """The packet of that number, if it is among the last ones."""
        kept = self._kept[sequence % HISTORY]
        return kept if kept is not None and kept[0].sequence == sequence else None

    @property
    def missing(self) -> bool:
        """Whether packets have not come that later ones overtook."""
        return bool(self._missing)

    def due(self, now: float) -> list[int]:
        """Numbers of the packets that should be asked for now, in ascending order."""
        settings = self._settings
        out: list[int] = []
        for sequence, gap in list(self._missing.items()):
            if gap.due > now:
                continue
            if gap.asks >= settings.asks:
                del self._missing[sequence]
                self._broken = True
                continue
            gap.asks += 1
            gap.due = now + settings.ask_seconds
            out.append(sequence)
        return sorted(out)

    @property
    def broken(self) -> bool:
        """Whether something is lost for good, so that only a key picture helps."""
        return self._broken

    def ask_key(self, now: float) -> bool:
        """Whether a key picture may be asked for now; it is taken as done if so."""
        if self._asked_key is not None and now - self._asked_key < self._settings.key_seconds:
            return False
        self._asked_key = now
        return True

    def _strays(self, sequence: int) -> bool:
        """Whether a packet is too far from the others. Two such in a row are another beginning (RFC 3550 A.1)."""
        if self._newest is None or abs(sequence_gap(sequence, self._newest)) < HISTORY:
            return False
        if sequence != self._after_stray:
            self._after_stray = (sequence + 1) & 0xFFFF
            return True
        self.beginning += 1
        self._newest = None
        self._kept = [None] * HISTORY
        self._missing.clear()
        self._broken = True
        return False

    def _note_gaps(self, sequence: int, now: float) -> None:
        if self._newest is None:
            self._newest = sequence
            return
        gap = sequence_gap(sequence, self._newest)
        if gap <= 0:
            self._missing.pop(sequence, None)
            return
        if gap + len(self._missing) > HISTORY // 2:
            # So much is not sent again; a picture is asked for anew.
            self._missing.clear()
            self._broken = True
        else:
            due = now + self._settings.reorder_seconds
            for back in range(gap - 1, 0, -1):
                self._missing[(sequence - back) & 0xFFFF] = _Gap(due)
        self._newest = sequence
