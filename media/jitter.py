"""The jitter buffer: RTP packets as they come in, and for each tick what is to be done to have sound.

It counts time, never packets, so that packets of any length, silence that is not sent (DTX) and a sender's clock
that runs differently are all the same to it. The sound at timestamp t is due at

    t + fastest transit + hold

where the transit is followed by `TransitTracker` and the hold covers the jitter. A tick comes up to 20 ms after
what is due, so the delay a packet meets is hold .. hold + 20 ms, and the target delay is its middle, hold + 10 ms.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from media.audio import FRAME, RATE
from media.jitter_settings import JitterSettings, ReceptionStats
from media.opus_toc import packet_samples
from media.transit import BUCKET, BUCKETS, TransitTracker

GRAIN = 120
"""Samples; a decoder conceals whole multiples of 2.5 ms."""
GUESS = 480
"""Samples; what is guessed, where one is free to choose, is a multiple of 10 ms: in its mode for voices libopus
throws the rest away when it is asked for less, and the next packet begins with a click."""
SLACK = RATE // 200
"""Samples that the delay may be off before it is changed: 5 ms, so that noise does not move it to and fro."""
DTX_BYTES = 2
"""A packet of so few bytes says that silence begins or goes on (RFC 6716, section 2.1.9)."""
_FORWARD, _BACKWARD = 3000, 512
"""Sequence numbers that a stream may leap without being another one (RFC 3550, appendix A.1)."""
_EARLIER, _LATER = 1 * RATE, 3 * RATE
"""Samples by which a packet may come earlier or later than those just before it without being another stream."""
_REMEMBERED = 64
"""Sequence numbers of which it is known whether they came."""
_HISTORY = (1 << _REMEMBERED) - 1
_SPARE_TICKS = 15
"""Ticks for which the delay must have been too long before it is shortened."""
_NEXT_TICKS = 5
"""Ticks from one shortening to the next."""
_FAR_BEHIND = 4 * FRAME
"""Samples of needless delay at which there is no waiting: every tick shortens."""


class Verb(Enum):
    """What to do for the next sound."""

    PLAY = "decode the payload"
    SHORTEN = "decode the payload, and what `following` gives, and play them in less time"
    RECOVER = "decode what the payload says about the sound before it (in-band FEC)"
    CONCEAL = "let the decoder guess how the sound goes on"
    SILENCE = "nothing: fade out"


Step = tuple[Verb, bytes, int]
"""What to do, with which payload, and for how many samples."""
_Packet = tuple[int, int, bytes]
"""Timestamp (unwrapped), samples, payload."""

_PLAY = Verb.PLAY
_SILENCE: Step = (Verb.SILENCE, b"", 0)


class JitterBuffer:
    """One stream of Opus packets between the network and the decoder. Pure: time is an argument."""

    __slots__ = (
        "_backlog", "_capacity", "_conceal_most", "_concealed", "_credit", "_delay", "_fade_first", "_follow",
        "_fresh", "_gap_end", "_history", "_hold", "_holds", "_next_sequence", "_next_timestamp", "_oldest",
        "_packets", "_silent", "_spare_ticks", "_started", "_suspect", "_top_sequence",
        "_top_timestamp", "_transit", "counts",
    )  # fmt: skip

    def __init__(self, settings: JitterSettings | None = None) -> None:
        settings = settings or JitterSettings()
        half = FRAME // 2
        shortest, longest = round(settings.minimum * RATE) - half, round(settings.maximum * RATE) - half
        self._holds = tuple(min(max(step * BUCKET, shortest), longest) for step in range(BUCKETS))
        self._backlog = round(settings.backlog * RATE)
        self._capacity = settings.capacity
        self._conceal_most = settings.conceal
        self._transit = TransitTracker(window=settings.window, quantile=settings.quantile)
        self.counts = ReceptionStats()
        """The counters, as they run; the delays in it are only filled in by `stats`."""
        self._silent = True
        self._fade_first = False
        self.clear()

    def clear(self) -> None:
        """Forget the stream and all that waits; keep the counters."""
        self._transit.clear()
        self._packets: dict[int, _Packet] = {}
        self._started = False  # a packet has come
        self._fresh = True  # none was handed out
        self._fade_first = self._fade_first or not self._silent  # silence for a tick before anything is played
        self._silent = True  # what comes next starts when it is due, whatever was before
        self._suspect: tuple[int, int, bytes, float] | None = None
        self._top_sequence = self._top_timestamp = 0  # of the furthest packet; unwrapped, like all below
        self._next_sequence = self._next_timestamp = 0  # what comes after all that was handed out
        self._oldest = 0  # the first that was handed out
        self._gap_end = -1  # timestamp after the lost sound that is being replaced
        self._history = 0  # bit k: whether sequence number `_next_sequence - 1 - k` has come
        self._hold = self._holds[0]
        self._concealed = 0  # guesses in a row
        self._credit = 0  # samples guessed while it was open whether a packet was lost or late
        self._spare_ticks = 0
        self._follow = 0  # samples that `following` may still give
        self._delay = float(self._hold)

    @property
    def waiting(self) -> int:
        """Packets that wait."""
        return len(self._packets)

    @property
    def stats(self) -> ReceptionStats:
        """A copy of the counters with the delays as they are now."""
        return replace(
            self.counts,
            delay_ms=self._delay * 1000 / RATE,
            target_ms=(self._hold + FRAME // 2) * 1000 / RATE,
            jitter_ms=self._transit.level * BUCKET * 1000 / RATE,
        )

    # Packets in.

    def put(self, sequence: int, timestamp: int, payload: bytes, arrival: float) -> None:
        """Take a packet in.

        Args:
            sequence: 16 bits, from the RTP header.
            timestamp: 32 bits, 48 kHz.
            payload: an Opus packet; anything else is dropped and counted.
            arrival: seconds, on the clock of `take`.
        """
        self.counts.received += 1
        samples = packet_samples(payload)
        if not samples:
            self.counts.dropped += 1
            return
        if not self._started:
            self._begin(sequence, timestamp)
        ahead = ((sequence - self._top_sequence + 0x8000) & 0xFFFF) - 0x8000
        later = ((timestamp - self._top_timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        number = self._top_sequence + ahead
        unwrapped = self._top_timestamp + later
        # Measured to the packet's end, where it was sent: so packets of different lengths compare.
        transit = arrival * RATE - unwrapped - samples
        tracker = self._transit
        if 0 < ahead <= _FORWARD and later > 0 and unwrapped >= self._next_timestamp:
            if tracker.knows(arrival) and not -_EARLIER < transit - tracker.base < _LATER:
                self._doubt(sequence, timestamp, payload, arrival)
                return
            self._top_sequence = number
            self._top_timestamp = unwrapped
        elif -_BACKWARD < ahead <= 0 and -_BACKWARD * FRAME < later <= 0:
            if number in self._packets or self._has_come(number):
                self.counts.duplicate += 1
                return
            if number < self._next_sequence or unwrapped < self._next_timestamp:
                self._count_late(number)
                tracker.add(arrival, transit)
                self._hold = self._holds[tracker.level]
                return
        else:
            self._doubt(sequence, timestamp, payload, arrival)
            return
        if len(self._packets) >= self._capacity:
            self._drop(min(self._packets))
        self._packets[number] = (unwrapped, samples, payload)
        tracker.add(arrival, transit)
        self._hold = self._holds[tracker.level]

    def _begin(self, sequence: int, timestamp: int) -> None:
        self._started = True
        self._top_sequence, self._top_timestamp = sequence - 1, timestamp - 1
        # The first packet to come may not be the first that was sent.
        self._next_sequence, self._next_timestamp = sequence - _BACKWARD, timestamp - _BACKWARD * FRAME

    def _doubt(self, sequence: int, timestamp: int, payload: bytes, arrival: float) -> None:
        """A packet that does not fit. If the next one follows it, another stream has begun."""
        before, self._suspect = self._suspect, (sequence, timestamp, payload, arrival)
        if before is None:
            return
        if (sequence - before[0]) & 0xFFFF != 1 or not 0 < (timestamp - before[1]) & 0xFFFFFFFF < RATE:
            self.counts.dropped += 1
            return
        self.counts.resets += 1
        self.counts.dropped += len(self._packets)
        self.counts.received -= 2  # they are counted once more now
        self.clear()
        self.put(*before)
        self.put(sequence, timestamp, payload, arrival)

    def _has_come(self, number: int) -> bool:
        behind = self._next_sequence - 1 - number
        return behind >= 0 and bool(self._history >> behind & 1)

    def _count_late(self, number: int) -> None:
        behind = self._next_sequence - 1 - number
        if not 0 <= behind < _REMEMBERED:
            self.counts.dropped += 1
            return
        self._history |= 1 << behind
        self.counts.late += 1
        if number > self._oldest:
            self.counts.lost -= 1

    def _drop(self, number: int) -> None:
        """Leave out a waiting packet and all before it."""
        timestamp, samples, _ = self._packets[number]
        self._hand_out(number, timestamp + samples)
        self.counts.dropped += 1
        self._fade_first = self._fade_first or not self._silent
        self._silent = True

    # Sound out.

    def take(self, now: float, held: int) -> Step:
        """Say what to do for the next sound. Ask again until there is enough for the tick.

        Args:
            now: seconds.
            held: samples that were decoded and not played yet, less than a frame.
        """
        packet = self._packets.get(self._next_sequence)
        if packet is not None and not self._silent:
            timestamp, samples, payload = packet
            late = now * RATE - self._transit.base - self._hold - timestamp - samples
            if (
                timestamp == self._next_timestamp
                and late >= -SLACK
                and late + held <= FRAME + SLACK
                and held + samples >= FRAME
                and not self._credit
                and len(payload) > DTX_BYTES
            ):
                # `_hand_out`, written out: this is where nearly every packet passes.
                del self._packets[self._next_sequence]
                self._next_sequence += 1
                self._next_timestamp = timestamp + samples
                self._history = (self._history << 1 | 1) & _HISTORY
                self._concealed = self._spare_ticks = 0
                self._delay = late + self._hold + held
                return _PLAY, payload, samples
        return self._decide(now, held)

    def following(self) -> Step | None:
        """After SHORTEN: the packet after that one, to be played in the same tick, if it can be spared."""
        packet = self._packets.get(self._next_sequence)
        if packet is None:
            return None
        timestamp, samples, payload = packet
        if samples > self._follow or timestamp != self._next_timestamp or len(payload) <= DTX_BYTES:
            return None
        self._follow -= samples
        self._hand_out(self._next_sequence, timestamp + samples)
        return _PLAY, payload, samples

    def _decide(self, now: float, held: int) -> Step:
        if self._fade_first:
            self._fade_first = False
            return _SILENCE
        due = now * RATE - self._transit.base - self._hold
        if self._silent:
            return self._start(due)
        if not self._packets:
            return self._guess(held)
        number = self._first()
        timestamp, samples, payload = self._packets[number]
        missing = timestamp - self._next_timestamp - self._credit
        if missing >= GRAIN:
            if number == self._next_sequence and timestamp != self._gap_end:
                return self._pause()  # no packet is missing: the sender was silent
            return self._replace(number, missing, held)
        if len(payload) <= DTX_BYTES:
            self._hand_out(number, timestamp + samples)
            return self._pause()
        late = due - timestamp - samples
        if late > self._backlog:
            self._leave_out(due)
            return self._pause()
        if late - _more(held, samples) < -SLACK:
            return self._guess(held)
        if self._credit - (timestamp - self._next_timestamp) >= GRAIN:
            self.counts.inserted += 1
        self._delay = late + self._hold + held
        self._hand_out(number, timestamp + samples)
        return (Verb.SHORTEN if self._spare(late, held, samples) else _PLAY), payload, samples

    def _first(self) -> int:
        return self._next_sequence if self._next_sequence in self._packets else min(self._packets)

    def _start(self, due: float) -> Step:
        """Begin with the first packet that is due and not silent, if there is one."""
        while self._packets:
            number = self._first()
            timestamp, samples, payload = self._packets[number]
            late = due - timestamp - samples - _more(0, samples)
            if late < 0:
                break
            if late > self._backlog:
                self._leave_out(due)
                continue
            self._hand_out(number, timestamp + samples)
            if len(payload) > DTX_BYTES:
                self._silent = False
                self._delay = late + self._hold
                return _PLAY, payload, samples
        return _SILENCE

    def _pause(self) -> Step:
        self._silent = True
        return _SILENCE

    def _guess(self, held: int) -> Step:
        """Nothing can be played: the next packet is late or lost, or the delay is to grow."""
        if self._concealed >= self._conceal_most:
            return self._pause()
        samples = -(-(FRAME - held) // GUESS) * GUESS
        self._credit += samples
        return self._conceal(samples)

    def _replace(self, number: int, missing: int, held: int) -> Step:
        """Sound before packet `number` is lost: recover or conceal it."""
        timestamp, samples, payload = self._packets[number]
        if missing == samples:
            self._pass(number)
            self._next_timestamp = timestamp
            self._credit = self._concealed = self._spare_ticks = 0
            self.counts.recovered += 1
            return Verb.RECOVER, payload, samples
        if self._concealed >= self._conceal_most:
            return self._pause()
        part = min(missing // GRAIN * GRAIN, -(-(FRAME - held) // GUESS) * GUESS)
        self._pass(min(number, self._next_sequence + 1))
        self._next_timestamp += self._credit + part
        self._credit = 0
        self._gap_end = timestamp
        return self._conceal(part)

    def _conceal(self, samples: int) -> Step:
        self._concealed += 1
        self._spare_ticks = 0
        self.counts.concealed += 1
        return Verb.CONCEAL, b"", samples

    def _spare(self, late: float, held: int, samples: int) -> bool:
        """Whether to shorten the sound of this tick, as the delay has been too long for a while."""
        spare = late + held - max(0, FRAME - samples) - FRAME - SLACK
        if spare <= 0:
            self._spare_ticks = 0
            return False
        self._spare_ticks += 1
        if held + samples < FRAME or (self._spare_ticks < _SPARE_TICKS and spare < _FAR_BEHIND):
            return False
        # What follows may only be played a frame earlier if it is due by then.
        self._follow = FRAME if late >= FRAME else 0
        if not self._follow and held + samples - FRAME < 2 * GRAIN:
            return False
        self._spare_ticks = _SPARE_TICKS - _NEXT_TICKS
        return True

    def _leave_out(self, due: float) -> None:
        """Drop what has waited longer than the backlog may be."""
        while self._packets:
            number = self._first()
            timestamp, samples, _ = self._packets[number]
            if due - timestamp - samples <= self._backlog:
                return
            self._hand_out(number, timestamp + samples)
            self.counts.dropped += 1

    def _hand_out(self, number: int, end: int) -> None:
        del self._packets[number]
        self._pass(number)
        self._history = (self._history << 1 | 1) & _HISTORY
        self._next_sequence = number + 1
        self._next_timestamp = end
        self._credit = self._concealed = 0

    def _pass(self, number: int) -> None:
        """Give up all before `number` that has not come."""
        missing = number - self._next_sequence
        if self._fresh:
            self._fresh = False
            self._oldest = number
        elif missing > 0:
            self.counts.lost += missing
            self._history = self._history << min(missing, _REMEMBERED) & _HISTORY
        self._next_sequence = number


def _more(held: int, samples: int) -> int:
    """Samples of further packets that a tick needs beside what is held and one packet of `samples`."""
    return -(-max(0, FRAME - held - samples) // samples) * samples
