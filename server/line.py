"""One end of the socket between the office and the sound process: what waits to be sent, and by which rule."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from typing import cast

from server.wire import Control, Kind, Unpacker, WireError, encode_control, pack

logger = logging.getLogger(__name__)

NEWEST = (Kind.BEAT, Kind.SCENE, Kind.LEVELS)
"""Only the newest matters; it takes the place of one that waits."""
IN_ORDER = {Kind.FRAMES: 50, Kind.PIECE: 240}
"""So many may wait: a second of ticks, two minutes of an avatar. The oldest goes when there are more."""
MOST_CONTROL = 4096
"""Control messages are never dropped: if so many wait, the other side does not read, and the line ends."""
BUFFER = 256 * 1024
"""Bytes handed to the socket at once; more waits here, where the rules are."""


class Waiting:
    """What the socket has no room for yet. Control goes first, then what only the newest matters of."""

    def __init__(self) -> None:
        self._control: deque[bytes] = deque()
        self._newest: dict[Kind, bytes] = {}
        self._in_order: dict[Kind, deque[tuple[str, bytes]]] = {kind: deque() for kind in IN_ORDER}
        self.dropped: Counter[Kind] = Counter()
        """Messages that were in order and never sent."""

    def __len__(self) -> int:
        return len(self._control) + len(self._newest) + sum(map(len, self._in_order.values()))

    def put(self, kind: Kind, payload: bytes, source: str = "") -> None:
        """Add a message.

        Raises:
            WireError: the other side does not read.
        """
        frame = pack(kind, payload)
        if kind is Kind.CONTROL:
            if len(self._control) >= MOST_CONTROL:
                raise WireError(f"{MOST_CONTROL} messages wait; the other side does not read")
            self._control.append(frame)
        elif kind in NEWEST:
            self._newest[kind] = frame
        else:
            queue = self._in_order[kind]
            queue.append((source, frame))
            if len(queue) > IN_ORDER[kind]:
                queue.popleft()
                self.dropped[kind] += 1

    def forget(self, kind: Kind, source: str) -> None:
        """What waits of this source is not wanted any more."""
        queue = self._in_order[kind]
        self._in_order[kind] = deque(entry for entry in queue if entry[0] != source)

    def take(self) -> bytes | None:
        """The next to send; None when nothing waits."""
        if self._control:
            return self._control.popleft()
        for kind in NEWEST:
            if (frame := self._newest.pop(kind, None)) is not None:
                return frame
        for queue in self._in_order.values():
            if queue:
                return queue.popleft()[1]
        return None


class Line(asyncio.Protocol):
    """Sends and takes messages until either side ends it or something comes that is no message."""

    def __init__(
        self,
        *,
        on_message: Callable[[Kind, memoryview], None],
        on_end: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """Prepare.

        Args:
            on_message: called with each message; raises WireError for one that cannot be understood.
            on_end: called once, unless the line was closed from here, with what was wrong; with nothing when the
                other side has closed it.
        """
        self._on_message, self._on_end = on_message, on_end
        self._unpacker = Unpacker()
        self._waiting = Waiting()
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._reason = ""
        self.malformed = 0
        """1 when the line ended because of bytes that are no message."""
        self.faults = 0
        """Messages over which `on_message` fell."""
        self.ended = False
        """Nothing is sent any more."""
        self.gone = asyncio.Event()
        """The socket is closed."""

    @property
    def dropped(self) -> int:
        """Messages that waited too long."""
        return self._waiting.dropped.total()

    def control(self, message: Control) -> None:
        """Send a control message."""
        self.send(Kind.CONTROL, encode_control(message))

    def send(self, kind: Kind, payload: bytes, source: str = "") -> None:
        """Send a message, now or when there is room; nothing happens once the line has ended."""
        if self.ended:
            return
        try:
            self._waiting.put(kind, payload, source)
        except WireError as error:
            self._give_up(str(error))
        self._flush()

    def forget(self, kind: Kind, source: str) -> None:
        """What waits of this source is not to be sent any more."""
        self._waiting.forget(kind, source)

    def close(self) -> None:
        """End it from here, once everything that was handed to the socket is sent."""
        self._on_end = lambda reason: None
        self.ended = True
        if self._transport is not None:
            self._transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ours."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._transport.set_write_buffer_limits(high=BUFFER)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Hand on each whole message."""
        if self.ended:
            return
        try:
            for kind, payload in self._unpacker.feed(data):
                self._take(kind, payload)
        except WireError as error:
            self.malformed += 1
            logger.error("what came over the line is no message", extra={"error": str(error)})
            self._give_up(f"it sent what is no message: {error}")

    def pause_writing(self) -> None:
        """The other side reads too slowly: the rules of `Waiting` begin."""
        self._paused = True

    def resume_writing(self) -> None:
        """There is room again."""
        self._paused = False
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        """It has ended."""
        self.ended = True
        self.gone.set()
        self._on_end(self._reason)

    def _take(self, kind: Kind, payload: memoryview) -> None:
        try:
            self._on_message(kind, payload)
        except WireError:
            raise
        except Exception:
            # Whoever falls over one message must not take the sound from everybody.
            self.faults += 1
            logger.exception("a message could not be dealt with", extra={"kind": kind.name})

    def _give_up(self, reason: str) -> None:
        self._reason = reason
        self.ended = True
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        while self._transport is not None and not self._paused:
            frame = self._waiting.take()
            if frame is None:
                return
            self._transport.write(frame)
