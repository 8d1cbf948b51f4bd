"""Many people's microphones and ears in one loop: encoded packets go out on time, what comes is counted.

It has to cost much less than the server it loads, so there is no task, queue or timer for each person and no
waking up for what arrives: one beat every 2 ms sends the packets of a tenth of the people and takes what has come
for all. Packets that are looked at closer carry the time at which the kernel had them.
"""

from __future__ import annotations

import asyncio
import random
import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FRAME_SECONDS = 0.02
SLOTS = 10
"""Beats in a frame; each person has one of them."""
SO_TIMESTAMPNS = 35
"""Linux: each datagram with the time of its arrival (socket(7), SO_TIMESTAMPNS)."""
_SAMPLES = 960
_HEADER = struct.Struct("!BBHII")
_BIG = 2048
_LATE = 0.010
"""Seconds after which a beat counts as late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A packet that arrived."""

    time: float
    """Seconds since 1970, by the kernel."""
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A frame that was due."""

    time: float
    """Seconds since 1970."""
    index: int
    """Which of the payloads; the first is 0 again after the last."""
    lost: bool
    """Whether it was thrown away on the way."""


class Line:
    """One person: a socket that is connected to the server, and what they say.

    Args:
        name: the participant.
        sock: connected UDP; closed with the line.
        ssrc: of what they say.
        payload_type: of Opus.
        protect: packet -> what goes onto the wire.
        unprotect: the other way round.
        other: takes datagrams that are not RTP.
    """

    def __init__(
        self,
        *,
        name: str,
        sock: socket.socket,
        ssrc: int,
        payload_type: int,
        protect: Callable[[bytes], bytes] | None = None,
        unprotect: Callable[[bytes], bytes] | None = None,
        other: Callable[[bytes], None] | None = None,
    ) -> None:
        self.name = name
        self.sock = sock
        self.payloads: Sequence[bytes | None] = (None,)
        self.loop = True
        """Whether to begin anew after the last payload."""
        self.slot = 0
        self.loss = 0.0
        """Share of what is said that does not arrive."""
        self.heard = 0
        """Packets received."""
        self.said: list[Said] | None = None
        self.record: list[Heard] | None = None
        self._ssrc, self._type = ssrc, payload_type
        self._protect, self._unprotect, self._other = protect, unprotect, other
        self._sequence, self._timestamp = random.getrandbits(15), random.getrandbits(31)
        self._at = 0
        self._paused = True
        self._random = random.Random(name)
        sock.setblocking(False)

    def say(self, payloads: Sequence[bytes | None], *, loop: bool = True) -> None:
        """Send these from now on, one a frame; None is nothing."""
        self.payloads, self.loop, self._at = payloads, loop, 0

    def listen(self) -> None:
        """Keep what arrives from now on, with times."""
        self.record, self.said = [], []
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def beat(self) -> None:
        """Send the frame that is due."""
        index = self._at
        self._timestamp = (self._timestamp + _SAMPLES) & 0xFFFFFFFF
        if index >= len(self.payloads):
            if not self.loop:
                return
            index = 0
        self._at = index + 1
        payload = self.payloads[index]
        if payload is None:
            self._paused = True
            return
        second = self._type | 0x80 if self._paused else self._type
        self._paused = False
        self._sequence = (self._sequence + 1) & 0xFFFF
        packet = _HEADER.pack(0x80, second, self._sequence, self._timestamp, self._ssrc) + payload
        lost = self.loss > 0 and self._random.random() < self.loss
        if self.said is not None:
            self.said.append(Said(time=time.time(), index=index, lost=lost))
        if lost:
            return
        try:
            self.sock.send(packet if self._protect is None else self._protect(packet))
        except (BlockingIOError, ConnectionRefusedError):
            # A full buffer or a server that is gone loses packets, as a network would; the counts show it.
            return

    def drain(self) -> None:
        """Take everything that has arrived."""
        receive = self._receive if self.record is None else self._receive_timed
        while True:
            try:
                data, at = receive()
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            if not data or not 128 <= data[0] < 192:
                if data and self._other is not None:
                    self._other(data)
                continue
            if 192 <= data[1] < 224:
                continue
            packet = data if self._unprotect is None else self._unprotect(data)
            self.heard += 1
            if self.record is not None:
                self.record.append(Heard(time=at, payload=payload_of(packet)))

    def _receive(self) -> tuple[bytes, float]:
        return self.sock.recv(_BIG), 0.0

    def _receive_timed(self) -> tuple[bytes, float]:
        data, extras, _, _ = self.sock.recvmsg(_BIG, 64)
        for level, kind, value in extras:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("qq", value[:16])
                return data, seconds + nanoseconds * 1e-9
        return data, time.time()


class Generator:
    """The beat of all lines. Runs in an asyncio loop of its own kind."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._slots: list[list[Line]] = [[] for _ in range(SLOTS)]
        self._timer: asyncio.TimerHandle | None = None
        self._start = 0.0
        self._beats = 0
        self.beats = self.late_beats = 0
        """Since `forget_lateness`; late ones came 10 ms or more after they were due."""

    @property
    def lines(self) -> list[Line]:
        """All of them."""
        return list(self._lines.values())

    def add(self, line: Line) -> None:
        """Let a line send and receive."""
        self._lines[line.sock.fileno()] = line
        line.slot = min(range(SLOTS), key=lambda slot: len(self._slots[slot]))
        self._slots[line.slot].append(line)
        self._epoll.register(line.sock.fileno(), select.EPOLLIN)
        if self._timer is None:
            self._start, self._beats = self._loop.time(), 0
            self._timer = self._loop.call_at(self._start, self._beat)

    def move(self, line: Line, slot: int) -> None:
        """Give a line another place in the frame."""
        self._slots[line.slot].remove(line)
        line.slot = slot
        self._slots[slot].append(line)

    def remove(self, line: Line) -> None:
        """Close a line."""
        self._epoll.unregister(line.sock.fileno())
        del self._lines[line.sock.fileno()]
        self._slots[line.slot].remove(line)
        line.sock.close()

    def forget_lateness(self) -> None:
        """Begin to count beats anew."""
        self.beats = self.late_beats = 0

    def close(self) -> None:
        """Stop, and close every line. May be called again."""
        if self._epoll.closed:
            return
        for line in self.lines:
            self.remove(line)
        if self._timer is not None:
            self._timer.cancel()
        self._epoll.close()

    def _beat(self) -> None:
        now = self._loop.time()
        step = FRAME_SECONDS / SLOTS
        due = self._start + self._beats * step
        while due <= now:
            for line in self._slots[self._beats % SLOTS]:
                line.beat()
            self.beats += 1
            self.late_beats += now - due > _LATE
            self._beats += 1
            due += step
        for descriptor, _ in self._epoll.poll(0):
            self._lines[descriptor].drain()
        self._timer = self._loop.call_at(due, self._beat)


def payload_of(packet: bytes) -> bytes:
    """The payload of an RTP packet (RFC 3550 section 5.1)."""
    start = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - packet[-1] if packet[0] & 0x20 else len(packet)
    return packet[start:end]
